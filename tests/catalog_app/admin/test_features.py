"""Features and their sources in the admin: every save goes through the one way into the catalog."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog_app.choices import SourceStatus
from catalog_app.models import Feature, FeatureSource
from tests.support import catalog_factories as make
from tests.support.factories import object_id

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog_app/feature/add/"


def change(feature: Feature) -> str:
    return f"/admin/catalog_app/feature/{feature.pk}/change/"


def said(*sources: dict[str, Any], initial: int = 0, **fields: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    form: dict[str, Any] = {
        "title": "Social login",
        "description": "",
        "category": "auth",
        "complexity": "medium",
        "aliases": "",
        "request_phrases": "",
        "tags": "",
        "requires": "",
        "conflicts": "",
        "compatible_stacks": "",
        "notes": "",
        "extra": "{}",
        "reason": "",
        "sources-TOTAL_FORMS": str(len(sources)),
        "sources-INITIAL_FORMS": str(initial),
        **fields,
    }
    for index, source in enumerate(sources):
        values = {"paths": "", "declared_text": "MIT", "pinned_commit": "", "position": index, **source}
        form |= {f"sources-{index}-{name}": value for name, value in values.items()}
    return form


def of_row(source: FeatureSource, **changes: Any) -> dict[str, Any]:
    """The inline form of a source that is there, as it was sent to the browser."""
    return {
        "id": source.pk,
        "feature": source.feature_id,
        "repo": source.repo_id,
        "paths": "\n".join(source.paths),
        "declared_text": source.declared_text,
        "pinned_commit": source.pinned_commit,
        "notes": source.notes,
        "position": source.position,
        **changes,
    }


def new(**fields: Any) -> dict[str, Any]:
    return {"catalog": make.CatalogFactory.create().pk, "slug": "oauth-social-login", **fields}


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = dict(response.context["adminform"].form.errors)
    for number, form in enumerate(response.context["inline_admin_formsets"][0].formset.forms):
        found |= {f"{number}.{name}": messages for name, messages in form.errors.items()}
    return found


def test_a_reader_sees_a_feature_and_changes_nothing(bob: Client) -> None:
    source = make.SourceFactory.create()

    page = bob.get(change(source.feature)).content.decode()
    assert source.repo.repo_id in page
    assert 'name="reason"' not in page
    assert bob.post(change(source.feature), said(reason="r")).status_code == 403

    assert not Feature.objects.filter(title="Social login").exists()


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"title": ""}, "title", "This field is required."),
        ({"slug": "social login"}, "slug", "Use 1 to 100 letters"),
        ({"aliases": "google\nGoogle"}, "aliases", "is here twice"),
        ({"request_phrases": "let me in\nLet me in"}, "request_phrases", "is here twice"),
        ({"requires": "two words, "}, "requires", "There is no feature two"),
        ({"requires": "oauth-social-login"}, "requires", "names itself"),
        ({"conflicts": "a/b"}, "conflicts", "is no name"),
        ({"extra": "[1]"}, "extra", "This must be a mapping"),
        ({"extra": "{"}, "extra", "Enter a valid JSON."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved(
    ada: Client, fields: dict[str, str], field: str, message: str
) -> None:
    found = errors(ada.post(ADD, said(**new(**fields))))

    assert message in str(found[field])
    assert not Feature.objects.exists()


def test_a_feature_that_is_nearly_named_is_suggested(ada: Client) -> None:
    make.FeatureFactory.create(slug="user-management")

    found = errors(ada.post(ADD, said(**new(requires="user-managment"))))

    assert "Did you mean user-management?" in str(found["requires"])


@pytest.mark.parametrize(
    ("source", "field", "message"),
    [
        ({"pinned_commit": "main"}, "pinned_commit", "40 or 64 hexadecimal digits"),
        ({"paths": "../secrets"}, "paths", "is no path inside a repository"),
        ({"judgement": "1.5"}, "judgement", "less than or equal to 1"),
        ({"repo": ""}, "repo", "This field is required."),
    ],
)
def test_what_is_wrong_with_a_source_stands_beside_its_field(
    ada: Client, source: dict[str, str], field: str, message: str
) -> None:
    repo = make.RepoFactory.create()
    fine, wrong = {"repo": repo.pk, "paths": "a"}, {"repo": repo.pk, **source}

    found = errors(ada.post(ADD, said(fine, wrong, **new())))

    assert message in str(found[f"1.{field}"])
    assert not Feature.objects.exists()


def test_the_same_source_twice_is_refused(ada: Client) -> None:
    repo = make.RepoFactory.create()

    found = errors(ada.post(ADD, said({"repo": repo.pk}, {"repo": repo.pk}, **new())))

    assert "twice" in str(found)
    assert not Feature.objects.exists()


@pytest.mark.parametrize("changes", [{"declared_text": "Apache-2.0"}, {"pinned_commit": "b" * 40}])
def test_a_changed_licence_or_pin_asks_for_a_reason_beside_it(ada: Client, changes: dict[str, str]) -> None:
    source = make.verified_source()
    feature = source.feature

    found = errors(ada.post(change(feature), said(of_row(source, **changes), initial=1)))

    assert found == {"reason": ["Give a reason for this change."]}
    source.refresh_from_db()
    assert (source.declared_text, source.status) == ("MIT", SourceStatus.VERIFIED)


def test_a_retired_source_asks_for_a_reason_beside_it(ada: Client) -> None:
    source = make.SourceFactory.create()

    found = errors(ada.post(change(source.feature), said(of_row(source, retire="on"), initial=1)))

    assert found == {"reason": ["Give a reason for this change."]}
    source.refresh_from_db()
    assert source.retired_at is None


def test_a_feature_is_added_with_its_sources_in_order(ada: Client) -> None:
    first, second = make.RepoFactory.create(), make.RepoFactory.create()
    sources = [
        {"repo": second.pk, "paths": "b\na", "position": 1, "declared_text": "Apache-2.0"},
        {"repo": first.pk, "position": 0, "judgement": "0.9", "judgement_note": "Used it."},
    ]

    names = {"aliases": "Sign in with Google\nOAuth login", "request_phrases": "no more passwords"}
    response = ada.post(ADD, said(*sources, **new(**names, tags="oauth, login")))

    assert response.status_code == 302
    feature = Feature.objects.get()
    assert feature.request_phrases == ["no more passwords"]
    assert (feature.slug, feature.aliases, feature.tags) == (
        "oauth-social-login",
        ["Sign in with Google", "OAuth login"],
        ["oauth", "login"],
    )
    assert "sign in with google" in feature.search_text
    rows = list(feature.sources.order_by("position"))
    assert [(row.repo, row.paths) for row in rows] == [(first, []), (second, ["a", "b"])]
    assert [row.status for row in rows] == [SourceStatus.DECLARED, SourceStatus.DECLARED]
    assert str(rows[0].judgement) == "0.90"
    newest = feature.history.first()
    assert newest is not None
    assert newest.history_user.startswith("ada (user:")
    assert feature.catalog.version > 0


def test_a_licence_that_spdx_does_not_know_is_kept_with_a_warning_and_a_suggestion(ada: Client) -> None:
    repo = make.RepoFactory.create()

    page = ada.post(ADD, said({"repo": repo.pk, "declared_text": "BSD"}, **new()), follow=True)

    text = page.content.decode()
    assert "BSD-3-Clause" in text
    source = FeatureSource.objects.get()
    assert (source.declared_text, source.declared_license) == ("BSD", "")


def test_what_was_not_touched_stays_and_evidence_with_it(ada: Client) -> None:
    source = make.verified_source(extra={"stars": 5}, paths=["src"])
    kept = (source.pinned_commit, source.status, source.extra, source.verified_at)

    response = ada.post(
        change(source.feature), said(of_row(source), initial=1, notes="Looked at.", title="Better")
    )

    assert response.status_code == 302
    source.refresh_from_db()
    assert (source.pinned_commit, source.status, source.extra, source.verified_at) == kept
    assert source.feature.title == "Better"


def test_with_a_reason_a_pin_moves_and_waits_for_its_verification(ada: Client) -> None:
    source = make.verified_source()
    pin = object_id("another")

    response = ada.post(
        change(source.feature),
        said(of_row(source, pinned_commit=pin), initial=1, reason="Their fix of March."),
    )

    assert response.status_code == 302
    source.refresh_from_db()
    assert (source.pinned_commit, source.status) == (pin, SourceStatus.DECLARED)
    newest = source.history.first()
    assert newest is not None
    assert newest.history_change_reason == "Their fix of March."


def test_a_source_is_retired_with_its_reason_and_leaves_the_form(ada: Client) -> None:
    source = make.SourceFactory.create()

    ada.post(change(source.feature), said(of_row(source, retire="on"), initial=1, reason="Abandoned."))

    source.refresh_from_db()
    assert source.retired_at is not None
    assert b"sources-0-repo" not in ada.get(change(source.feature)).content


def test_the_slug_and_the_catalog_stay_as_they_are(ada: Client) -> None:
    feature = make.FeatureFactory.create(slug="login")
    other = make.CatalogFactory.create(slug="other")

    ada.post(change(feature), said(slug="other-slug", catalog=other.pk))

    feature.refresh_from_db()
    assert (feature.slug, feature.catalog.slug, feature.title) == ("login", "main", "Social login")


def test_a_retired_feature_is_shown_and_not_changed(ada: Client) -> None:
    source = make.SourceFactory.create(feature__retired_at=timezone.now())

    page = ada.get(change(source.feature)).content.decode()

    assert source.repo.repo_id in page
    assert 'name="sources-0-repo"' not in page
    assert ada.post(change(source.feature), said(reason="r")).status_code == 403
