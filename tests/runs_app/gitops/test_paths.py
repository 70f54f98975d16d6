"""Names that no patch may use, and patterns that policies are made of."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.choices import DEFAULT_PROTECTED_PATHS
from runs_app.gitops.paths import find_path_problems, find_symlink_problem, is_git_folder_name
from runs_app.gitops.patterns import matches_patterns
from tests.support.repos import GitRepo, isolated_environment, make_repo


@pytest.mark.parametrize(
    "name",
    [".git", ".GIT", "git~1", ".git.", ".git ", ".gi\u200ct", ".git:x", "\uff0e\uff47\uff49\uff54"],
)
def test_git_folders_are_seen_through_every_disguise(name: str) -> None:
    assert is_git_folder_name(name)


@pytest.mark.parametrize(
    "name", ["git", ".gitignore", ".github", "x.git", "git~", "git~x", ".gitx", ".git_", "..git"]
)
def test_harmless_neighbours_are_left_alone(name: str) -> None:
    assert not is_git_folder_name(name)


@pytest.fixture(scope="module")
def empty_repo(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return make_repo(tmp_path_factory.mktemp("paths") / "repo")


@settings(max_examples=150, deadline=None)
@given(name=st.text(st.sampled_from(".gGiItT~12 :\u200c\u202e\ufeffx"), min_size=1, max_size=9))
def test_whatever_git_itself_refuses_is_refused_here(name: str, empty_repo: GitRepo) -> None:
    strict = ["-c", "core.protectHFS=true", "-c", "core.protectNTFS=true"]
    outcome = subprocess.run(
        ["git", *strict, "apply", "--check", "--cached", "-"],
        input=f"--- /dev/null\n+++ b/{name}/x\n@@ -0,0 +1 @@\n+x\n".encode(),
        capture_output=True,
        check=False,
        cwd=empty_repo.path,
        env=isolated_environment(),
    )
    if b"invalid path" in outcome.stderr:
        assert find_path_problems(f"{name}/x".encode())


@pytest.mark.parametrize(
    ("path", "target", "is_fine"),
    [
        ("link", b"a", True),
        ("link", b"a/b/./c", True),
        ("a/b/link", b"../../c", True),
        ("a/link", b"../..", False),
        ("a/link", b"b/../c", False),
        ("link", b"", False),
        ("link", b"/a", False),
        ("link", b"a\0b", False),
        ("link", b"\xff", False),
        ("a/link", b"../.git/config", False),
    ],
)
def test_symlinks_stay_in_the_tree(path: str, target: bytes, is_fine: bool) -> None:
    assert (find_symlink_problem(path, target) is None) is is_fine


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("docs/**", ["docs/a", "docs/a/b"], ["docs", "xdocs/a", "a/docs/b"]),
        ("*.md", ["a.md", "x/y/a.md"], ["a.mdx", "md"]),
        ("src/app/", ["src/app/x", "src/app/y/z"], ["src/app", "src/apps/x", "x/src/app/y"]),
        ("/README", ["README", "README/x"], ["a/README"]),
        ("build", ["build", "a/build", "build/x"], ["builder"]),
        ("build/", ["build/x", "a/build/x"], ["build", "a/build"]),
        ("a/*/c", ["a/b/c", "a/b/c/d"], ["a/b/d/c", "a/c"]),
        ("a/**/c", ["a/c", "a/b/c", "a/b/d/c"], ["x/a/c"]),
        ("**/test", ["test", "a/b/test"], ["tests"]),
        ("file?.[ch]", ["file1.c", "x/fileA.h"], ["file.c", "file1.o", "file/.c"]),
        ("[!a]x", ["bx"], ["ax", "/x"]),
        ("sp ace", ["sp ace"], ["space"]),
        ("a+b.(c)", ["a+b.(c)"], ["aab.c"]),
        (r"\*.py", ["*.py"], ["a.py"]),
        ("#comment", [], ["#comment"]),
        ("", [], ["", "a"]),
    ],
)
def test_patterns_match_as_in_a_gitignore(pattern: str, hits: list[str], misses: list[str]) -> None:
    assert [path for path in hits if not matches_patterns(path, [pattern])] == []
    assert [path for path in misses if matches_patterns(path, [pattern])] == []


def test_the_last_matching_pattern_decides() -> None:
    patterns = ["src/**", "!src/generated/", "src/generated/keep.py"]
    assert matches_patterns("src/a.py", patterns)
    assert not matches_patterns("src/generated/a.py", patterns)
    assert matches_patterns("src/generated/keep.py", patterns)
    assert matches_patterns("SRC/A.PY", patterns, is_case_sensitive=False)


def test_ci_definitions_are_protected_by_default() -> None:
    for path in (
        ".github/workflows/ci.yml",
        ".forgejo/workflows/ci.yml",
        ".gitea/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        ".jenkins/pipeline.groovy",
        ".teamcity/settings.kts",
        "Jenkinsfile",
        "services/cart/Jenkinsfile",
        "autopack.yaml",
    ):
        assert matches_patterns(path, DEFAULT_PROTECTED_PATHS), path
    for path in (
        "src/.gitlab-ci.yml",
        ".github/ISSUE_TEMPLATE.md",
        "docs/Jenkinsfile.md",
        "etc/autopack.yaml",
    ):
        assert not matches_patterns(path, DEFAULT_PROTECTED_PATHS), path
