"""autopack.yaml: every problem with its place, and what a good file means."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from autopack.choices import DEFAULT_PROTECTED_PATHS, CiKind, RunScope, SafetyProfile
from autopack.config_file import ConfigFile, parse_config
from autopack.project_rules import ProjectDefinition

FOLDER = Path("/srv/config")


def _parse(text: str | bytes) -> ConfigFile:
    content = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
    return parse_config(content, file="autopack.yaml", folder=FOLDER)


def _only_problem(text: str | bytes) -> str:
    config = _parse(text)
    assert len(config.problems) == 1, config.problems
    assert not config.projects
    return str(config.problems[0])


def test_every_problem_of_a_file_is_reported_with_its_place() -> None:
    config = _parse(
        """
        # Everything is wrong here.
        projets: {}
        projects:
          shop:
            repo_pth: ../shop
            name: ""
            default_branch: "a b"
            safety_profile: critical
            default_run_scope: [multi_tier]
            ci:
              kind: localy
              norml: []
              normal:
                - name: unit
                  run: "make test"
                - name: unit
                  run: [make]
                  timeout: 3h
                - runn: [make]
            protected_paths: [1, ok, ""]
            path_policy: {allow_symlinks: "yes", max_files: 0, max_size: 3}
          "bad id!": {repo_path: x}
          12: {repo_path: x}
          nope:
          my.app: {repo_path: 5, name: a, name: b, ci: externl}
          fine: {repo_path: x}
        """
    )
    assert [f"{p.line}:{p.column} {p.path}" for p in config.problems] == [
        "2:1 projets",
        "4:3 projects.shop.repo_path",
        "5:5 projects.shop.repo_pth",
        "6:5 projects.shop.name",
        "7:5 projects.shop.default_branch",
        "8:5 projects.shop.safety_profile",
        "9:5 projects.shop.default_run_scope",
        "11:7 projects.shop.ci.kind",
        "12:7 projects.shop.ci.norml",
        "15:11 projects.shop.ci.normal[0].run",
        "18:11 projects.shop.ci.normal[1].timeout",
        "19:11 projects.shop.ci.normal[2].runn",
        "19:11 projects.shop.ci.normal[2].name",
        "19:11 projects.shop.ci.normal[2]",
        "20:23 projects.shop.protected_paths[0]",
        "20:30 projects.shop.protected_paths[2]",
        "21:19 projects.shop.path_policy.allow_symlinks",
        "21:42 projects.shop.path_policy.max_files",
        "21:56 projects.shop.path_policy.max_size",
        "22:3 projects.bad id!",
        "23:3 projects.12",
        "24:3 projects.nope",
        "25:12 projects.my.app.repo_path",
        "25:35 projects.my.app.name (again)",
        "25:44 projects.my.app.ci",
    ]
    assert [project.project_id for project in config.projects] == ["fine"]
    texts = [str(problem) for problem in config.problems]
    assert texts[0] == "autopack.yaml:2:1: projets: is not known here; did you mean projects?"
    assert texts[1].endswith("is missing: the path of the git repository")
    assert texts[2].endswith("did you mean repo_path?")
    assert "must be one of normal, safety_critical, not 'critical'" in texts[5]
    assert "is here twice; the first is on line 25" in texts[23]


def test_a_project_that_is_there_twice_is_a_problem_at_the_second() -> None:
    config = _parse("projects:\n  a: {repo_path: x}\n  a: {repo_path: y}\n")
    assert [str(p) for p in config.problems] == [
        "autopack.yaml:3:3: projects.a (again): is here twice; the first is on line 2"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"projects: [", "autopack.yaml:1:12: cannot be read as YAML: did not find expected node content"),
        (b"- a", "autopack.yaml:1:1: must be a mapping with projects, not a list"),
        (b"hello", "autopack.yaml:1:1: must be a mapping with projects, not a text"),
        (b"projects: [a]", "autopack.yaml:1:1: projects: must be a mapping of project ids"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why(text: bytes, expected: str) -> None:
    assert _only_problem(text).startswith(expected)


@pytest.mark.parametrize(
    "branch",
    [
        *("", " ", "-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "@", "a@{1}"),
        *("/a", "a/", "a//b", "a.lock", "a.lock/b", ".a", "a/.b", "a."),
    ],
)
def test_a_branch_that_git_would_not_take_is_refused(branch: str) -> None:
    text = f"projects: {{a: {{repo_path: x, default_branch: '{branch}'}}}}"
    assert "projects.a.default_branch" in _only_problem(text)


@pytest.mark.parametrize("branch", ["main", "feature/x-1", "v1.0", "a@b", "ünï", "release/2026.11"])
def test_a_branch_that_git_takes_is_taken(branch: str) -> None:
    config = _parse(f"projects: {{a: {{repo_path: x, default_branch: {branch}}}}}")
    assert config.problems == ()
    assert config.projects[0].default_branch == branch


@pytest.mark.parametrize("kind", ["external", "none"])
def test_steps_that_would_have_no_effect_are_refused(kind: str) -> None:
    text = f"""
        projects:
          a:
            repo_path: x
            ci:
              kind: {kind}
              strict: [{{name: t, run: [make]}}]
        """
    assert _only_problem(text).startswith("autopack.yaml:6:7: projects.a.ci.strict: has no effect with")


@pytest.mark.parametrize("text", ["", "# nothing\n", "projects:\n", "projects: {}\n", "---\n"])
def test_a_file_without_projects_is_fine(text: str) -> None:
    assert _parse(text) == ConfigFile((), (), {})


def test_defaults() -> None:
    config = _parse("projects:\n  shop:\n    repo_path: /srv/shop\n")
    assert config.problems == ()
    assert config.projects == (
        ProjectDefinition(
            project_id="shop",
            name="shop",
            repo_path="/srv/shop",
            default_branch="main",
            safety_profile=SafetyProfile.NORMAL,
            default_run_scope=RunScope.MULTI_TIER,
            ci_kind=CiKind.NONE,
            ci_normal=[],
            ci_strict=[],
            protected_paths=list(DEFAULT_PROTECTED_PATHS),
            path_policy={},
        ),
    )
    assert config.places == {"shop": (2, 3)}


def test_everything_that_can_be_said() -> None:
    config = _parse(
        b"\xef\xbb\xbf"
        + dedent(
            """
            projects:
              my.shop-1:
                repo_path: ../shop/./x
                name: Shop
                default_branch: trunk
                safety_profile: safety_critical
                default_run_scope: single_tier
                ci:
                  normal: &steps
                    - {name: unit, run: [make, test], timeout: 5m, retries: 1, junit: out/junit.xml}
                    - {name: lint, shell: "make lint && make types", env: {A: "1"}}
                  strict: *steps
                protected_paths: []
                path_policy: {allow_symlinks: true, allow_submodules: false, max_patch_bytes: 10,
                              max_files: 20, max_file_bytes: 30}
              other: {repo_path: x, ci: external}
            """
        ).encode()
    )
    assert config.problems == ()
    shop, other = config.projects
    steps: list[dict[str, Any]] = [
        {"name": "unit", "run": ["make", "test"], "timeout": 300, "retries": 1, "junit": "out/junit.xml"},
        {"name": "lint", "shell": "make lint && make types", "env": {"A": "1"}},
    ]
    assert shop == ProjectDefinition(
        project_id="my.shop-1",
        name="Shop",
        repo_path="/srv/shop/x",
        default_branch="trunk",
        safety_profile=SafetyProfile.SAFETY_CRITICAL,
        default_run_scope=RunScope.SINGLE_TIER,
        ci_kind=CiKind.LOCAL,
        ci_normal=steps,
        ci_strict=steps,
        protected_paths=[],
        path_policy={
            "allow_symlinks": True,
            "allow_submodules": False,
            "max_patch_bytes": 10,
            "max_files": 20,
            "max_file_bytes": 30,
        },
    )
    assert other.ci_kind is CiKind.EXTERNAL


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("x", "/srv/config/x"),
        (".", "/srv/config"),
        ("../x", "/srv/x"),
        ("/a/../b", "/b"),
        ("~/x", str(Path.home() / "x")),
    ],
)
def test_a_relative_path_starts_from_the_folder_of_the_file(given: str, resolved: str) -> None:
    assert _parse(f"projects: {{a: {{repo_path: {given}}}}}").projects[0].repo_path == resolved
