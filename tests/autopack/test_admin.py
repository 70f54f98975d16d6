"""Projects, keys and people in the admin."""

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from autopack.actors import Actor, Role
from autopack.models import ApiKey, Project
from autopack.services.keys import CreatedKey, authenticate_key, revoke_key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.planted_urls")]

MakeKey = Callable[..., CreatedKey]
MakeProject = Callable[..., Project]

PROJECT_ADD = "/admin/autopack/project/add/"
KEY_ADD = "/admin/autopack/apikey/add/"
KEYS = "/admin/autopack/apikey/"
PROJECT = {
    "project_id": "shop",
    "name": "Shop",
    "repo_path": "/srv/shop",
    "default_branch": "main",
    "safety_profile": "normal",
    "default_run_scope": "multi_tier",
    "ci_kind": "local",
    "ci_normal": '[{"name": "t", "run": ["make", "test"], "timeout": "5m"}]',
    "ci_strict": "",
    "protected_paths": "[]",
    "path_policy": "{}",
    "is_active": "on",
}


@pytest.fixture
def admin(client: Client, make_user: Callable[..., User]) -> Client:
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    return client


def _errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    errors: dict[str, list[str]] = response.context["adminform"].form.errors
    return errors


def test_strangers_and_people_who_are_no_staff_are_sent_to_sign_in(
    client: Client, make_user: Callable[..., User]
) -> None:
    assert client.get(KEYS).status_code == 302
    client.force_login(make_user("ada", *Role))
    assert client.get(KEYS).status_code == 302


def test_staff_without_permission_see_no_keys(client: Client, make_user: Callable[..., User]) -> None:
    client.force_login(make_user("ada", is_staff=True))
    assert client.get(KEYS).status_code == 403
    assert client.get(KEY_ADD).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("project_id", "a b", "A project id is 1 to 100 of letters"),
        ("repo_path", "srv/shop", "This must be an absolute path."),
        ("default_branch", "a..b", "'a..b' is not a name of a branch"),
        ("ci_normal", "[", "Enter a valid JSON."),
        ("ci_normal", '[{"name": "t"}]', "[0]: needs exactly one of run"),
        ("ci_strict", '[{"name": "t", "run": "x", "timeout": "3h"}]', "[0].timeout: must be between"),
        ("protected_paths", '["a", 1]', "[1]: must be a text"),
        ("path_policy", '{"max_files": -1}', "max_files: must be a whole number"),
        ("ci_kind", "jenkins", "Select a valid choice."),
    ],
)
def test_a_wrong_project_is_refused_with_the_message_beside_its_field(
    admin: Client, field: str, value: str, message: str
) -> None:
    errors = _errors(admin.post(PROJECT_ADD, {**PROJECT, field: value}))
    assert list(errors) == [field]
    assert any(text.startswith(message) for text in errors[field])
    assert not Project.objects.exists()


def test_every_problem_of_the_steps_is_shown(admin: Client) -> None:
    steps = '[{"name": "t", "run": "x", "timeout": "3h", "retries": 9}]'
    assert len(_errors(admin.post(PROJECT_ADD, {**PROJECT, "ci_normal": steps}))["ci_normal"]) == 3


def test_steps_without_effect_are_refused(admin: Client) -> None:
    errors = _errors(admin.post(PROJECT_ADD, {**PROJECT, "ci_kind": "external"}))
    assert errors == {
        "ci_normal": ["This has no effect with external CI: remove the steps, or make it local."]
    }


def test_a_project_of_the_file_is_shown_and_cannot_be_changed(
    admin: Client, make_project: MakeProject
) -> None:
    project = make_project("shop", source="file")
    url = f"/admin/autopack/project/{project.pk}/change/"
    assert b"/srv/shop" in admin.get(url).content
    assert admin.post(url, {**PROJECT, "name": "Other"}).status_code == 403
    assert Project.objects.get().name == "shop"


def test_nothing_is_deleted(admin: Client, make_project: MakeProject, make_key: MakeKey) -> None:
    project, key = make_project("shop"), make_key().key
    for url in (f"/admin/autopack/project/{project.pk}/delete/", f"{KEYS}{key.pk}/delete/"):
        assert admin.post(url, {"post": "yes"}).status_code == 403
    admin.post(KEYS, {"action": "delete_selected", "_selected_action": [key.pk], "post": "yes"})
    assert ApiKey.objects.exists()


def test_a_project_is_made_and_changed(admin: Client) -> None:
    assert admin.post(PROJECT_ADD, PROJECT).status_code == 302
    project = Project.objects.get()
    assert (project.source, project.is_active, project.repo_path) == ("admin", True, "/srv/shop")
    assert project.ci_normal == [{"name": "t", "run": ["make", "test"], "timeout": 300}]
    assert (project.ci_strict, project.protected_paths) == ([], [])
    url = f"/admin/autopack/project/{project.pk}/change/"
    page = admin.get(url)
    assert json.loads(page.context["adminform"].form["ci_normal"].value()) == project.ci_normal
    changes = {**PROJECT, "project_id": "renamed", "name": "New", "is_active": "", "protected_paths": ""}
    assert admin.post(url, changes).status_code == 302
    project.refresh_from_db()
    assert (project.project_id, project.name, project.is_active) == ("shop", "New", False)
    assert "Jenkinsfile" in project.protected_paths


def test_another_repository_has_to_be_looked_at_again(admin: Client, make_project: MakeProject) -> None:
    project = make_project("shop", repository_status="usable")
    url = f"/admin/autopack/project/{project.pk}/change/"
    admin.post(url, PROJECT)
    assert Project.objects.get().repository_status == "usable"
    admin.post(url, {**PROJECT, "repo_path": "/srv/moved"})
    assert Project.objects.get().repository_status == "unknown"


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("roles", []), ("roles", ["king"]), ("limited_to", ["99"])]
)
def test_a_wrong_key_is_refused_beside_its_field(admin: Client, field: str, value: object) -> None:
    form: dict[str, Any] = {"name": "Cursor", "roles": ["builder"], field: value}
    assert list(_errors(admin.post(KEY_ADD, form))) == [field]
    assert not ApiKey.objects.exists()


def test_a_key_that_would_have_expired_is_refused(admin: Client) -> None:
    form = {"name": "x", "roles": ["builder"], "expires_at_0": "2020-01-01", "expires_at_1": "00:00"}
    assert list(_errors(admin.post(KEY_ADD, form))) == ["expires_at"]


def test_a_new_key_is_shown_exactly_once(admin: Client, make_project: MakeProject) -> None:
    shop = make_project("shop")
    tomorrow = timezone.now() + timedelta(days=1)
    form = {
        "name": "Cursor",
        "roles": ["builder", "verifier"],
        "limited_to": [shop.pk],
        "expires_at_0": f"{tomorrow:%Y-%m-%d}",
        "expires_at_1": "12:00",
    }
    response = admin.post(KEY_ADD, form, follow=True)
    shown = set(re.findall(r"ap_[a-z0-9]{8}_[A-Za-z0-9]{40}", html.unescape(response.content.decode())))
    assert len(shown) == 1
    plaintext = shown.pop()
    actor = authenticate_key(plaintext)
    assert actor.roles == frozenset({Role.BUILDER, Role.VERIFIER})
    assert actor.project_ids == frozenset({"shop"})
    key = ApiKey.objects.get()
    assert key.created_by.startswith("user:")
    assert key.expires_at is not None
    for url in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/history/"):
        later = admin.get(url)
        assert later.status_code == 200
        assert plaintext.split("_")[2] not in later.content.decode()
        assert key.secret_hash not in later.content.decode()


def test_only_the_name_of_a_key_changes(admin: Client, make_key: MakeKey) -> None:
    key = make_key(Role.READER).key
    before = ApiKey.objects.values().get()
    changes = {"name": "Renamed", "roles": ["operator"], "secret_hash": "0" * 64, "prefix": "aaaaaaaa"}
    assert admin.post(f"{KEYS}{key.pk}/change/", changes).status_code == 302
    assert ApiKey.objects.values().get() == {**before, "name": "Renamed"}


def test_revoking_asks_first(admin: Client, make_key: MakeKey) -> None:
    keys = [make_key().key, make_key().key]
    selected = {"action": "revoke_selected", "_selected_action": [key.pk for key in keys]}
    response = admin.post(KEYS, selected)
    assert response.status_code == 200
    assert b"cannot be undone" in response.content
    assert not ApiKey.objects.revoked().exists()
    response = admin.post(KEYS, {**selected, "confirmed": "yes"}, follow=True)
    assert b"2 keys revoked." in response.content
    assert ApiKey.objects.revoked().count() == 2


def test_one_key_is_revoked_from_its_page(admin: Client, make_key: MakeKey) -> None:
    key = make_key().key
    other = make_key().key
    url = reverse("admin:autopack_apikey_revoke_one", args=[key.pk])
    assert url in admin.get(f"{KEYS}{key.pk}/change/").content.decode()
    assert admin.get(url).status_code == 200
    assert not ApiKey.objects.revoked().exists()
    assert admin.post(url, {"confirmed": "yes"}).status_code == 302
    assert [k.pk for k in ApiKey.objects.revoked()] == [key.pk]
    assert b"Revoked." in admin.get(f"{KEYS}{key.pk}/history/").content
    assert ApiKey.objects.get(pk=other.pk).revoked_at is None


def test_staff_who_only_look_cannot_revoke(
    client: Client, make_user: Callable[..., User], make_key: MakeKey
) -> None:
    key = make_key().key
    user = make_user("ada", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_apikey"))
    client.force_login(user)
    assert client.get(KEYS).status_code == 200
    url = reverse("admin:autopack_apikey_revoke_one", args=[key.pk])
    assert client.post(url, {"confirmed": "yes"}).status_code == 403
    selected = {"action": "revoke_selected", "_selected_action": [key.pk], "confirmed": "yes"}
    client.post(KEYS, selected)
    assert not ApiKey.objects.revoked().exists()


def test_keys_are_found_by_role_and_state(admin: Client, make_key: MakeKey, actor: Actor) -> None:
    active = make_key(Role.BUILDER).key
    expired = make_key(Role.READER).key
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(days=1))
    revoked = revoke_key(make_key(Role.BUILDER).key, actor=actor)

    def listed(query: str) -> set[int]:
        return {key.pk for key in admin.get(f"{KEYS}?{query}").context["cl"].queryset}

    assert listed("state=active") == {active.pk}
    assert listed("state=expired") == {expired.pk}
    assert listed("state=revoked") == {revoked.pk}
    assert listed("role=builder") == {active.pk, revoked.pk}
    assert listed(f"q={expired.prefix}") == {expired.pk}
    assert listed("") == {active.pk, expired.pk, revoked.pk}


def test_the_lists_need_the_same_queries_for_few_and_for_many(
    admin: Client,
    make_project: MakeProject,
    make_key: MakeKey,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for url in (KEYS, "/admin/autopack/project/"):
        make_key(projects=(make_project(f"one-{len(url)}"),))
        admin.get(url)
        with CaptureQueriesContext(connection) as few:
            admin.get(url)
        for number in range(5):
            make_key(projects=(make_project(f"p-{len(url)}-{number}"),))
        with django_assert_num_queries(len(few)):
            admin.get(url)


@pytest.mark.parametrize("page", ["", "auth/user/", "auth/user/add/", "auth/group/", "autopack/project/"])
def test_pages_open(admin: Client, page: str) -> None:
    assert admin.get(f"/admin/{page}").status_code == 200
