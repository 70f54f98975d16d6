"""Stacks, combinations, repositories and catalogs in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog_app.choices import LicenseDecision
from catalog_app.models import FeatureCatalog, FeatureCombination, SourceRepo, StackProfile
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

STACK = {
    "title": "Web",
    "description": "",
    "project_types": "api_service, rag_app",
    "backend": "fastapi",
    "db": "postgres",
    "vector_db": "",
    "frontend": "",
    "slots": '{"cache": "redis"}',
    "preferred": "",
    "ci_profile": "strict",
    "budget_multiplier": "1.5",
    "notes": "",
    "extra": "{}",
    "reason": "",
}
COMBINATION = {
    "title": "SaaS base",
    "description": "",
    "features": "",
    "compatible_stacks": "",
    "extra": "",
    "reason": "",
}
REPO = {
    "url": "https://github.com/pallets/flask",
    "fetch_from": "",
    "default_branch": "",
    "ownership": "third_party",
    "visibility": "public",
    "notes": "",
    "extra": "{}",
    "reason": "",
}
CATALOG = {
    "title": "Main",
    "description": "",
    "quality_thresholds": "{}",
    "license_compatibility": "{}",
    "project_type_mapping": "{}",
    "extra": "{}",
    "reason": "",
}


def add(model: str) -> str:
    return reverse(f"admin:catalog_app_{model}_add")


def change(row: Any) -> str:
    return reverse(f"admin:catalog_app_{row._meta.model_name}_change", args=[row.pk])


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


@pytest.mark.parametrize("model", ["stackprofile", "featurecombination", "sourcerepo", "featurecatalog"])
def test_a_reader_reads(bob: Client, model: str) -> None:
    factories: dict[str, Any] = {
        "stackprofile": make.StackFactory,
        "featurecombination": make.CombinationFactory,
        "sourcerepo": make.RepoFactory,
        "featurecatalog": make.CatalogFactory,
    }
    row = factories[model].create()

    page = bob.get(change(row))

    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert (
        bob.post(change(row), {**STACK, **COMBINATION, **REPO, **CATALOG, "reason": "r"}).status_code == 403
    )


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"slots": "[]x"}, "slots", "Enter a valid JSON."),
        ({"budget_multiplier": "20"}, "budget_multiplier", "less than or equal to 10"),
        ({"slug": "a b"}, "slug", "Use 1 to 100 letters"),
    ],
)
def test_what_is_wrong_with_a_stack_stands_beside_its_field(
    ada: Client, fields: dict[str, str], field: str, message: str
) -> None:
    new = {"catalog": make.CatalogFactory.create().pk, "slug": "web"}

    assert message in str(errors(ada.post(add("stackprofile"), {**STACK, **new, **fields}))[field])

    assert not StackProfile.objects.exists()


def test_a_stack_prefers_repositories_in_order_and_keeps_the_unknown(ada: Client) -> None:
    known = make.RepoFactory.create(repo_id="known")
    new = {"catalog": make.CatalogFactory.create().pk, "slug": "web"}

    ada.post(add("stackprofile"), {**STACK, **new, "preferred": "not-yet\nknown"})

    stack = StackProfile.objects.get()
    assert (stack.slots, stack.project_types) == ({"cache": "redis"}, ["api_service", "rag_app"])
    assert [(row.repo_ref, row.repo) for row in stack.preferred_repos.order_by("position")] == [
        ("not-yet", None),
        ("known", known),
    ]
    assert b"not-yet\nknown" in ada.get(change(stack)).content.replace(b"\r", b"")


def test_what_is_retired_is_restored_before_it_is_changed(ada: Client) -> None:
    stack = make.StackFactory.create(retired_at=timezone.now())

    assert ada.post(change(stack), {**STACK, "reason": "r"}).status_code == 403

    stack.refresh_from_db()
    assert stack.retired_at is not None


def test_a_combination_names_its_features(ada: Client) -> None:
    feature = make.FeatureFactory.create(slug="login")
    new = {"catalog": feature.catalog.pk, "slug": "saas-base"}

    page = ada.post(
        add("featurecombination"), {**COMBINATION, **new, "features": "login, logni"}, follow=True
    )

    assert FeatureCombination.objects.get().features == ["login", "logni"]
    assert "Did you mean login?" in page.content.decode()


def test_the_whitelist_asks_for_a_reason_beside_it(ada: Client) -> None:
    repo = make.SourceFactory.create().repo

    found = errors(ada.post(change(repo), {**REPO, "is_whitelisted": "on"}))

    assert found == {"reason": ["Give a reason for this change."]}
    assert not SourceRepo.objects.filter(is_whitelisted=True).exists()

    assert ada.post(change(repo), {**REPO, "is_whitelisted": "on", "reason": "Ours."}).status_code == 302

    repo.refresh_from_db()
    assert repo.is_whitelisted
    newest = repo.history.first()
    assert newest is not None
    assert newest.history_change_reason == "Ours."


@pytest.mark.parametrize("url", ["https://user:secret@github.com/o/r", "ext::sh -c id", "a b"])
def test_an_address_that_could_do_harm_is_refused_beside_its_field(ada: Client, url: str) -> None:
    make.CatalogFactory.create()

    found = errors(ada.post(add("sourcerepo"), {**REPO, "repo_id": "bad", "url": url}))

    assert "url" in found
    assert "secret" not in str(found)
    assert not SourceRepo.objects.exists()


def test_a_repository_is_added_before_any_source_needs_it(ada: Client) -> None:
    make.CatalogFactory.create()

    assert ada.post(add("sourcerepo"), {**REPO, "repo_id": "flask"}).status_code == 302

    repo = SourceRepo.objects.get()
    assert (repo.repo_id, repo.url_key) == ("flask", "github.com/pallets/flask")


def test_without_a_catalog_a_repository_cannot_be_added(ada: Client) -> None:
    found = errors(ada.post(add("sourcerepo"), {**REPO, "repo_id": "flask"}))

    assert "There is no catalog yet" in str(found)


def test_a_catalog_changes_its_facts(ada: Client) -> None:
    catalog = make.CatalogFactory.create(description="Old")
    thresholds = '{"minimum": 0.4, "preferred": 0.7}'
    said = {**CATALOG, "license_policy": catalog.license_policy.pk, "quality_thresholds": thresholds}

    assert "minimum" in str(
        errors(ada.post(change(catalog), {**said, "quality_thresholds": '{"minimum": 2}'}))
    )
    assert ada.post(change(catalog), said).status_code == 302

    catalog.refresh_from_db()
    assert (catalog.title, catalog.description) == ("Main", "")
    assert catalog.quality_thresholds == {"minimum": 0.4, "preferred": 0.7}


def test_another_policy_asks_for_a_reason_and_decides_anew(ada: Client) -> None:
    source = make.SourceFactory.create()
    catalog = source.feature.catalog
    strict = make.LicensePolicyFactory.create(slug="strict", allowed=[], denied=["MIT"])
    said = {**CATALOG, "license_policy": strict.pk}

    assert errors(ada.post(change(catalog), said)) == {"reason": ["Give a reason for this change."]}
    ada.post(change(catalog), {**said, "reason": "Legal says so."})

    source.refresh_from_db()
    assert source.license_decision == LicenseDecision.DENIED


def test_a_catalog_is_added(ada: Client) -> None:
    policy = make.LicensePolicyFactory.create()

    response = ada.post(
        add("featurecatalog"), {**CATALOG, "slug": "games", "license_policy": policy.pk, "description": "Fun"}
    )

    assert response.status_code == 302
    catalog = FeatureCatalog.objects.get(slug="games")
    assert (catalog.title, catalog.description, catalog.license_policy) == ("Main", "Fun", policy)
