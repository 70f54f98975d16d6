"""What belongs to the user is seen to change, part by part."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runs_app.gitops.engine import GitEngine
from runs_app.replay.checkout import list_differences, take_fingerprint
from runs_app.replay.upstream import open_upstream
from tests.support.repos import GitRepo


def _edit(repo: GitRepo) -> None:
    (repo.path / "README.md").write_text("# Shoq\n")


def _stage(repo: GitRepo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{repo.rev('HEAD:README.md')},staged.md")


def _stash(repo: GitRepo) -> None:
    repo.git("update-ref", "refs/stash", "HEAD")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (_edit, "tracked files"),
        (lambda repo: (repo.path / "README.md").chmod(0o755), "tracked files"),
        (lambda repo: (repo.path / "new.txt").write_text("new"), "untracked files"),
        (_stage, "index"),
        (lambda repo: repo.git("symbolic-ref", "HEAD", "refs/heads/other"), "HEAD"),
        (_stash, "stash"),
        (lambda repo: repo.git("config", "user.name", "Eve"), "configuration and hooks"),
        (lambda repo: repo.git("branch", "mine"), "other branches and tags"),
    ],
)
def test_a_change_is_named(history: GitRepo, change: Callable[[GitRepo], object], part: str) -> None:
    before = _take(history)
    change(history)
    assert part in list_differences(before, _take(history))


def test_nothing_is_no_change(history: GitRepo) -> None:
    assert list_differences(_take(history), _take(history)) == []


def test_what_autopack_makes_and_what_git_ignores_is_no_change(history: GitRepo) -> None:
    (history.git_dir / "info").mkdir(exist_ok=True)
    (history.git_dir / "info" / "exclude").write_text("*.log\n")
    before = _take(history)
    history.git("branch", "autonomous/r1")
    history.git("tag", "autopack/r1/001-p1")
    (history.path / "server.log").write_text("noise")
    home = history.path / "home"
    home.mkdir()
    (home / "database").write_text("rows")
    assert list_differences(before, _take(history)) == []


def test_a_bare_repository_has_no_index_and_no_files(history: GitRepo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    history.git("clone", "--quiet", "--bare", str(history.path), str(bare))
    parts = _take(GitRepo(bare, is_bare=True))
    assert "index" not in parts
    assert "HEAD" in parts


def _take(repo: GitRepo) -> dict[str, str]:
    with open_upstream(repo.path, is_written=False) as upstream:
        assert isinstance(upstream.engine, GitEngine)
        return dict(take_fingerprint(upstream.engine, upstream.repository, home=repo.path / "home"))
