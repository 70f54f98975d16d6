"""Plain values to entries: what is refused, what is kept with a warning, every shape that is understood."""

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.choices import CiProfile, Complexity, Ownership, Visibility
from catalog_app.interchange.checking import check_content
from catalog_app.interchange.entries import CatalogContent, Section
from catalog_app.interchange.reading import merge_contents, read_document
from catalog_app.interchange.writing import write_catalog
from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS, read_text, shown

KEYS = [
    "features",
    "profiles",
    "repositories",
    "feature_combinations",
    "title",
    "description",
    "aliases",
    "phrases",
    "tags",
    "requires",
    "conflicts",
    "repos",
    "id",
    "slug",
    "name",
    "repo_url",
    "path",
    "paths",
    "license",
    "stack",
    "backend",
    "db",
    "database",
    "preferred_repos",
    "budget_multiplier",
    "quality_score",
    "pinned_commit",
    "compatible_stacks",
    "quality_thresholds",
    "minimum",
    "ownership",
    "whitelisted",
    "a",
    "b",
    "MIT",
    "own",
    "high",
    "https://github.com/a/b",
    "../x",
]
WORDS = st.sampled_from([*KEYS, "a: b\n", "\0", "\ud800", ""])
ANYTHING = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.binary(max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.integers()), inner, max_size=6)
    ),
    max_leaves=40,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING)
def test_whatever_is_given_is_read_or_refused_in_words(value: object) -> None:
    for given_value in (value, {"features": value}, {"features": {"a": value}}, {"profiles": {"s": value}}):
        content, problems = read_document(given_value)
        problems += check_content(content)
        assert all(problem.message and problem.code for problem in problems)
        if not any(problem.is_error for problem in problems):
            write_catalog(content)


SHORT_NAMES = ("bsd2", "bsd3", "bsd4", "el2", "cc0", "mpl2", "epl2", "epl1", "mpl1", "zlib")
SHORT_TEXT = " AND ".join(f"({one} OR {other})" for one, other in combinations(SHORT_NAMES, 2))
"""Short in words, but not with every name spelled out."""


def feature(body: str) -> str:
    return f"features:\n  a:\n    {body}\n"


def source(body: str) -> str:
    return f"features: {{a: {{repos: [{{id: r, license: MIT, {body}}}]}}}}\n"


def only(content: CatalogContent) -> dict[str, object]:
    return dict(content.features[0].extra)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a", "1:1 error wrong_kind must be a mapping with features or profiles, not a list"),
        ("feature: {}", "1:1 warning like_known_key feature: is kept, but means nothing to Autopack"),
        ("version: 1", "1:1 error says_nothing has neither features nor profiles in it"),
        ("features:", "1:1 error missing features: has nothing in it; write {} if there are to be none"),
        ("features: text", "1:1 error wrong_kind features: must be a mapping or a list, not a text"),
        ("features: {a: text}", "1:12 error wrong_kind features.a: must be a mapping, not a text"),
        ("features: [{title: '?'}]", "1:12 error missing features[0]: has no slug or id"),
        ("features: {a b: {}}", "1:12 error bad_name features.a b: 'a b' is no name: use 1 to 100"),
        ("features: {404: {}}", "1:12 error key_not_text features.404: is a key, but a number instead of"),
        (
            f"features: {{a: {{repos: [{{id: r, license: {SHORT_TEXT}}}]}}}}",
            "1:32 error too_long features.a.repos[0].license: is an expression of ",
        ),
        (feature("title: 2026"), "3:5 error wrong_kind features.a.title: must be a text, not a number; sugg"),
        (feature("title: no"), "3:5 error wrong_kind features.a.title: must be a text, not true or false"),
        (feature('title: "x\\ny"'), "3:5 error not_one_line features.a.title: must be a text of one line"),
        (feature(f"title: {'x' * 201}"), "3:5 error too_long features.a.title: has 201 characters; at most"),
        (feature('notes: "\\0"'), "3:5 error bad_character features.a.notes: has a NUL"),
        (feature("aliases: {}"), "3:5 error wrong_kind features.a.aliases: must be a list of texts, not a m"),
        (feature("aliases: [SSO, sso]"), "3:20 error same_alias features.a.aliases[1]: 'sso' is here twice"),
        (feature("phrases: [Me, me]"), "3:19 error same_phrase features.a.phrases[1]: 'me' is here twice"),
        (feature(f"phrases: [{'x' * 301}]"), "3:15 error too_long features.a.phrases[0]: has 301 characters"),
        (feature('phrases: ["x\\ny"]'), "3:15 error not_one_line features.a.phrases[0]: must be a text of o"),
        (feature(f"phrases: {list(map(str, range(51)))}"), "3:5 error too_many features.a.phrases: are 51; "),
        (feature("aliases: ['']"), "3:15 error wrong_kind features.a.aliases[0]: must not be empty"),
        (feature("complexity: hgih"), "3:5 error unknown_value features.a.complexity: 'hgih' is not known; "),
        (feature("requires: [a]"), "3:5 error self_reference features.a.requires: a names itself"),
        (feature("requires: ['no slug']"), "3:16 error bad_name features.a.requires[0]: 'no slug' is no"),
        (feature("repos: 3"), "3:5 error wrong_kind features.a.repos: must be a list of repositories, not a"),
        (feature("repos: [3]"), "3:13 error wrong_kind features.a.repos[0]: must be a mapping with the id"),
        (feature("repos: [{repo_url: x}]"), "3:13 error missing features.a.repos[0].id: is missing: the id"),
        (feature("x: .nan"), "3:5 error not_finite features.a.x: is no number that can be kept"),
        (feature("x: !!binary aGk="), "3:5 error not_plain features.a.x: is binary data, which cannot be"),
        (feature("x: {1: 2}"), "3:9 error key_not_text features.a.x.1: is a key, but a number instead of"),
        (feature('x: "\\0"'), "3:5 error bad_character features.a.x: has a NUL or half a character in it"),
        ("repositories: {r: {ownership: ours}}", "1:20 error unknown_value repositories.r.ownership: 'ours'"),
        ("profiles: {s: {stack: x}}", "1:16 error wrong_kind profiles.s.stack: must be a mapping, not a"),
        ("profiles: {s: {db: x, stack: {database: y}}}", "1:31 error said_twice profiles.s.stack.database: "),
        ("profiles: {s: {budget_multiplier: 0}}", "1:16 error out_of_range profiles.s.budget_multiplier: 0"),
        ("profiles: {s: {preferred_repos: [{x: 1}]}}", "1:34 error missing profiles.s.preferred_repos[0].id"),
        ("quality_thresholds: {minimum: 2}", "1:22 error out_of_range quality_thresholds.minimum: 2 must be"),
    ],
)  # fmt: skip
def test_a_problem_says_where_it_is_and_what_to_do(text: str, expected: str) -> None:
    found = shown(text)
    assert found[0].startswith(expected)
    assert len([line for line in found if " error " in line]) == (" error " in expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("path: /etc", "bad_path features.a.repos[0].path: '/etc' is no path inside a repository"),
        ("path: a/../b", "bad_path features.a.repos[0].path: 'a/../b' is no path inside a repository"),
        ("path: 'a\\b'", "bad_path features.a.repos[0].path: 'a\\\\b' is no path inside a repository"),
        ("quality_score: 95", "out_of_range features.a.repos[0].quality_score: 95 must be a number from 0"),
        ("quality_score: high", "wrong_kind features.a.repos[0].quality_score: must be a number, not a text"),
        ("pinned_commit: abc123", "bad_commit features.a.repos[0].pinned_commit: must be a full object name"),
        ("repo_url: 'javascript:x'", "bad_url features.a.repos[0].repo_url: javascript: is no address"),
        ("repo_url: https://h/x y", "bad_url features.a.repos[0].repo_url: an address has no white space"),
        ("repo_url: https://u:p@h/x", "credentials_in_url features.a.repos[0].repo_url: must not have"),
        ("repo_url: https://tok@h/x", "credentials_in_url features.a.repos[0].repo_url: must not have"),
        ("repo_url: ssh://u:p@h/x", "credentials_in_url features.a.repos[0].repo_url: must not have"),
        ("whitelisted: maybe", "wrong_kind features.a.repos[0].whitelisted: must be true or false, not"),
    ],
)  # fmt: skip
def test_a_problem_of_a_source_says_where_it_is_and_what_to_do(body: str, expected: str) -> None:
    assert [line for line in shown(source(body)) if line.startswith(f"1:46 error {expected}")]


def test_two_words_for_one_thing_are_refused_at_the_second() -> None:
    found = shown(source("path: a, paths: [b]"))
    assert found == [
        "1:55 error said_twice features.a.repos[0].paths: says the same as path; leave one of them out"
    ]


def test_the_same_source_twice_is_refused_and_two_paths_of_a_repository_are_not() -> None:
    text = "features: {a: {repos: [{id: r, license: MIT, path: x}, {id: r, license: MIT, path: ./x/}]}}"
    assert shown(text) == ["1:56 error same_source features.a.repos[1]: r is here twice with the same path"]
    assert shown(text.replace("./x/", "y")) == []


def test_what_a_file_says_twice_is_refused_with_both_places() -> None:
    first, _ = read_document({"title": "A", "features": {"a": {}}, "version": 1}, document="one.yaml")
    second, _ = read_document({"title": "B", "features": {"a": {}}, "version": 2}, document="two.yaml")
    merged, problems = merge_contents([first, second])
    assert [(p.code, p.origin.document, p.origin.path, p.other.document) for p in problems if p.other] == [
        ("said_twice", "two.yaml", "title", "one.yaml"),
        ("said_twice", "two.yaml", "version", "one.yaml"),
        ("same_name", "two.yaml", "features.a", "one.yaml"),
    ]
    assert merged.facts.title == "A"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "features: {a: {repos: [{id: r, license: BSD}]}}",
            "1:32 warning unsettled_license features.a.repos[0].license: ",
        ),
        (
            "features: {a: {repos: [{id: r}]}}",
            "1:24 warning unsettled_license features.a.repos[0].license: no licence is named",
        ),
        (
            "features: {a: {repos: [{id: r, license: GPL-3.0}]}}",
            "1:32 warning license_to_confirm features.a.repos[0].license: ",
        ),
        (
            "features: {a: {repos: [{id: r, license: private}]}}",
            "1:32 warning private_license features.a.repos[0].license: 'private' is read as",
        ),
        (
            "features: {a: {repos: [{id: r, licence: MIT}]}}",
            "1:32 warning like_known_key features.a.repos[0].licence: is kept, but means nothing to Autopack",
        ),
        (source("quality_score: 0.955"), "1:46 warning rounded features.a.repos[0].quality_score: 0.955 is"),
        (
            feature("category: Log in"),
            "3:5 warning not_kebab_case features.a.category: 'Log in' is not lower",
        ),
        ("profiles: {s: {backend: [x]}}", "1:16 warning part_not_text profiles.s.backend: is kept as it is"),
    ],
)
def test_what_a_curator_should_settle_is_kept_with_a_warning(text: str, expected: str) -> None:
    found = shown(text)
    assert [line for line in found if line.startswith(expected)], found
    assert not [line for line in found if " error " in line]


def test_suggestions_say_what_to_write() -> None:
    _, (problem,), _ = read_text("features: {a: {repos: [{id: r, license: BSD}]}}")
    assert problem.suggestion == "BSD-2-Clause or BSD-3-Clause"
    _, (problem,), _ = read_text("features: {a: {complexity: hihg}}")
    assert problem.suggestion == "high"


def test_the_missions_features_are_read() -> None:
    content, problems, _ = read_text(MISSION_FEATURES)
    assert [problem.code for problem in problems] == ["private_license"]
    assert content.sections == {Section.FEATURES}
    basic, orchestrator = content.features
    assert (basic.slug, basic.title) == ("auth_basic", "Auth basic")
    assert basic.complexity is Complexity.MEDIUM
    assert basic.sources[0].repo_id == "autopack_auth_module"
    assert basic.sources[0].paths == ("auth",)
    assert basic.sources[0].judgement == Decimal("0.90")
    assert basic.sources[0].pinned_commit is None
    assert (orchestrator.sources[0].license_text, orchestrator.sources[0].license) == (
        "private",
        "LicenseRef-Private",
    )


def test_the_missions_stacks_are_read() -> None:
    content, problems, _ = read_text(MISSION_STACKS)
    assert problems == []
    web, rag = content.stacks
    assert web.project_types == ("api_service", "autonomous_orchestrator")
    assert (web.backend, web.db, web.vector_db, web.frontend) == ("fastapi", "postgres", "", "none")
    assert web.preferred_repos == ("autopack_core", "chatbot_project_orchestrator")
    assert (rag.ci_profile, rag.budget_multiplier) == (CiProfile.NORMAL, Decimal(1))


def test_richer_keys_of_existing_catalogs_are_kept() -> None:
    content, problems, _ = read_text(
        """
        version: 3
        last_updated: 2026-05-04
        license_compatibility: {MIT: [Apache-2.0]}
        quality_thresholds: {minimum: 0.5, preferred: 0.8, stars: 100}
        project_type_mapping: {rag_app: [fullstack_rag]}
        features:
        - id: social-login
          name: Social login
          category: auth
          complexity: High
          features_included: [google, github]
          repos:
            allauth:
              url: https://github.com/pennersr/django-allauth
              files: [allauth/account/models.py]
              license: MIT
              stars: 9000
              last_updated: 2026-01-02
              default_branch: main
              whitelisted: true
            other:
        feature_combinations:
          base: [social-login]
          more: {features: [social-login], description: x, since: 2026-01-02T03:04:05}
        """
    )
    assert [problem.code for problem in problems] == ["unsettled_license"]
    assert content.facts.extra == {"version": 3, "last_updated": "2026-05-04"}
    assert content.facts.quality_thresholds == {"minimum": 0.5, "preferred": 0.8, "stars": 100}
    assert content.facts.license_compatibility == {"MIT": ["Apache-2.0"]}
    (entry,) = content.features
    assert (entry.slug, entry.title, entry.complexity) == ("social-login", "Social login", Complexity.HIGH)
    assert entry.extra == {"features_included": ["google", "github"]}
    assert [one.repo_id for one in entry.sources] == ["allauth", "other"]
    assert entry.sources[0].extra == {
        "files": ["allauth/account/models.py"],
        "stars": 9000,
        "last_updated": "2026-01-02",
    }
    (repo,) = content.repos
    assert (repo.default_branch, repo.is_whitelisted, repo.ownership) == ("main", True, None)
    assert [entry.features for entry in content.combinations] == [("social-login",), ("social-login",)]
    assert content.combinations[1].extra == {"since": "2026-01-02T03:04:05"}


def test_parts_of_a_stack_may_be_nested() -> None:
    content, problems, _ = read_text(
        """
        profiles:
        - id: web
          stack:
            backend: fastapi
            database: postgres
            cache: {name: redis, optional: true}
            workers: 2
          preferred_repos:
          - core
          - {id: extra, why: fast}
          budget_multiplier: 1.25
          region: eu
        version: 2
        """
    )
    assert problems == []
    (stack,) = content.stacks
    assert (stack.title, stack.backend, stack.db) == ("Web", "fastapi", "postgres")
    assert stack.slots == {"cache": {"name": "redis", "optional": True}, "workers": 2}
    assert stack.preferred_repos == ("core", "extra")
    assert stack.extra == {"region": "eu", "preferred_repos": {"extra": {"why": "fast"}}}
    assert content.facts.stacks_extra == {"version": 2}


def test_a_repository_with_a_section_of_its_own_has_defaults_for_what_is_left_out() -> None:
    content, _, _ = read_text("repositories: {r: {ownership: own, visibility: private, tier: 1}}")
    (repo,) = content.repos
    assert (repo.ownership, repo.visibility, repo.is_whitelisted) == (
        Ownership.OWN,
        Visibility.PRIVATE,
        False,
    )
    assert (repo.default_branch, repo.notes, repo.url, repo.extra) == ("", "", None, {"tier": 1})


def test_the_whole_repository_is_no_path_and_paths_are_in_order() -> None:
    for written in ("path: .", "path: ./", "paths: [a, .]", "paths: []"):
        assert read_text(source(written))[0].features[0].sources[0].paths == ()
    assert read_text(source("paths: [b/, ./a//c, b]"))[0].features[0].sources[0].paths == ("a/c", "b")


def test_a_pin_that_is_left_out_stays_and_one_that_is_empty_goes() -> None:
    assert read_text(source("x: 1"))[0].features[0].sources[0].pinned_commit is None
    assert read_text(source("pinned_commit: null"))[0].features[0].sources[0].pinned_commit == ""
    commit = "A" * 40
    assert read_text(source(f"pinned_commit: {commit}"))[0].features[0].sources[0].pinned_commit == "a" * 40
