"""Entity tags: the same as long as the answer is the same, and known before the rows are read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog_app.models import FeatureCatalog, FeatureSource, PreferredRepo, SourceRepo, SourceScan
from tests.catalog_app.api.conftest import seal
from tests.support import catalog_factories as make

Get = Callable[..., Any]
Send = Callable[..., Any]

TAGGED = [
    "catalogs",
    "catalogs/main",
    "health",
    "export",
    "export?file=feature_catalog.yaml",
    "features",
    "features/login",
    "combinations",
    "combinations/base",
    "stacks",
    "stacks/rag",
    "sources",
    "repositories",
    "repositories/lib",
    "licenses/policy",
    "licenses/policy/default",
]


def tag_of(get: Get, path: str) -> str:
    return str(get(path).headers["ETag"])


@pytest.mark.parametrize("path", TAGGED)
def test_who_has_the_answer_is_told_that_it_holds(catalog: FeatureCatalog, get: Get, path: str) -> None:
    first = get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    assert tag.startswith('"')

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = get(path, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b""), known
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "private, no-cache"
    for strange in ('"other"', tag.strip('"'), ""):
        assert get(path, **{"If-None-Match": strange}).status_code == 200, strange


@pytest.mark.parametrize("path", [path for path in TAGGED if "policy" not in path])
def test_a_change_of_the_catalog_moves_the_tag(catalog: FeatureCatalog, get: Get, path: str) -> None:
    before = tag_of(get, path)
    catalog.features.filter(slug="search").update(title="Other")
    seal(catalog)
    assert tag_of(get, path) != before


def test_what_is_known_of_a_source_moves_tags_although_no_plan_sees_it(
    catalog: FeatureCatalog, source: FeatureSource, get: Get
) -> None:
    before = tag_of(get, "sources")
    FeatureSource.objects.filter(pk=source.pk).update(status_detail="Read again.")
    seal(catalog)
    assert (catalog.version, tag_of(get, "sources") != before) == (1, True)


def test_another_question_has_another_tag(catalog: FeatureCatalog, get: Get) -> None:
    paths = ["sources", "sources?status=verified", "sources?page_size=1", "stacks", "sources?catalog=other"]
    make.CatalogFactory.create(slug="other")
    assert len({tag_of(get, path) for path in paths}) == len(paths)
    assert tag_of(get, "sources?status=verified&q=x") == tag_of(get, "sources?q=x&status=verified")


def test_another_catalog_leaves_the_tag_alone(catalog: FeatureCatalog, get: Get) -> None:
    before = tag_of(get, "sources")
    seal(make.CatalogFactory.create(slug="other"))
    assert tag_of(get, "sources") == before


def test_the_progress_of_a_scan_moves_the_tags_that_show_it(source: FeatureSource, get: Get) -> None:
    scan = make.ScanFactory.create(source=source)
    paths = [f"sources/{source.pk}", f"sources/{source.pk}/scans", f"scans/{scan.pk}"]
    before = {path: tag_of(get, path) for path in paths}
    SourceScan.objects.filter(pk=scan.pk).update(progress_percent=50)
    assert all(tag_of(get, path) != before[path] for path in paths)
    assert tag_of(get, "sources") == tag_of(get, "sources")


def test_repositories_without_a_source_move_the_tag_of_their_list(catalog: FeatureCatalog, get: Get) -> None:
    repo = make.RepoFactory.create(repo_id="unused")
    before = [tag_of(get, "repositories"), tag_of(get, "health")]
    SourceRepo.objects.get(pk=repo.pk).save()
    assert not set(before) & {tag_of(get, "repositories"), tag_of(get, "health")}


def test_a_repository_that_a_stack_waits_for_moves_the_tags_of_stacks(
    catalog: FeatureCatalog, get: Get, send: Send
) -> None:
    stack = catalog.stacks.get()
    PreferredRepo.objects.create(stack=stack, repo_ref="filer")
    make.CatalogFactory.create(slug="other")
    before = {path: tag_of(get, path) for path in ("stacks", "stacks/rag")}

    assert send("put", "features/uploads?catalog=other", {"repos": [{"id": "filer"}]}).status_code == 201
    assert get("stacks/rag").json()["preferred_repos"] == [{"id": "filer", "is_known": True}]
    assert all(tag_of(get, path) != tag for path, tag in before.items())


def test_a_list_that_holds_is_answered_before_its_rows_are_read(catalog: FeatureCatalog, get: Get) -> None:
    for path in ("features?q=login&usable=true", "sources?q=login", "stacks", "repositories", "combinations"):
        tag = tag_of(get, path)
        with CaptureQueriesContext(connection) as queries:
            assert get(path, **{"If-None-Match": tag}).status_code == 304
        asked = [query["sql"] for query in queries if "catalog_app_" in query["sql"]]
        # The catalog; and of repositories, one line about all of them.
        assert len(asked) <= 2, asked
        assert all("featurecatalog" in sql or "md5(string_agg" in sql for sql in asked)
