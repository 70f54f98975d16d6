"""What is answered: everything that is known, with the state of the catalog that it is true of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog_app.models import FeatureCatalog, FeatureSource, PreferredRepo
from tests.support import catalog_factories as make
from tests.support.catalog_bulk import fill_catalog

Get = Callable[..., Any]


def slugs(answer: Any, key: str = "slug") -> list[Any]:
    return [row[key] for row in answer.json()["results"]]


def state(catalog: FeatureCatalog) -> dict[str, Any]:
    return {"slug": catalog.slug, "version": catalog.version, "digest": catalog.digest}


def test_every_answer_says_which_state_of_the_catalog_it_shows(
    catalog: FeatureCatalog, source: FeatureSource, get: Get
) -> None:
    assert catalog.version == 1
    for path in [
        "features",
        "health",
        "features/login",
        "combinations",
        "combinations/base",
        "stacks",
        "stacks/rag",
        "sources",
        f"sources/{source.pk}",
        f"sources/{source.pk}/scans",
        f"scans/{source.last_scan_id}",
        "repositories",
        "repositories/lib",
    ]:
        assert get(path).json()["catalog"] == state(catalog), path
    (listed,) = get("catalogs").json()["results"]
    assert listed == get("catalogs/main").json()
    assert listed.items() >= state(catalog).items()


def test_a_feature_comes_with_all_that_is_known_of_its_sources(catalog: FeatureCatalog, get: Get) -> None:
    found = get("features/login").json()

    assert (found["title"], found["aliases"], found["combinations"]) == ("Sign in", ["sso"], ["base"])
    (source,) = found["sources"]
    assert source["repository"]["id"] == "lib"
    assert source["is_usable"] is True
    assert (source["license"], source["license_decision"]) == ("MIT", "allowed")
    assert source["license_reason"]
    assert (source["quality_score"], source["judgement"]) == (0.8, None)
    assert len(source["pinned_commit"]) == 40


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["login", "search"]),
        ("q=SSO", ["login"]),
        ("q=sso%20search", []),
        ("category=auth&category=search", ["login", "search"]),
        ("category=auth", ["login"]),
        ("complexity=high,low", ["search"]),
        ("stack=rag", ["login", "search"]),
        ("repo=engine", ["search"]),
        ("status=verified", ["login"]),
        ("status=verified&repo=engine", []),
        ("license_decision=review,denied", ["search"]),
        ("usable=true", ["login"]),
        ("usable=false", ["search"]),
        ("usable=false&license_decision=allowed", []),
        ("retired=true", []),
        ("retired=all", ["login", "search"]),
        ("updated_since=2020-01-01T00:00:00Z", ["login", "search"]),
        ("updated_since=2999-01-01", []),
    ],
)
def test_features_are_found_by_filters(
    catalog: FeatureCatalog, get: Get, query: str, expected: list[str]
) -> None:
    assert slugs(get(f"features?{query}")) == expected


def test_retired_features_are_shown_on_request(catalog: FeatureCatalog, get: Get) -> None:
    catalog.features.filter(slug="login").update(retired_at=make.START)
    assert slugs(get("features")) == ["search"]
    assert slugs(get("features?retired=true")) == ["login"]
    assert slugs(get("features?retired=all")) == ["login", "search"]
    assert get("features/login").json()["sources"][0]["is_usable"] is False


def test_a_source_that_was_changed_changes_its_feature(source: FeatureSource, get: Get) -> None:
    moment = max(source.updated_at, source.feature.updated_at) + timedelta(seconds=1)
    query = f"features?updated_since={moment:%Y-%m-%dT%H:%M:%SZ}"
    assert slugs(get(query)) == []
    FeatureSource.objects.filter(pk=source.pk).update(updated_at=moment + timedelta(seconds=1))
    assert slugs(get(query)) == ["login"]


def test_features_in_a_list_say_where_they_can_be_taken_from(catalog: FeatureCatalog, get: Get) -> None:
    retired = make.SourceFactory.create(feature=catalog.features.get(slug="login"), retired_at=make.START)
    login, _ = get("features").json()["results"]
    (source,) = login["sources"]
    assert source["repository"]["id"] == "lib" != retired.repo.repo_id
    assert (source["is_usable"], source["status"], source["license_decision"]) == (
        True,
        "verified",
        "allowed",
    )


def test_health_says_what_wants_a_curator(catalog: FeatureCatalog, get: Get) -> None:
    make.FeatureFactory.create(catalog=catalog, slug="other", aliases=["sso"], requires=["gone"])
    found = get("health").json()

    assert (found["features"], found["features_without_usable_source"]) == (3, 2)
    assert (found["statuses"]["verified"], found["statuses"]["stale"]) == (1, 0)
    assert found["decisions"] == {"allowed": 1, "review": 1, "denied": 0}
    assert found["shared_names"] == [{"name": "sso", "slugs": ["login", "other"], "count": 2}]
    assert {"kind": "feature", "slug": "other", "field": "requires", "target": "gone"} in found["dangling"]


def test_another_catalog_has_features_of_its_own(catalog: FeatureCatalog, get: Get) -> None:
    other = make.CatalogFactory.create(slug="other", title="Other")
    make.FeatureFactory.create(catalog=other, slug="login", title="Elsewhere")

    found = get("features/login?catalog=other").json()
    assert (found["title"], found["catalog"]["slug"]) == ("Elsewhere", "other")
    assert slugs(get("sources?catalog=other"), "id") == []
    assert slugs(get("catalogs")) == ["main", "other"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["login", "search"]),
        ("q=SSO", ["login"]),
        ("usable=true", ["login"]),
        ("usable=false", ["search"]),
        ("status=verified", ["login"]),
        ("status=declared&status=verified", ["login", "search"]),
        ("status=declared,stale", ["search"]),
        ("license_decision=review", ["search"]),
        ("stack=rag", ["login", "search"]),
        ("repo=engine", ["search"]),
        ("feature=login&repo=engine", []),
        ("pinned=false", ["search"]),
        ("retired=true", []),
        ("retired=all", ["login", "search"]),
        ("updated_since=2020-01-01", ["login", "search"]),
        ("updated_since=2020-01-01T00:00:00+02:00", ["login", "search"]),
        ("updated_since=2999-01-01T00:00:00Z", []),
    ],
)
def test_sources_are_found_by_filters(
    catalog: FeatureCatalog, get: Get, query: str, expected: list[str]
) -> None:
    assert slugs(get(f"sources?{query}"), "feature") == expected


def test_a_source_shows_its_evidence_and_the_scan_that_is_on_its_way(source: FeatureSource, get: Get) -> None:
    assert source.last_scan is not None
    source.last_scan.quality = {"parts": [{"name": "tests", "score": 1.0, "reason": "There are tests."}]}
    source.last_scan.save()
    assert get(f"sources/{source.pk}").json()["live_scan"] is None
    waiting = make.ScanFactory.create(source=source, step="Waiting for a worker")

    found = get(f"sources/{source.pk}").json()
    assert found["quality"] == source.last_scan.quality
    assert found["last_scan_id"] == source.last_scan_id
    assert (found["live_scan"]["id"], found["live_scan"]["state"]) == (waiting.pk, "queued")
    assert slugs(get(f"sources/{source.pk}/scans"), "id") == [waiting.pk, source.last_scan_id]
    scan = get(f"scans/{source.last_scan_id}").json()
    assert (scan["outcome"], scan["quality"], scan["feature"]) == ("verified", found["quality"], "login")


def test_stacks_name_the_repositories_that_they_prefer(
    catalog: FeatureCatalog, source: FeatureSource, get: Get
) -> None:
    stack = catalog.stacks.get()
    PreferredRepo.objects.create(stack=stack, repo_ref="lib", repo=source.repo)
    PreferredRepo.objects.create(stack=stack, repo_ref="nowhere", position=1)

    known = [{"id": "lib", "is_known": True}, {"id": "nowhere", "is_known": False}]
    assert get("stacks/rag").json()["preferred_repos"] == known
    assert slugs(get("stacks?project_type=rag_app")) == ["rag"]
    assert slugs(get("stacks?project_type=other")) == []
    assert slugs(get("combinations?feature=search")) == ["base"]
    assert slugs(get("combinations?retired=true")) == []


def test_repositories_say_what_they_count_for(catalog: FeatureCatalog, get: Get) -> None:
    make.RepoFactory.create(repo_id="unused", ownership="own", visibility="private")
    lib = get("repositories/lib").json()
    assert (lib["source_count"], lib["usable_count"], lib["is_whitelisted"]) == (1, 1, True)
    assert slugs(get("repositories"), "id") == ["engine", "lib", "unused"]
    assert slugs(get("repositories?used=false"), "id") == ["unused"]
    assert slugs(get("repositories?whitelisted=true"), "id") == ["lib"]
    assert slugs(get("repositories?ownership=own&visibility=private"), "id") == ["unused"]
    assert slugs(get("repositories?q=eng"), "id") == ["engine"]


def test_pages_follow_each_other_by_cursor(catalog: FeatureCatalog, get: Get) -> None:
    for number in range(5):
        make.StackFactory.create(catalog=catalog, slug=f"s{number}")
    found, path = [], "stacks?page_size=2&q=s"
    while path:
        page = get(path).json()
        found += [row["slug"] for row in page["results"]]
        path = (page["next"] or "").partition("/catalog/")[2]
    assert found == ["s0", "s1", "s2", "s3", "s4"]


@pytest.mark.slow
def test_lists_and_pages_cost_the_same_however_large_the_catalog_is(db: None, get: Get) -> None:
    fill_catalog(features=20, sources=60)
    get("catalogs")  # The first request makes the key.
    small = {path: _count(get, path) for path in _PATHS}
    fill_catalog(features=300, sources=900)
    assert {path: _count(get, path) for path in _PATHS} == small
    assert max(small.values()) <= 9


_PATHS = [
    "features?page_size=200",
    "features?q=login&usable=true&category=auth&stack=stack-01&page_size=200",
    "health",
    "sources?page_size=200",
    "sources?q=login&usable=true&page_size=200",
    "stacks",
    "combinations",
    "repositories?page_size=200",
    "features/auth-00000",
]


def _count(get: Get, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert get(path).status_code == 200
    return len(queries)
