"""Features, stacks, combinations and repositories as curators write them by REST."""

from collections.abc import Callable
from typing import Any

import pytest

from autopack.actors import Role
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    SourceRepo,
    StackProfile,
)
from tests.catalog_app.api.conftest import BASE, ClientOf
from tests.support import catalog_factories as make

Get = Callable[..., Any]
Send = Callable[..., Any]

UPLOADS = {
    "title": "Uploads",
    "category": "files",
    "complexity": "low",
    "aliases": ["attachments"],
    "phrases": ["let people send us their files"],
    "repos": [
        {"id": "filer", "repo_url": "https://github.com/django-cms/django-filer", "license": "BSD-3-Clause"}
    ],
    "stars": 1800,
}
PATHS = ["features/login", "stacks/rag", "combinations/base", "repositories/lib"]


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("body", [["title"], "title", 7])
def test_what_is_no_mapping_is_refused(
    catalog: FeatureCatalog, send: Send, path: str, method: str, body: Any
) -> None:
    answer = send(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_catalog")
    assert pointers(answer) == [""]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"complexity": "hard"}, "/complexity"),
        ({"aliases": [1]}, "/aliases/0"),
        ({"aliases": ["a", "A"]}, "/aliases/1"),
        ({"phrases": ["x" * 301]}, "/phrases/0"),
        ({"requires": ["nothing"]}, "/requires/0"),
        ({"requires": ["uploads"]}, "/requires"),
        ({"title": "x" * 201}, "/title"),
        ({"notes": "\0"}, "/notes"),
        ({"a/b~c": "\0"}, "/a~1b~0c"),
        ({"slug": "downloads"}, "/slug"),
        ({"repos": [{"license": "MIT"}]}, "/repos/0/id"),
        ({"repos": [{"id": "filer", "path": "../x"}]}, "/repos/0/path"),
        ({"repos": [{"id": "filer", "pinned_commit": "main"}]}, "/repos/0/pinned_commit"),
        ({"repos": [{"id": "filer", "repo_url": "https://a:b@c.d/e"}]}, "/repos/0/repo_url"),
        ({"repos": [{"id": "filer"}, {"id": "filer"}]}, "/repos/1"),
        ({"repos": {"filer": 7}}, "/repos/filer"),
    ],
)
def test_a_feature_that_cannot_stand_is_refused_with_the_places(
    catalog: FeatureCatalog, send: Send, change: dict[str, Any], pointer: str
) -> None:
    answer = send("put", "features/uploads", {**UPLOADS, **change})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_catalog")
    assert pointers(answer) == [pointer]
    assert not Feature.objects.filter(slug="uploads").exists()


def test_every_problem_is_said_at_once(catalog: FeatureCatalog, send: Send) -> None:
    body = {"complexity": "hard", "requires": ["nothing"], "repos": [{"id": "a b"}]}
    assert set(pointers(send("put", "features/uploads", body))) == {
        "/complexity",
        "/requires/0",
        "/repos/0/id",
    }


@pytest.mark.parametrize("slug", ["%20x", "-x", "x%0a", "x" * 101])
def test_a_name_that_cannot_be_written_is_refused(catalog: FeatureCatalog, send: Send, slug: str) -> None:
    for kind in ("features", "stacks", "combinations", "repositories"):
        answer = send("put", f"{kind}/{slug}", {})
        assert (answer.status_code, pointers(answer)) == (422, [""]), kind


def test_half_a_character_is_refused(catalog: FeatureCatalog, client_of: ClientOf) -> None:
    for body in (r'{"title": "\ud800"}', r'{"\ud800": 1}', r'{"reason": "\ud800"}'):
        answer = client_of(Role.CURATOR).put(f"{BASE}features/uploads", body, content_type="application/json")
        assert answer.status_code == 422, body


def test_nothing_that_is_not_there_is_patched(catalog: FeatureCatalog, send: Send) -> None:
    for path, code in [
        ("features/nothing", "feature_not_found"),
        ("stacks/nothing", "stack_not_found"),
        ("combinations/nothing", "combination_not_found"),
        ("repositories/nothing", "repository_not_found"),
        ("features/login?catalog=other", "catalog_not_found"),
    ]:
        assert send("patch", path, {"notes": "x"}).json()["code"] == code
    assert send("put", "features/login?catalog=other", {}).json()["code"] == "catalog_not_found"


def test_licences_and_pins_are_not_changed_without_a_reason(
    source: FeatureSource, send: Send, get: Get
) -> None:
    for change in ({"license": "Apache-2.0"}, {"license": "MIT", "pinned_commit": "b" * 40}):
        body = {"title": "Sign in", "repos": [{"id": "lib", "path": "auth/", **change}]}
        for reason in ({}, {"reason": " "}):
            answer = send("put", "features/login", {**body, **reason})
            assert (answer.status_code, answer.json()["code"]) == (422, "reason_required"), change
    assert send("put", "repositories/lib", {"whitelisted": False}).json()["code"] == "reason_required"
    assert send("patch", "repositories/lib", {"ownership": "own"}).json()["code"] == "reason_required"
    assert get(f"sources/{source.pk}").json()["is_usable"] is True


def test_nothing_is_saved_over_what_was_not_seen(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    for path in PATHS:
        for method in ("put", "patch"):
            answer = send(method, path, {"notes": "x"}, **{"If-Match": '"other"'})
            assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed"), path
        kind = path.partition("/")[0]
        assert send("put", f"{kind}/new", {}, **{"If-Match": "*"}).status_code == 412
        assert send("put", path, {}, **{"If-None-Match": "*"}).status_code == 412
    assert not Feature.objects.filter(slug="new").exists()


def test_a_feature_is_made_with_its_source(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    made = send("put", "features/uploads", {**UPLOADS, "reason": "Asked for."}, **{"If-None-Match": "*"})
    assert made.status_code == 201
    found = made.json()

    assert (found["title"], found["extra"], found["warnings"]) == ("Uploads", {"stars": 1800}, [])
    (source,) = found["sources"]
    assert (source["repository"]["id"], source["status"], source["license"]) == (
        "filer",
        "declared",
        "BSD-3-Clause",
    )
    assert source["license_decision"] == "allowed"
    assert found["catalog"]["version"] == catalog.version + 1
    feature = Feature.objects.get(slug="uploads")
    assert feature.history.latest().history_change_reason == "Asked for."
    assert (
        get("features/uploads").json().items() == {k: v for k, v in found.items() if k != "warnings"}.items()
    )


def test_the_same_again_changes_nothing(catalog: FeatureCatalog, send: Send) -> None:
    first = send("put", "features/uploads", UPLOADS)
    again = send("put", "features/uploads", UPLOADS)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert Feature.objects.get(slug="uploads").history.count() == 1


def test_what_is_not_settled_is_kept_with_a_warning(catalog: FeatureCatalog, send: Send) -> None:
    body = {**UPLOADS, "repos": [{**UPLOADS["repos"][0], "license": "BSD"}]}  # type: ignore[index]
    found = send("put", "features/uploads", body).json()
    (warning,) = found["warnings"]
    assert found["phrases"] == UPLOADS["phrases"]
    assert (warning["code"], warning["pointer"]) == ("unsettled_license", "/repos/0/license")
    assert "BSD-3-Clause" in warning["suggestion"]
    assert (found["sources"][0]["license"], found["sources"][0]["license_decision"]) == ("", "denied")


def test_what_a_feature_does_not_name_any_more_is_retired(source: FeatureSource, send: Send) -> None:
    found = send("put", "features/login", {"title": "Sign in", "repos": [], "reason": "Moved."}).json()
    assert (found["aliases"], found["sources"][0]["is_usable"]) == ([], False)
    assert found["sources"][0]["retired_at"]


def test_a_patch_changes_what_it_names_alone(source: FeatureSource, send: Send) -> None:
    found = send(
        "patch", "features/login", {"category": None, "notes": "Ours.", "extra_key": {"a": 1}}
    ).json()
    assert (found["title"], found["aliases"]) == ("Sign in", ["sso"])
    assert (found["category"], found["notes"], found["extra"]) == ("", "Ours.", {"extra_key": {"a": 1}})
    (kept,) = found["sources"]
    assert (kept["id"], kept["is_usable"], kept["pinned_commit"]) == (source.pk, True, source.pinned_commit)

    again = send("patch", "features/login", {"extra_key": {"a": None, "b": 2}}).json()
    assert again["extra"] == {"extra_key": {"b": 2}}


def test_a_patch_is_bound_to_what_was_seen(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    seen = get("features/login").headers["ETag"]
    first = send("patch", "features/login", {"notes": "Mine."}, **{"If-Match": seen})
    assert first.status_code == 200
    assert first.headers["ETag"] == get("features/login").headers["ETag"]
    second = send("patch", "features/login", {"notes": "Theirs."}, **{"If-Match": seen})
    assert second.status_code == 412
    assert Feature.objects.get(slug="login").notes == "Mine."


def test_a_stack_is_made_and_changed(catalog: FeatureCatalog, send: Send) -> None:
    body = {
        "backend": "fastapi",
        "db": "postgres",
        "stack": {"cache": "redis"},
        "preferred_repos": [{"id": "lib"}, {"id": "nowhere"}],
        "budget_multiplier": 1.5,
        "ci_profile": "strict",
    }
    made = send("put", "stacks/web", body)
    assert made.status_code == 201
    found = made.json()
    assert (found["title"], found["backend"], found["slots"]) == ("Web", "fastapi", {"cache": "redis"})
    assert [repo["is_known"] for repo in found["preferred_repos"]] == [True, False]
    assert [warning["pointer"] for warning in found["warnings"]] == ["/preferred_repos/1"]

    patched = send("patch", "stacks/web", {"budget_multiplier": None, "frontend": "react"}).json()
    assert (patched["budget_multiplier"], patched["frontend"], patched["ci_profile"]) == (
        1,
        "react",
        "strict",
    )
    assert pointers(send("patch", "stacks/web", {"budget_multiplier": 99})) == ["/budget_multiplier"]
    assert StackProfile.objects.get(slug="web").history.count() == 2


def test_a_combination_is_made_and_changed(catalog: FeatureCatalog, send: Send) -> None:
    made = send("put", "combinations/pair", {"features": ["login", "nothing"]})
    assert made.status_code == 201
    assert [warning["pointer"] for warning in made.json()["warnings"]] == ["/features/1"]
    patched = send("patch", "combinations/pair", {"features": ["login"], "title": "A pair"}).json()
    assert (patched["title"], patched["features"], patched["warnings"]) == ("A pair", ["login"], [])
    assert FeatureCombination.objects.filter(slug="pair").count() == 1


def test_a_retired_one_comes_back_when_it_is_said_again(catalog: FeatureCatalog, send: Send) -> None:
    FeatureCombination.objects.update(retired_at=make.START)
    Feature.objects.filter(slug="search").update(retired_at=make.START)
    assert send("put", "combinations/base", {"features": ["login"]}).json()["retired_at"] is None
    assert send("patch", "features/search", {"notes": "Back."}).json()["retired_at"] is None


def test_a_repository_is_made_known_and_changed(catalog: FeatureCatalog, send: Send) -> None:
    body = {
        "repo_url": "https://github.com/example/blocks",
        "ownership": "own",
        "visibility": "private",
        "whitelisted": True,
        "reason": "Ours.",
    }
    made = send("put", "repositories/blocks", body)
    assert made.status_code == 201
    found = made.json()
    assert (found["ownership"], found["is_whitelisted"], found["source_count"]) == ("own", True, 0)
    assert SourceRepo.objects.get(repo_id="blocks").history.latest().history_change_reason == "Ours."

    patched = send("patch", "repositories/blocks", {"default_branch": "trunk"}).json()
    assert (patched["default_branch"], patched["ownership"], patched["is_whitelisted"]) == (
        "trunk",
        "own",
        True,
    )
    assert send("put", "repositories/blocks", body).json()["default_branch"] == ""


def test_a_repository_that_is_not_whitelisted_any_more_takes_its_sources_with_it(
    source: FeatureSource, send: Send, get: Get
) -> None:
    body = {"repo_url": source.repo.url, "whitelisted": False, "reason": "Compromised."}
    assert send("put", "repositories/lib", body).status_code == 200
    assert get(f"sources/{source.pk}").json()["is_usable"] is False
