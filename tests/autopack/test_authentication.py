"""Keys and sessions at the door, and roles behind it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from autopack.actors import Actor, Role
from autopack.models import ApiKey, Project
from autopack.services.keys import CreatedKey, revoke_key

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.planted_urls")]

MakeKey = Callable[..., CreatedKey]
MakeUser = Callable[..., User]


def _bearer(created: CreatedKey, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {created.plaintext}"}


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": ""}, {"Authorization": "Token x"}]
)
def test_without_credentials_it_is_401_with_a_challenge_and_a_hint(
    client: Client, headers: dict[str, str]
) -> None:
    response = client.get("/api/who", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="autopack"'
    assert response.json()["code"] == "not_authenticated"
    assert "Bearer" in response.json()["detail"]


@pytest.mark.parametrize("credentials", ["Bearer", "Bearer x", "Api-Key ap_aaaaaaaa_x", "bearer  \u00fc"])
def test_a_key_that_is_none_is_401(client: Client, credentials: str) -> None:
    response = client.get("/api/who", headers={"Authorization": credentials.encode().decode("latin1")})
    assert response.status_code == 401
    assert response.json()["code"] == "invalid_key"
    assert "WWW-Authenticate" in response.headers


def test_expired_and_revoked_keys_are_401_with_codes_of_their_own(
    client: Client, make_key: MakeKey, actor: Actor
) -> None:
    expired, revoked = make_key(), make_key()
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now() - timedelta(days=1))
    revoke_key(revoked.key, actor=actor)
    for created, code in ((expired, "expired_key"), (revoked, "revoked_key")):
        response = client.get("/api/who", headers=_bearer(created))
        assert (response.status_code, response.json()["code"]) == (401, code)


def test_a_bad_key_is_refused_although_the_session_is_good(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("ada", Role.OPERATOR))
    assert client.get("/api/who", headers={"Authorization": "Bearer ap_wrong"}).status_code == 401


def test_a_person_without_a_role_is_403_even_to_read(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("new"))
    response = client.get("/api/who")
    assert (response.status_code, response.json()["code"]) == (403, "missing_role")
    assert response.json()["held"] == []


def test_a_missing_role_is_403_and_names_the_roles_needed_and_held(client: Client, make_key: MakeKey) -> None:
    response = client.post("/api/builders", headers=_bearer(make_key(Role.READER, Role.AUDITOR)))
    assert response.status_code == 403
    problem = response.json()
    assert problem["code"] == "missing_role"
    assert problem["needed"] == ["builder"]
    assert problem["held"] == ["auditor", "reader"]


def test_a_session_writes_only_with_the_csrf_token(make_user: MakeUser) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ada", Role.BUILDER))
    response = client.post("/api/builders")
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


def test_a_key_needs_no_csrf_token(make_key: MakeKey) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/api/builders", headers=_bearer(make_key(Role.BUILDER))).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Api-Key", "API-KEY"])
def test_a_key_is_taken_under_both_schemes(client: Client, make_key: MakeKey, scheme: str) -> None:
    created = make_key(Role.READER)
    response = client.get("/api/who", headers=_bearer(created, scheme))
    assert response.json() == {"identity": f"key:{created.key.prefix}", "roles": ["reader"], "projects": None}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads(client: Client, make_key: MakeKey, role: Role) -> None:
    assert client.get("/api/builders", headers=_bearer(make_key(role))).status_code == 200


def test_a_person_who_is_signed_in_is_an_actor(client: Client, make_user: MakeUser) -> None:
    user = make_user("ada", Role.OPERATOR)
    client.force_login(user)
    assert client.get("/api/who").json() == {
        "identity": f"user:{user.pk}",
        "roles": ["operator"],
        "projects": None,
    }


def test_a_limited_key_lists_its_projects_only(
    client: Client, make_key: MakeKey, make_project: Callable[..., Project]
) -> None:
    shop, _ = make_project("shop"), make_project("bank")
    assert client.get("/api/projects", headers=_bearer(make_key(projects=(shop,)))).json() == ["shop"]
    assert client.get("/api/projects", headers=_bearer(make_key())).json() == ["bank", "shop"]


def test_a_page_sends_strangers_to_the_sign_in_page(client: Client) -> None:
    response = client.get("/operators?a=1")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/operators%3Fa%3D1")


def test_a_page_refuses_writing_without_the_role(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("ada", Role.READER))
    assert client.get("/operators").content == b"GET by ada"
    response = client.post("/operators", headers={"Accept": "text/html"})
    assert response.status_code == 403
    assert response.headers["Content-Type"].startswith("text/html")
    assert client.post("/operators").json()["code"] == "missing_role"


def test_a_page_refuses_a_key(client: Client, make_key: MakeKey) -> None:
    assert client.get("/operators", headers=_bearer(make_key(Role.OPERATOR))).status_code == 302


def test_a_page_lets_the_role_write(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("ada", Role.OPERATOR))
    assert client.post("/operators").content == b"POST by ada"
