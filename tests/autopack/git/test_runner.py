"""git is started with bounds on its time, its words and whom it may talk to."""

from pathlib import Path

import psutil
import pytest

from autopack.git.errors import GitCommandFailed, GitTimedOut, GitUnavailable
from autopack.git.runner import GitRunner, Workplace, redact
from tests.support.repos import GitRepo, make_repo

pytestmark = pytest.mark.integration


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return make_repo(tmp_path / "project", {"a.txt": "a\n"})


@pytest.fixture
def place(repo: GitRepo) -> Workplace:
    return Workplace(git_dir=repo.git_dir, cwd=repo.path)


def _executable(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def _children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]


def test_a_git_that_hangs_is_ended(place: Workplace, tmp_path: Path) -> None:
    before = len(_children())
    runner = GitRunner(executable=_executable(tmp_path / "git", "exec sleep 600"), timeout_seconds=0.2)
    with pytest.raises(GitTimedOut):
        runner.run(place, ["version"], stdin=b"x" * 3_000_000)
    with pytest.raises(GitTimedOut):
        runner.run_bounded(place, ["version"], max_bytes=10)
    assert len(_children()) == before


def test_a_missing_git_is_said_so() -> None:
    with pytest.raises(GitUnavailable):
        GitRunner(executable="/nonexistent/git").version()


def test_an_old_git_is_said_so(tmp_path: Path) -> None:
    git = _executable(tmp_path / "git", "echo git version 2.30.1")
    with pytest.raises(GitUnavailable, match=r"2\.30\.1"):
        GitRunner(executable=git).version()


def test_credentials_never_reach_an_error(place: Workplace) -> None:
    assert "secret" not in redact(b"fatal: https://user:secret@host/x and https://secret@host")
    assert "secret" not in redact("Authorization: Bearer secret")
    with pytest.raises(GitCommandFailed) as caught:
        GitRunner().run(place, ["ls-remote", "https://user:secret@localhost:1/x"])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("protocols", "url"),
    [
        ((), "file://{path}"),
        ((), "{path}"),
        ((), "https://localhost:1/x"),
        (("file",), "https://localhost:1/x"),
        (("file",), "ssh://localhost:1/x"),
        (("file",), "ext::sh -c true"),
        (("https", "ssh"), "file://{path}"),
    ],
)
def test_a_transport_that_was_not_allowed_is_refused(
    place: Workplace, tmp_path: Path, protocols: tuple[str, ...], url: str
) -> None:
    other = make_repo(tmp_path / "other", {"b.txt": "b\n"})
    other.git("config", "protocol.allow", "always")
    at = Workplace(git_dir=place.git_dir, cwd=place.cwd, protocols=protocols)
    with pytest.raises(GitCommandFailed, match=r"transport '.*' not allowed"):
        GitRunner().run(at, ["fetch", url.format(path=other.path), "main"])


def test_what_a_repository_allows_itself_does_not_count(repo: GitRepo, place: Workplace) -> None:
    repo.git("config", "protocol.file.allow", "always")
    with pytest.raises(GitCommandFailed, match="transport 'file' not allowed"):
        GitRunner().run(place, ["fetch", f"file://{repo.path}", "main"])


def test_an_allowed_transport_is_used(place: Workplace, tmp_path: Path) -> None:
    other = make_repo(tmp_path / "other", {"b.txt": "b\n"})
    at = Workplace(git_dir=place.git_dir, cwd=place.cwd, protocols=("file",))
    GitRunner().run(at, ["fetch", f"file://{other.path}", "main"])
    fetched = GitRunner().run(place, ["rev-parse", "FETCH_HEAD"]).stdout
    assert fetched.decode().strip() == other.head()
