"""What shows only when a whole catalog is looked at."""

import pytest

from catalog_app.interchange.checking import MOST_SUGGESTIONS, Surroundings, check_content
from catalog_app.interchange.entries import CatalogContent, FeatureEntry, RepoEntry, StackEntry
from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS, read_text, read_texts, shown


def features(**requires: str) -> str:
    body = ", ".join(f"{slug}: {{requires: [{named}]}}" for slug, named in requires.items())
    return f"features: {{{body}}}\n"


def sources(*texts: str) -> str:
    listed = ", ".join(f"{{license: MIT, {text}}}" for text in texts)
    return f"features: {{a: {{repos: [{listed}]}}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (features(a="b"), ["1:27 error unknown_feature features.a.requires[0]: there is no feature b"]),
        (
            features(login="sing-in", **{"sign-in": ""}),
            [
                "1:31 error unknown_feature features.login.requires[0]: there is no feature sing-in; "
                "suggestion: sign-in"
            ],
        ),
        (features(a="a"), ["1:16 error self_reference features.a.requires: a names itself"]),
        (
            features(a="b", b="c", c="a"),
            ["1:16 error requires_cycle features.a.requires: requires itself: a → b → c → a"],
        ),
        (
            features(a="b", b="c, d", c="b", d=""),
            ["1:36 error requires_cycle features.b.requires: requires itself: b → c → b"],
        ),
        (
            "features: {a: {requires: [b], conflicts: [b]}, b: {}}",
            ["1:31 error requires_and_conflicts features.a.conflicts: b cannot be required and in conflict"],
        ),
        (
            "repositories: {r: {repo_url: 'https://github.com/...', whitelisted: true}}",
            [
                "1:16 error whitelisted_without_address repositories.r: r has no real address, so it "
                "cannot be whitelisted"
            ],
        ),
    ],
)
def test_what_a_plan_could_not_work_with_is_an_error(text: str, expected: list[str]) -> None:
    assert shown(text, is_checked=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "features: {a: {conflicts: [b]}}",
            "1:28 warning unknown_feature features.a.conflicts[0]: there is no feature b",
        ),
        (
            "features: {a: {compatible_stacks: [web]}}\nprofiles: {webb: {}}",
            "1:36 warning unknown_stack features.a.compatible_stacks[0]: there is no stack profile web; "
            "suggestion: webb",
        ),
        (
            "feature_combinations: {c: [a]}\nfeatures: {}",
            "1:24 warning unknown_feature feature_combinations.c.features[0]: there is no feature a",
        ),
        (
            "profiles: {s: {preferred_repos: [{id: r}]}}",
            "1:34 warning unknown_repository profiles.s.preferred_repos[0]: no source and no section of "
            "repositories has r",
        ),
        (
            "features: {a: {aliases: [SSO]}, b: {aliases: [sso]}}",
            "1:47 warning shared_alias features.b.aliases[0]: 'sso' is an alias of a, too",
        ),
        (
            sources("id: r"),
            "1:24 warning no_address features.a.repos[0].repo_url: nothing says where r is",
        ),
        (
            sources("id: r, repo_url: https://github.com/..."),
            "1:46 warning placeholder_url features.a.repos[0].repo_url: https://github.com/... is no address "
            "of a repository yet",
        ),
        (
            sources("id: q, repo_url: https://github.com/A/B.git", "id: r, repo_url: github.com/a/b"),
            "1:107 warning same_repository features.a.repos[1].repo_url: r has the address of q, so it is "
            "the same repository; suggestion: q",
        ),
        (
            sources(
                "id: r, repo_url: https://github.com/a/b, path: x",
                "id: r, repo_url: https://github.com/a/c, path: y",
            ),
            "1:112 warning contradicts features.a.repos[1].repo_url: r has another url, "
            "'https://github.com/a/b', elsewhere, which counts",
        ),
        (
            "features: {a: {repos: [{id: r, license: LicenseRef-Private, repo_url: 'https://h.org/r', "
            "ownership: third_party}]}}",
            "1:32 warning private_third_party features.a.repos[0].license: r is somebody else's, so its "
            "licence cannot be private; suggestion: ownership: own",
        ),
    ],
)
def test_what_names_something_unknown_is_kept_with_a_warning(text: str, expected: str) -> None:
    assert shown(text, is_checked=True) == [expected]


def test_one_address_in_two_spellings_is_no_contradiction() -> None:
    text = sources(
        "id: r, repo_url: https://github.com/a/b, path: x", "id: r, repo_url: github.com/A/b.git, path: y"
    )
    assert shown(text, is_checked=True) == []


def test_the_missions_files_have_exactly_the_expected_warnings() -> None:
    content = read_texts({"feature_catalog.yaml": MISSION_FEATURES, "stack_profiles.yaml": MISSION_STACKS})
    problems = check_content(content)
    assert [(p.severity, p.code, p.origin.path) for p in problems] == [
        ("warning", "placeholder_url", "features.auth_basic.repos[0].repo_url"),
        ("warning", "placeholder_url", "features.autonomous_build_orchestrator.repos[0].repo_url"),
        ("warning", "unknown_repository", "profiles.web_fastapi_pg.preferred_repos[0]"),
        ("warning", "unknown_repository", "profiles.fullstack_rag.preferred_repos[0]"),
        ("warning", "unknown_repository", "profiles.fullstack_rag.preferred_repos[1]"),
    ]


def test_one_entry_is_seen_together_with_what_stays() -> None:
    content, _, _ = read_text("features: {a: {requires: [b, old], compatible_stacks: [web], aliases: [x]}}")
    stays = CatalogContent(
        frozenset(),
        features=(FeatureEntry("b", "B", requires=("a", "gone"), aliases=("X",)),),
        stacks=(StackEntry("web", "Web"),),
    )
    problems = check_content(content, Surroundings(stays, retired_features={"old"}))
    assert [(p.code, p.message) for p in problems] == [
        ("unknown_feature", "old is retired"),
        ("requires_cycle", "requires itself: a → b → a"),
        ("shared_alias", "'x' is an alias of b, too"),
    ]


def test_facts_of_known_repositories_count() -> None:
    text = sources("id: r", "id: s, repo_url: https://github.com/a/b")
    content, _, _ = read_text(text)
    known = {
        "r": RepoEntry("r", url="https://github.com/a/r"),
        "t": RepoEntry("t", url="https://github.com/a/b"),
    }
    problems = check_content(content, Surroundings(repos=known))
    assert [(p.code, p.suggestion) for p in problems] == [("same_repository", "t")]


def test_long_chains_of_requirements_are_followed() -> None:
    chain = {f"f{n}": FeatureEntry(f"f{n}", "F", requires=(f"f{n + 1}",)) for n in range(20_000)}
    last = FeatureEntry("f20000", "F")
    content = CatalogContent(frozenset(), features=(*chain.values(), last))
    assert check_content(content) == []
    closed = CatalogContent(
        frozenset(), features=(*chain.values(), FeatureEntry("f20000", "F", requires=("f0",)))
    )
    assert [problem.code for problem in check_content(closed)] == ["requires_cycle"]
    (problem,) = check_content(closed)
    assert problem.message.startswith("requires itself: f0 → f1 → ")
    assert problem.message.endswith("f9 → … → f20000 → f0")


def test_many_slips_are_all_said_and_quickly() -> None:
    features = tuple(
        FeatureEntry(f"f{n}", "F", conflicts=(f"f{n}x",), aliases=("same",)) for n in range(5_000)
    )
    problems = check_content(CatalogContent(frozenset(), features=features))
    assert len(problems) == 5_000 + 4_999
    assert sum(problem.suggestion != "" for problem in problems) == MOST_SUGGESTIONS
