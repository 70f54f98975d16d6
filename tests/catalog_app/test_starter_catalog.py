"""The shipped catalog, read as plain YAML: it agrees with itself."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog_app.choices import LicenseDecision, Ownership, Use
from catalog_app.interchange.checking import check_content
from catalog_app.interchange.writing import FEATURES_FILE, STACKS_FILE, write_catalog
from catalog_app.licensing import DEFAULT_TERMS, decide, parse_license
from tests.support.catalog_yaml import read_texts

FOLDER = Path(__file__).resolve().parents[2] / "catalog"
FEATURE_KEYS = [
    "title",
    "description",
    "category",
    "complexity",
    "aliases",
    "phrases",
    "tags",
    "requires",
    "conflicts",
    "compatible_stacks",
    "notes",
    "repos",
]
SOURCE_KEYS = [
    "id",
    "repo_url",
    "path",
    "paths",
    "license",
    "compatible_stacks",
    "notes",
    "license_source",
    "quality",
    "seen_in",
    "stars",
]
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PROFILE_SLUG = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
REPO_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

# YAML as it is written by hand has no narrower type.
Entry = dict[str, Any]


@pytest.fixture(scope="module")
def catalog() -> Entry:
    return _read("feature_catalog.yaml")


@pytest.fixture(scope="module")
def features(catalog: Entry) -> dict[str, Entry]:
    found: dict[str, Entry] = catalog["features"]
    return found


@pytest.fixture(scope="module")
def profiles() -> dict[str, Entry]:
    found: dict[str, Entry] = _read("stack_profiles.yaml")["profiles"]
    return found


def test_the_files_are_written_as_the_export_writes_them_and_leave_little_to_settle() -> None:
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in (FEATURES_FILE, STACKS_FILE)}
    content = read_texts(texts)

    assert write_catalog(content) == texts
    assert {problem.code for problem in check_content(content)} <= {"unknown_repository"}


def test_all_features_are_there_in_the_order_of_their_slugs(features: dict[str, Entry]) -> None:
    assert len(features) == 431
    assert list(features) == sorted(features)
    assert [slug for slug in features if not SLUG.fullmatch(slug)] == []


def test_every_feature_is_described_in_full(features: dict[str, Entry]) -> None:
    for slug, feature in features.items():
        assert [key for key in FEATURE_KEYS if key in feature] == list(feature), slug
        assert feature["title"], slug
        assert feature["description"].endswith("."), slug
        assert feature["complexity"] in {"low", "medium", "high"}, slug
        assert feature["aliases"], slug
        assert feature["repos"], slug


def test_every_feature_is_asked_for_in_ways_that_no_other_is(features: dict[str, Entry]) -> None:
    uses = Counter(phrase.casefold() for feature in features.values() for phrase in feature["phrases"])
    assert [phrase for phrase, count in uses.items() if count > 1] == []
    for slug, feature in features.items():
        assert len(feature["phrases"]) >= 8, slug
        for phrase in feature["phrases"]:
            assert 3 <= len(phrase.split()) <= 30, slug


def test_every_source_is_a_declaration_without_evidence(features: dict[str, Entry]) -> None:
    for slug, source in _sources(features):
        assert [key for key in SOURCE_KEYS if key in source] == list(source), slug
        assert source["license"], slug
        assert source["license_source"] in {"file", "knowledge", "list", "review"}, slug
        assert source["quality"] in {"listed", "unverified"}, slug
        for path in source.get("paths", [source["path"]] if "path" in source else []):
            assert not path.startswith("/"), slug
            assert not {"", ".", ".."} & set(path.removesuffix("/").split("/")), slug


def test_an_alias_belongs_to_one_feature(features: dict[str, Entry]) -> None:
    uses = Counter(alias.casefold() for feature in features.values() for alias in feature["aliases"])

    assert [alias for alias, count in uses.items() if count > 1] == []


def test_an_alias_is_not_another_feature(features: dict[str, Entry]) -> None:
    named = {name: slug for slug, feature in features.items() for name in (slug, feature["title"].casefold())}

    assert [
        (slug, alias)
        for slug, feature in features.items()
        for alias in feature["aliases"]
        if named.get(alias.casefold(), slug) != slug
    ] == []


def test_features_refer_to_features_that_exist(catalog: Entry, features: dict[str, Entry]) -> None:
    for slug, feature in features.items():
        for key in ("requires", "conflicts"):
            named = feature.get(key, [])
            assert set(named) <= set(features) - {slug}, slug
            assert named == sorted(set(named)), slug
    for slug, combination in catalog["feature_combinations"].items():
        assert SLUG.fullmatch(slug)
        assert set(combination["features"]) <= set(features), slug
        assert len(set(combination["features"])) == len(combination["features"]), slug


def test_a_combination_brings_what_its_features_require(catalog: Entry, features: dict[str, Entry]) -> None:
    for slug, combination in catalog["feature_combinations"].items():
        chosen = set(combination["features"])
        required = {other for feature in chosen for other in features[feature].get("requires", [])}
        assert required <= chosen, slug


def test_no_feature_requires_itself_by_way_of_others(features: dict[str, Entry]) -> None:
    TopologicalSorter({slug: feature.get("requires", []) for slug, feature in features.items()}).prepare()


def test_every_category_is_worth_browsing(features: dict[str, Entry]) -> None:
    categories = Counter(feature["category"] for feature in features.values())

    assert [name for name in categories if not SLUG.fullmatch(name)] == []
    assert [name for name, count in categories.items() if count < 5] == []


def test_one_address_has_one_id(features: dict[str, Entry]) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    addresses: dict[str, set[str]] = defaultdict(set)
    for slug, source in _sources(features):
        assert REPO_ID.fullmatch(source["id"]), slug
        assert source["repo_url"].startswith("https://"), slug
        address = source["repo_url"].rstrip("/").removesuffix(".git").casefold()
        ids[address].add(source["id"])
        addresses[source["id"].casefold()].add(address)

    assert [found for found in ids.values() if len(found) > 1] == []
    assert [found for found in addresses.values() if len(found) > 1] == []


def test_one_place_has_one_license(features: dict[str, Entry]) -> None:
    licenses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, source in _sources(features):
        for path in source.get("paths", [source.get("path", "")]):
            licenses[source["id"], path].add(source["license"])

    assert {place: found for place, found in licenses.items() if len(found) > 1} == {}


def test_every_license_is_written_as_spdx_writes_it(features: dict[str, Entry]) -> None:
    for slug, source in _sources(features):
        read = parse_license(source["license"])
        assert read.is_settled, (slug, read.problems)
        assert read.expression == source["license"], slug
        assert read.problems == (), slug


def test_most_features_have_a_source_that_the_default_policy_would_allow(features: dict[str, Entry]) -> None:
    allowed = {
        slug
        for slug, source in _sources(features)
        if decide(source["license"], DEFAULT_TERMS, ownership=Ownership.THIRD_PARTY, use=Use.COPY).outcome
        == LicenseDecision.ALLOWED
    }

    assert len(allowed) >= 390


def test_every_stack_that_is_named_exists(
    catalog: Entry, features: dict[str, Entry], profiles: dict[str, Entry]
) -> None:
    named = [source.get("compatible_stacks") for _, source in _sources(features)]
    named += [
        combination.get("compatible_stacks") for combination in catalog["feature_combinations"].values()
    ]
    for stacks in named:
        if stacks is not None:
            assert stacks == sorted(set(stacks))
            assert set(stacks) <= set(profiles)


def test_the_profiles_of_the_mission_are_as_it_gives_them(profiles: dict[str, Entry]) -> None:
    service, rag = profiles["web_fastapi_pg"], profiles["fullstack_rag"]

    assert service["project_types"] == ["api_service", "autonomous_orchestrator"]
    assert (service["backend"], service["db"], service["frontend"]) == ("fastapi", "postgres", "none")
    assert service["preferred_repos"] == [{"id": "autopack_core"}, {"id": "chatbot_project_orchestrator"}]
    assert rag["project_types"] == ["rag_app", "chatbot"]
    assert (rag["backend"], rag["db"], rag["vector_db"]) == ("fastapi", "postgres", "qdrant")
    assert rag["frontend"] == "nextjs"
    assert rag["preferred_repos"] == [{"id": "my_rag_template"}, {"id": "open_source_rag_boilerplate"}]


def test_every_profile_is_described_in_full(profiles: dict[str, Entry]) -> None:
    assert len(profiles) >= 14
    assert list(profiles) == sorted(profiles)
    for slug, profile in profiles.items():
        assert PROFILE_SLUG.fullmatch(slug)
        assert {"title", "description", "backend", "db", "frontend", "notes"} <= set(profile), slug
        assert len(profile["project_types"]) >= 2, slug
        assert profile["ci_profile"] in {"normal", "strict"}, slug
        assert 0.1 <= profile["budget_multiplier"] <= 3, slug


def test_preferred_repositories_are_in_the_catalog_but_for_the_examples_of_the_mission(
    features: dict[str, Entry], profiles: dict[str, Entry]
) -> None:
    known = {source["id"] for _, source in _sources(features)}
    preferred = {repo["id"] for profile in profiles.values() for repo in profile.get("preferred_repos", [])}

    assert preferred - known == {
        "autopack_core",
        "chatbot_project_orchestrator",
        "my_rag_template",
        "open_source_rag_boilerplate",
    }


def _sources(features: dict[str, Entry]) -> Iterator[tuple[str, Entry]]:
    for slug, feature in features.items():
        for source in feature["repos"]:
            yield slug, source


def _read(name: str) -> Entry:
    document: Entry = yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return document
