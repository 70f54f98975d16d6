"""Who may read and who may write, and what becomes of questions that make no sense."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import NoReverseMatch, URLPattern, reverse
from rest_framework.test import APIClient

from autopack.actors import Role
from autopack.models import Project
from catalog_app.api.urls import urlpatterns
from catalog_app.models import FeatureCatalog, FeatureSource
from tests.catalog_app.api.conftest import BASE, ClientOf
from tests.support import catalog_factories as make

Get = Callable[..., Any]

READ = [
    "catalogs",
    "catalogs/main",
    "health",
    "export",
    "features",
    "features/login",
    "combinations",
    "combinations/base",
    "stacks",
    "stacks/rag",
    "sources",
    "sources/{source}",
    "sources/{source}/scans",
    "scans/{scan}",
    "repositories",
    "repositories/lib",
    "licenses/policy",
    "licenses/policy/default",
    "licenses/decide?expression=MIT",
    "lookup?q=sign+in",
]

WRITE = [
    ("put", "features/login"),
    ("patch", "features/login"),
    ("put", "stacks/rag"),
    ("patch", "stacks/rag"),
    ("put", "combinations/base"),
    ("patch", "combinations/base"),
    ("put", "repositories/lib"),
    ("patch", "repositories/lib"),
    ("post", "import"),
    ("post", "features/login/retire"),
    ("post", "features/login/restore"),
    ("post", "stacks/rag/retire"),
    ("post", "stacks/rag/restore"),
    ("post", "sources/{source}/pin"),
    ("post", "sources/{source}/judgement"),
    ("post", "sources/{source}/retire"),
    ("post", "sources/{source}/restore"),
    ("post", "repositories/lib/whitelist"),
    ("post", "repositories/lib/unlist"),
    ("put", "licenses/policy/default"),
    ("post", "sources/{source}/verify"),
    ("post", "scans/{scan}/cancel"),
    ("post", "verify"),
]


@pytest.fixture
def writes(source: FeatureSource) -> list[tuple[str, str]]:
    return [(method, path.format(source=source.pk, scan=source.last_scan_id)) for method, path in WRITE]


@pytest.fixture
def paths(source: FeatureSource) -> list[str]:
    return [path.format(source=source.pk, scan=source.last_scan_id) for path in READ]


def test_the_tables_here_know_every_address() -> None:
    names = {"login", "main", "base", "rag", "default"}
    known = set()
    for path in [*READ, *(path for _, path in WRITE)]:
        steps = path.partition("?")[0].split("/")
        steps = [
            "<str:slug>" if step in names else "<str:repo_id>" if step == "lib" else step for step in steps
        ]
        joined = "/".join(steps).replace("{source}", "<int:source_id>").replace("{scan}", "<int:scan_id>")
        known.add(joined)
    assert {str(url.pattern) for url in urlpatterns if isinstance(url, URLPattern)} == known


def test_nobody_reads_without_a_key(paths: list[str]) -> None:
    for path in paths:
        answer = APIClient().get(BASE + path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path


def test_nobody_writes_without_a_key(writes: list[tuple[str, str]]) -> None:
    for method, path in writes:
        answer = getattr(APIClient(), method)(BASE + path, {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path


def test_only_curators_write(writes: list[tuple[str, str]], client_of: ClientOf) -> None:
    for method, path in writes:
        for role in Role:
            answer = getattr(client_of(role), method)(BASE + path, {}, format="json")
            if role is Role.CURATOR:
                assert answer.status_code not in (401, 403), (path, role)
            else:
                assert (answer.status_code, answer.json()["needed"]) == (403, ["curator"]), (path, role)


def test_what_only_reads_takes_no_other_method(
    paths: list[str], writes: list[tuple[str, str]], client_of: ClientOf
) -> None:
    allowed = {(method, path) for method, path in writes}
    for path in [path for path in paths if "?" not in path]:
        for method in ("post", "put", "patch", "delete"):
            if (method, path) not in allowed:
                answer = getattr(client_of(Role.CURATOR), method)(BASE + path, {}, format="json")
                assert answer.status_code == 405, (method, path)
    for _, path in writes:
        if path not in paths:
            assert client_of(Role.READER).get(BASE + path).status_code == 405, path


def test_every_role_reads_everything(paths: list[str], client_of: ClientOf) -> None:
    for role in Role:
        for path in paths:
            assert client_of(role).get(BASE + path).status_code == 200, (role, path)


def test_v7_clients_are_offered_no_catalog(paths: list[str], client_of: ClientOf) -> None:
    for path in paths:
        assert client_of(Role.READER).get(f"/catalog/{path}").status_code == 404, path
    answer = client_of(Role.CURATOR).post("/catalog/features/login/retire", {"reason": "old"}, format="json")
    assert answer.status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("v7:stacks")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("features/nothing", "feature_not_found"),
        ("features/login?catalog=other", "catalog_not_found"),
        ("combinations/nothing", "combination_not_found"),
        ("stacks/nothing", "stack_not_found"),
        ("sources?catalog=other", "catalog_not_found"),
        ("sources/0", "source_not_found"),
        ("sources/99999999999999999999999/scans", "source_not_found"),
        ("scans/0", "scan_not_found"),
        ("repositories/nothing", "repository_not_found"),
        ("licenses/policy/nothing", "license_policy_not_found"),
        ("catalogs/other", "catalog_not_found"),
    ],
)
def test_what_is_not_there_is_not_found(catalog: FeatureCatalog, get: Get, path: str, code: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    ("path", "parameter", "allowed"),
    [
        ("sources?status=verifed", "status", "verified"),
        ("sources?license_decision=allowed,maybe", "license_decision", "review"),
        ("sources?usable=yes", "usable", "true"),
        ("sources?stack=web", "stack", "rag"),
        ("sources?retired=1", "retired", "all"),
        ("features?category=auht", "category", "auth"),
        ("features?complexity=hard", "complexity", "high"),
        ("features?stack=web", "stack", "rag"),
        ("features?usable=1", "usable", "false"),
        ("features?status=,verifed", "status", "verified"),
        ("repositories?ownership=mine", "ownership", "own"),
        ("repositories?visibility=%00", "visibility", "public"),
        ("stacks?retired=maybe", "retired", "all"),
    ],
)
def test_a_value_that_no_filter_knows_is_refused_with_those_it_knows(
    catalog: FeatureCatalog, get: Get, path: str, parameter: str, allowed: str
) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_query")
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("unknown_value", parameter)
    assert allowed in error["allowed"]


def test_everything_wrong_with_a_query_is_said_at_once(catalog: FeatureCatalog, get: Get) -> None:
    answer = get("sources?status=x&usable=y&updated_since=yesterday&q=" + "w" * 201)
    assert {error["parameter"] for error in answer.json()["errors"]} == {
        "status",
        "usable",
        "updated_since",
        "q",
    }


@pytest.mark.parametrize(
    "path",
    [
        "features/%00",
        "features/%ff%fe",
        "features/" + "x" * 3000,
        "features?q=%00",
        "features?q=" + "w%20" * 99,
        "features?category=%00",
        "features?repo=%00",
        "features?cursor=cD1h%00",
        "sources?q=%00",
        "sources?q=%25_%5C%27",
        "sources?feature=%00",
        "sources?cursor=%00",
        "sources?cursor=cD1hYmM=",
        "sources?page_size=-1",
        "sources?updated_since=0000-00-00T00:00:00Z",
        "sources?updated_since=9999-12-31T23:59:59-23:59",
        "sources?catalog=%00",
        "sources?status=" + "verified," * 1000,
        "sources?repo=" + ",".join(map(str, range(60))),
        "stacks?cursor=cD0lMDA=",
        "stacks?cursor=cD1hYmM=",
        "repositories/%00",
        "catalogs/%00",
        "licenses/policy/%00",
    ],
)
def test_hostile_questions_are_never_a_failure_of_ours(catalog: FeatureCatalog, get: Get, path: str) -> None:
    assert get(path).status_code in (200, 404, 422)


def test_a_policy_of_a_project_is_shown_to_its_keys_alone(catalog: FeatureCatalog, get: Get) -> None:
    project = Project.objects.create(project_id="shop", name="Shop", repo_path="/srv/shop")
    make.LicensePolicyFactory.create(slug="shop", project=project)

    assert [policy["slug"] for policy in get("licenses/policy").json()["results"]] == ["default", "shop"]
    assert get("licenses/policy/shop").json()["project_id"] == "shop"
