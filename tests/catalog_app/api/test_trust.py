"""What curators decide about trust by REST: each with a reason, each safe to repeat."""

from collections.abc import Callable
from typing import Any

import pytest

from autopack.actors import Role
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, LicensePolicy, SourceRepo, StackProfile
from tests.catalog_app.api.conftest import BASE, ClientOf, seal
from tests.support import catalog_factories as make

Get = Callable[..., Any]
Send = Callable[..., Any]

WHY = {"reason": "Read by two of us."}
POLICY = {"title": "Default policy", "allowed": ["category:permissive"], "denied": ["category:copyleft"]}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("features/nothing/retire", "feature_not_found"),
        ("features/login/restore?catalog=other", "catalog_not_found"),
        ("stacks/nothing/retire", "stack_not_found"),
        ("sources/0/pin", "source_not_found"),
        ("sources/0/retire", "source_not_found"),
        ("repositories/nothing/whitelist", "repository_not_found"),
    ],
)
def test_what_is_not_there_is_not_changed(catalog: FeatureCatalog, send: Send, path: str, code: str) -> None:
    answer = send("post", path, {"commit": "a" * 40, **WHY})
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": None}])
def test_trust_is_not_changed_without_a_reason(
    source: FeatureSource, send: Send, body: dict[str, Any]
) -> None:
    for path, field, more in [
        ("features/login/retire", "retired", {}),
        ("stacks/rag/retire", "retired", {}),
        (f"sources/{source.pk}/retire", "retired", {}),
        (f"sources/{source.pk}/pin", "pinned_commit", {"commit": "b" * 40}),
        ("repositories/lib/unlist", "whitelisted", {}),
    ]:
        answer = send("post", path, {**more, **body})
        assert (answer.status_code, answer.json()["code"]) == (422, "reason_required"), path
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    answer = send("put", "licenses/policy/default", {**POLICY, "denied": ["MIT"], **body})
    assert answer.json()["code"] == "reason_required"
    assert not Feature.objects.retired().exists()


@pytest.mark.parametrize(
    ("action", "body", "pointer"),
    [
        ("pin", {"reason": "x"}, "/commit"),
        ("pin", {"commit": ["a"], "reason": "x"}, "/commit"),
        ("pin", {"commit": "a\0", "reason": "x"}, "/commit"),
        ("pin", {"commit": "a" * 40, "reason": "\0"}, "/reason"),
        ("retire", {"reason": "x" * 2001}, "/reason"),
        ("retire", {"reason": {"text": "x"}}, "/reason"),
        ("judgement", {}, "/judgement"),
        ("judgement", {"judgement": 1.5}, "/judgement"),
        ("judgement", {"judgement": "NaN"}, "/judgement"),
        ("judgement", {"judgement": 0.123}, "/judgement"),
        ("judgement", {"judgement": 0.5, "note": "\0"}, "/note"),
        ("retire", [], ""),
    ],
)
def test_a_body_that_is_not_right_is_refused_with_the_place(
    source: FeatureSource, send: Send, action: str, body: Any, pointer: str
) -> None:
    answer = send("post", f"sources/{source.pk}/{action}", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_half_a_character_is_nothing_to_keep(source: FeatureSource, client_of: ClientOf) -> None:
    answer = client_of(Role.CURATOR).post(
        f"{BASE}sources/{source.pk}/retire", r'{"reason": "\ud800"}', content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert FeatureSource.objects.get(pk=source.pk).retired_at is None


def test_a_pin_is_a_whole_object_name(source: FeatureSource, send: Send) -> None:
    answer = send("post", f"sources/{source.pk}/pin", {"commit": "main", **WHY})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_commit")


def test_a_repository_without_an_address_is_not_whitelisted(catalog: FeatureCatalog, send: Send) -> None:
    make.RepoFactory.create(repo_id="vague", url="https://github.com/...", url_key="")
    answer = send("post", "repositories/vague/whitelist", WHY)
    assert (answer.status_code, answer.json()["code"]) == (422, "repository_without_address")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, "invalid_body", "/title"),
        ({**POLICY, "denied": "MIT"}, "invalid_body", "/denied"),
        ({**POLICY, "own_repositories": "maybe"}, "invalid_body", "/own_repositories"),
        ({**POLICY, "allowed": ["BSD"], **WHY}, "invalid_license_policy", "allowed"),
        ({**POLICY, "review": ["category:friendly"], **WHY}, "invalid_license_policy", "review"),
    ],
)
def test_a_policy_that_cannot_stand_is_refused(
    catalog: FeatureCatalog, send: Send, body: dict[str, Any], code: str, place: str
) -> None:
    answer = send("put", "licenses/policy/default", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    first = answer.json()["errors"][0]
    assert first.get("pointer", first.get("field")) == place


def test_a_policy_has_a_name_that_can_be_written(catalog: FeatureCatalog, send: Send) -> None:
    for slug in ("%20", "-x", "a%0a", "x" * 101):
        assert send("put", f"licenses/policy/{slug}", POLICY).json()["code"] == "invalid_slug", slug
    assert LicensePolicy.objects.count() == 1


def test_a_feature_is_retired_and_brought_back(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    retired = send("post", "features/login/retire", WHY)
    assert retired.status_code == 200
    assert retired.json()["retired_at"]
    assert retired.json()["catalog"]["version"] == catalog.version + 1
    feature = catalog.features.get(slug="login")
    changes = feature.history.count()
    assert feature.history.latest().history_change_reason == WHY["reason"]
    assert feature.history.latest().history_user_id.startswith("Cursor (key:")

    again = send("post", "features/login/retire", WHY)
    assert again.json() == retired.json()
    assert feature.history.count() == changes

    assert send("post", "features/login/restore", WHY).json()["retired_at"] is None
    assert [row["slug"] for row in get("features").json()["results"]] == ["login", "search"]


def test_a_stack_is_retired_and_brought_back(catalog: FeatureCatalog, send: Send) -> None:
    assert send("post", "stacks/rag/retire", WHY).json()["retired_at"]
    assert not StackProfile.objects.active().exists()
    assert send("post", "stacks/rag/restore", WHY).json()["retired_at"] is None


def test_a_source_is_retired_and_brought_back(source: FeatureSource, send: Send) -> None:
    assert send("post", f"sources/{source.pk}/retire", WHY).json()["is_usable"] is False
    assert send("post", f"sources/{source.pk}/restore", WHY).json()["is_usable"] is True


def test_a_source_pinned_by_hand_is_not_verified(source: FeatureSource, send: Send) -> None:
    pinned = send("post", f"sources/{source.pk}/pin", {"commit": "B" * 40, **WHY}).json()
    assert (pinned["pinned_commit"], pinned["status"], pinned["is_usable"]) == ("b" * 40, "declared", False)
    back = send("post", f"sources/{source.pk}/pin", {"commit": source.pinned_commit, **WHY}).json()
    assert (back["status"], back["is_usable"]) == ("verified", True)


def test_a_judgement_stands_beside_what_is_measured(source: FeatureSource, send: Send) -> None:
    judged = send("post", f"sources/{source.pk}/judgement", {"judgement": 0.95, "note": "Ours."}).json()
    assert (judged["judgement"], judged["judgement_note"], judged["quality_score"]) == (0.95, "Ours.", 0.8)
    taken_back = send("post", f"sources/{source.pk}/judgement", {"judgement": None}).json()
    assert (taken_back["judgement"], taken_back["judgement_note"]) == (None, "")


def test_what_is_not_whitelisted_any_more_cannot_be_reused(
    source: FeatureSource, send: Send, get: Get
) -> None:
    unlisted = send("post", "repositories/lib/unlist", WHY).json()
    assert (unlisted["is_whitelisted"], unlisted["usable_count"]) == (False, 0)
    assert get(f"sources/{source.pk}").json()["is_usable"] is False
    assert send("post", "repositories/lib/whitelist", WHY).json()["usable_count"] == 1


def test_a_policy_decides_every_source_anew(source: FeatureSource, send: Send, get: Get) -> None:
    stricter = send("put", "licenses/policy/default", {"title": "Strict", "denied": ["MIT"], **WHY})
    assert stricter.status_code == 200
    assert (stricter.json()["allowed"], stricter.json()["denied"]) == ([], ["MIT"])
    found = get(f"sources/{source.pk}").json()
    assert (found["license_decision"], found["license_rule"], found["is_usable"]) == (
        "denied",
        "denied: MIT",
        False,
    )


def test_a_policy_is_made_where_there_is_none(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    made = send("put", "licenses/policy/strict", POLICY)
    assert (made.status_code, made.json()["slug"]) == (201, "strict")
    assert get("licenses/policy/strict").json() == made.json()
    again = send("put", "licenses/policy/strict", POLICY)
    assert (again.status_code, again.json()) == (200, made.json())
    assert send("put", "licenses/policy/strict", POLICY, **{"If-None-Match": "*"}).status_code == 412


def test_nothing_is_changed_of_what_is_not_any_more_as_it_was_seen(
    catalog: FeatureCatalog, source: FeatureSource, send: Send, get: Get
) -> None:
    for path, change, body in [
        ("features/login", "post features/login/retire", WHY),
        ("stacks/rag", "post stacks/rag/retire", WHY),
        (f"sources/{source.pk}", f"post sources/{source.pk}/judgement", {"judgement": 0.5}),
        ("repositories/lib", "post repositories/lib/unlist", WHY),
        ("licenses/policy/default", "put licenses/policy/default", {**POLICY, **WHY}),
    ]:
        method, _, address = change.partition(" ")
        seen = get(path).headers["ETag"]
        _change_everything(catalog)
        answer = send(method, address, body, **{"If-Match": seen})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), path
        assert send(method, address, body, **{"If-Match": '"other"'}).status_code == 412
        assert (
            send(method, address, body, **{"If-Match": f"W/{get(path).headers['ETag']}"}).status_code == 412
        )
    assert not Feature.objects.retired().exists()
    assert SourceRepo.objects.get(repo_id="lib").is_whitelisted


def test_nothing_is_made_for_who_has_seen_something(catalog: FeatureCatalog, send: Send) -> None:
    answer = send("put", "licenses/policy/strict", POLICY, **{"If-Match": "*"})
    assert answer.status_code == 412
    assert not LicensePolicy.objects.filter(slug="strict").exists()


def test_a_change_elsewhere_is_not_in_the_way(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    seen = get("features/login").headers["ETag"]
    Feature.objects.filter(slug="search").update(title="Other")
    seal(catalog)
    assert get("features/login").headers["ETag"] != seen

    answer = send("post", "features/login/retire", WHY, **{"If-Match": seen})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == get("features/login").headers["ETag"]
    assert send("post", "features/login/restore", WHY, **{"If-Match": "*"}).status_code == 200


def _change_everything(catalog: FeatureCatalog) -> None:
    feature = catalog.features.get(slug="login")
    feature.notes += "."
    feature.save()
    for thing in (*catalog.stacks.all(), *SourceRepo.objects.all(), *FeatureSource.objects.all()):
        thing.save()
    catalog.license_policy.save()
    seal(catalog)
