"""Files into a catalog by REST, and out of it."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from catalog_app.models import Feature, FeatureCatalog, StackProfile

Get = Callable[..., Any]
Send = Callable[..., Any]

FEATURES = """\
features:
  login:
    title: Sign in
    category: auth
  uploads:
    title: Uploads
    repos:
    - id: filer
      repo_url: https://github.com/django-cms/django-filer
      license: BSD
"""
BROKEN = """\
features:
  login:
    complexity: hard
  uploads:
    requires: [nothing]
    repos:
    - license: MIT
"""


def files(content: str, name: str = "feature_catalog.yaml") -> dict[str, Any]:
    return {"files": [{"name": name, "content": content}]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/files"),
        ({"files": []}, "/files"),
        ({"files": [{"name": "a.yaml"}]}, "/files/0/content"),
        ({"files": [{"name": "a\0", "content": ""}]}, "/files/0/name"),
        ({"files": [{"name": "a.yaml", "content": "a: \0"}]}, "/files/0/content"),
        ({"files": [{"name": "a.yaml", "content": ""}] * 21}, "/files"),
        ({**files(FEATURES), "dry_run": "perhaps"}, "/dry_run"),
    ],
)
def test_a_body_that_is_not_right_is_refused(
    catalog: FeatureCatalog, send: Send, body: dict[str, Any], pointer: str
) -> None:
    answer = send("post", "import", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_catalog_that_is_not_there_takes_no_files(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    assert send("post", "import?catalog=other", files(FEATURES)).json()["code"] == "catalog_not_found"
    assert get("export?catalog=other").json()["code"] == "catalog_not_found"


def test_every_problem_of_the_files_has_its_line_and_nothing_is_changed(
    catalog: FeatureCatalog, send: Send
) -> None:
    answer = send("post", "import", {**files(BROKEN), "reason": "New."})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_catalog")
    assert [(error["line"], error["path"]) for error in answer.json()["errors"]] == [
        (3, "features.login.complexity"),
        (5, "features.uploads.requires[0]"),
        (7, "features.uploads.repos[0].id"),
    ]
    assert all(error["column"] > 0 for error in answer.json()["errors"])
    assert Feature.objects.active().count() == 2
    catalog.refresh_from_db()
    assert catalog.version == 1


@pytest.mark.parametrize("content", ["a: [", "\t- x", "features: {a: b", "[]", ""])
def test_what_is_no_catalog_is_refused(catalog: FeatureCatalog, send: Send, content: str) -> None:
    answer = send("post", "import", files(content))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_catalog")
    assert answer.json()["errors"][0]["file"] == "feature_catalog.yaml"


def test_files_are_not_brought_into_what_was_not_seen(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    seen = get("catalogs/main").headers["ETag"]
    assert send("patch", "features/login", {"notes": "x"}).status_code == 200
    assert send("post", "import", files(FEATURES), **{"If-Match": seen}).status_code == 412
    now = get("catalogs/main").headers["ETag"]
    assert send("post", "import", files(FEATURES), **{"If-Match": now}).status_code == 200


def test_a_dry_run_says_what_would_change_and_changes_nothing(catalog: FeatureCatalog, send: Send) -> None:
    answer = send("post", "import", {**files(FEATURES), "dry_run": True})
    assert answer.status_code == 200
    found = answer.json()

    assert (found["is_dry_run"], found["has_errors"], found["files"]) == (
        True,
        False,
        ["feature_catalog.yaml"],
    )
    changes = {(change["kind"], change["action"], change["name"]) for change in found["changes"]}
    assert {("feature", "added", "uploads"), ("feature", "retired", "search")} <= changes
    (problem,) = found["problems"]
    assert (problem["severity"], problem["line"], problem["code"]) == ("warning", 10, "unsettled_license")
    assert not Feature.objects.filter(slug="uploads").exists()
    assert found["catalog"]["version"] == 1


def test_a_dry_run_with_errors_says_all_of_them(catalog: FeatureCatalog, send: Send) -> None:
    found = send("post", "import", {**files(BROKEN), "dry_run": True}).json()
    assert (found["has_errors"], found["changes"], len(found["problems"])) == (True, [], 3)


def test_files_are_brought_in_and_what_they_do_not_name_is_retired(
    catalog: FeatureCatalog, send: Send, get: Get
) -> None:
    found = send("post", "import", {**files(FEATURES), "reason": "The quarterly review."})
    assert found.status_code == 200
    assert found.json()["catalog"]["version"] == 2
    assert [row["slug"] for row in get("features").json()["results"]] == ["login", "uploads"]
    history = Feature.objects.get(slug="search").history.latest()
    assert "The quarterly review." in history.history_change_reason
    assert StackProfile.objects.active().count() == 1

    again = send("post", "import", files(FEATURES)).json()
    assert (again["changes"], again["catalog"]["version"]) == ([], 2)


def test_what_files_do_not_name_can_be_kept(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    assert send("post", "import", {**files(FEATURES), "keep_missing": True}).status_code == 200
    assert len(get("features").json()["results"]) == 3


def test_an_export_imports_to_the_same(catalog: FeatureCatalog, send: Send, get: Get) -> None:
    exported = get("export").json()
    assert set(exported["files"]) == {"feature_catalog.yaml", "stack_profiles.yaml"}
    body = {"files": [{"name": name, "content": text} for name, text in exported["files"].items()]}
    assert send("post", "import", body).json()["changes"] == []
    assert get("export").json() == exported


def test_one_file_comes_as_yaml(catalog: FeatureCatalog, get: Get) -> None:
    assert get("export?file=secrets.yaml").json()["errors"][0]["allowed"] == [
        "feature_catalog.yaml",
        "stack_profiles.yaml",
    ]
    for accept in ({}, {"Accept": "text/yaml"}, {"Accept": "application/json"}):
        answer = get("export?file=feature_catalog.yaml", **accept)
        assert answer.headers["Content-Type"] == "text/yaml; charset=utf-8"
        assert set(yaml.safe_load(answer.content)["features"]) == {"login", "search"}
        assert 'filename="feature_catalog.yaml"' in answer.headers["Content-Disposition"]
