"""What is written into a repository that several users share can be read by all of them."""

import stat
from pathlib import Path

import pytest

from runs_app.gitops.protocols import GitAdapter
from tests.support.governed import Run, added_file
from tests.support.repos import GitRepo, make_repo


@pytest.mark.parametrize("shared", ["umask", "group", "all", "0640", "0660"])
def test_new_objects_have_the_permissions_that_git_gives(
    adapter: GitAdapter, tmp_path: Path, shared: str
) -> None:
    repo = make_repo(tmp_path / "project")
    repo.git("config", "core.sharedRepository", shared)
    run = Run(adapter, repo).start()
    before = set(_list_objects(repo))
    for number in range(5):
        adapter.create_candidate(run.request(added_file(f"{number}.txt"), phase_id=f"p{number}"))
    ours = set(_list_objects(repo)) - before
    before |= ours
    for number in range(100):
        repo.git("hash-object", "-w", "--stdin", stdin=f"{number}".encode())
    theirs = set(_list_objects(repo)) - before
    assert _permissions(ours) == _permissions(theirs)


def _list_objects(repo: GitRepo) -> list[Path]:
    """Loose objects and the folders they are in."""
    return [*(repo.git_dir / "objects").glob("[0-9a-f][0-9a-f]"), *(repo.git_dir / "objects").glob("??/*")]


def _permissions(paths: set[Path]) -> set[tuple[bool, int]]:
    found = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in paths}
    assert {is_folder for is_folder, _ in found} == {True, False}
    return found
