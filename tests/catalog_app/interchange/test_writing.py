"""Content as files: what is left out, the order of things, and that everything comes back."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.choices import CiProfile, Complexity, Ownership, Visibility
from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    CombinationEntry,
    FeatureEntry,
    Origin,
    RepoEntry,
    Section,
    SourceEntry,
    StackEntry,
)
from catalog_app.interchange.plain import to_json
from catalog_app.interchange.reading import merge_contents
from catalog_app.interchange.writing import FEATURES_FILE, STACKS_FILE, write_catalog
from tests.catalog_app.interchange.test_yaml_text import KEYS, NUMBERS, TEXTS
from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS, read_texts

NAMES = st.text("aB3._-", max_size=6).map(lambda text: f"n{text}")
PROSE = TEXTS.map(str.strip)
LINES = TEXTS.map(lambda text: " ".join(text.split())[:100].strip()).filter(
    lambda text: text.isprintable() and text != ""
)
LISTS = st.lists(LINES, max_size=3, unique_by=str.casefold).map(tuple)
NAME_LISTS = st.lists(NAMES, max_size=3, unique=True).map(tuple)
# Small, since there are many; what values there can be is the business of the tests of the text.
PLAIN = st.one_of(TEXTS, NUMBERS, st.lists(TEXTS, max_size=2), st.dictionaries(KEYS, TEXTS, max_size=2))
EXTRA = st.dictionaries(KEYS.map(lambda key: f"x{key}"[:100]), PLAIN, max_size=2).map(
    lambda extra: to_json(extra, Origin(), [])
)
HUNDREDTHS = st.integers(0, 100).map(lambda n: Decimal(n) / 100)

SOURCES = st.builds(
    SourceEntry,
    repo_id=NAMES,
    repo_url=st.sampled_from([None, "https://github.com/...", "https://github.com/a/b", "git@h.org:a/b.git"]),
    paths=st.lists(NAMES, max_size=3, unique=True).map(lambda paths: tuple(sorted(paths))),
    license_text=st.sampled_from(["", "MIT", "private", "BSD", "mit or apache-2.0", "Apache 2.0"]),
    judgement=st.none() | HUNDREDTHS,
    judgement_note=PROSE,
    pinned_commit=st.none() | st.text("0123456789abcdef", min_size=40, max_size=40),
    compatible_stacks=NAME_LISTS,
    notes=PROSE,
    extra=EXTRA,
)
FEATURES = st.builds(
    FeatureEntry,
    slug=NAMES,
    title=LINES,
    description=PROSE,
    category=LINES,
    complexity=st.sampled_from(Complexity),
    aliases=LISTS,
    request_phrases=LISTS,
    tags=LISTS,
    compatible_stacks=NAME_LISTS,
    notes=PROSE,
    sources=st.lists(SOURCES, max_size=2, unique_by=lambda source: source.key).map(tuple),
    extra=EXTRA,
)
STACKS = st.builds(
    StackEntry,
    slug=NAMES,
    title=LINES,
    description=PROSE,
    project_types=LISTS,
    backend=LINES | st.just(""),
    slots=EXTRA,
    preferred_repos=NAME_LISTS,
    ci_profile=st.sampled_from(CiProfile),
    budget_multiplier=st.integers(10, 1000).map(lambda n: Decimal(n) / 100),
    notes=PROSE,
    extra=EXTRA,
)
COMBINATIONS = st.builds(
    CombinationEntry, slug=NAMES, title=LINES, description=PROSE, features=NAME_LISTS, extra=EXTRA
)
REPOS = st.builds(
    RepoEntry,
    repo_id=NAMES,
    url=st.sampled_from(["", "https://example.org/r"]),
    fetch_from=st.sampled_from(["", "/srv/git/r"]),
    default_branch=st.sampled_from(["", "main"]),
    ownership=st.sampled_from(Ownership),
    visibility=st.sampled_from(Visibility),
    is_whitelisted=st.booleans(),
    notes=PROSE,
    extra=EXTRA,
).filter(lambda repo: bool(repo.url or repo.fetch_from or not repo.is_whitelisted))
CONTENTS = st.builds(
    CatalogContent,
    sections=st.just(frozenset(Section)),
    facts=st.builds(
        CatalogFacts,
        title=LINES,
        description=PROSE,
        quality_thresholds=EXTRA,
        license_compatibility=EXTRA,
        project_type_mapping=EXTRA,
        extra=EXTRA,
        stacks_extra=EXTRA,
    ),
    repos=st.lists(REPOS, max_size=1, unique_by=lambda repo: repo.repo_id).map(tuple),
    features=st.lists(FEATURES, max_size=2, unique_by=lambda entry: entry.slug).map(tuple),
    combinations=st.lists(COMBINATIONS, max_size=1, unique_by=lambda entry: entry.slug).map(tuple),
    stacks=st.lists(STACKS, max_size=1, unique_by=lambda entry: entry.slug).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONTENTS)
def test_what_is_written_is_read_as_the_same_and_written_the_same(content: CatalogContent) -> None:
    written = write_catalog(content)
    again = read_texts(written)
    assert write_catalog(again) == written
    by_slug = {entry.slug: entry for entry in content.features}
    for entry in again.features:
        before = by_slug[entry.slug]
        assert (entry.title, entry.aliases, entry.extra) == (before.title, before.aliases, before.extra)
        assert [source.key for source in entry.sources] == [source.key for source in before.sources]
    assert {entry.slug for entry in again.stacks} == {entry.slug for entry in content.stacks}
    assert again.facts.extra == content.facts.extra
    assert again.facts.stacks_extra == content.facts.stacks_extra


def test_the_order_of_what_was_said_makes_no_difference() -> None:
    content = read_texts({"f": "features: {b: {z: 1, y: {d: 1, c: 2}}, a: {}}"})
    other = read_texts({"f": "features: {a: {}, b: {y: {c: 2, d: 1}, z: 1}}"})
    assert write_catalog(content) == write_catalog(other)


def test_files_can_be_read_by_people() -> None:
    content = read_texts(
        {"f": MISSION_FEATURES, "s": MISSION_STACKS, "r": "repositories: {r: {whitelisted: true}}"}
    )
    written = write_catalog(content)
    assert written[FEATURES_FILE] == (
        "repositories:\n"
        "  r:\n"
        "    whitelisted: true\n"
        "features:\n"
        "  auth_basic:\n"
        "    title: Auth basic\n"
        "    description: Basic username/password auth with JWT\n"
        "    complexity: medium\n"
        "    repos:\n"
        "    - id: autopack_auth_module\n"
        "      repo_url: https://github.com/...\n"
        "      path: auth\n"
        "      license: MIT\n"
        "      quality_score: 0.9\n"
        "  autonomous_build_orchestrator:\n"
        "    title: Autonomous build orchestrator\n"
        "    description: Orchestrator for autonomous builds\n"
        "    complexity: medium\n"
        "    repos:\n"
        "    - id: chatbot_project_orchestrator\n"
        "      repo_url: https://github.com/...\n"
        "      path: backend/orchestrator\n"
        "      license: private\n"
        "      quality_score: 0.95\n"
    )
    assert written[STACKS_FILE].startswith(
        "profiles:\n"
        "  fullstack_rag:\n"
        "    title: Fullstack rag\n"
        "    project_types:\n"
        "    - rag_app\n"
        "    - chatbot\n"
        "    backend: fastapi\n"
        "    db: postgres\n"
        "    vector_db: qdrant\n"
        "    frontend: nextjs\n"
        "    preferred_repos:\n"
        "    - id: my_rag_template\n"
        "    - id: open_source_rag_boilerplate\n"
        "    ci_profile: normal\n"
        "    budget_multiplier: 1.0\n"
    )


def test_ownership_is_written_where_the_licence_would_say_otherwise() -> None:
    source = SourceEntry("r", license_text="private", license="LicenseRef-Private")
    feature = FeatureEntry("a", "A", sources=(source,))
    place = Origin(steps=("repositories", "r"))
    for ownership, visibility, expected in (
        (Ownership.OWN, Visibility.PRIVATE, ""),
        (Ownership.THIRD_PARTY, Visibility.PRIVATE, "ownership: third_party"),
        (Ownership.OWN, Visibility.PUBLIC, "visibility: public"),
    ):
        repo = RepoEntry("r", ownership=ownership, visibility=visibility, origin=place)
        content = CatalogContent(frozenset(Section), repos=(repo,), features=(feature,))
        text = write_catalog(content)[FEATURES_FILE]
        assert (f"repositories:\n  r:\n    {expected}\n" in text) if expected else "repositories" not in text


def test_an_empty_catalog_says_so() -> None:
    written = write_catalog(CatalogContent(frozenset(Section), facts=CatalogFacts(title="Mine")))
    assert written == {FEATURES_FILE: "title: Mine\nfeatures: {}\n", STACKS_FILE: "profiles: {}\n"}
    assert merge_contents([read_texts(written)])[0].features == ()
