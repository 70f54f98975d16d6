"""Reading the history that is played."""

from pathlib import Path

import pytest

from runs_app.gitops.types import ObjectId
from runs_app.replay.errors import ReplayError
from runs_app.replay.upstream import open_upstream
from tests.support.history import make_history
from tests.support.repos import GitRepo, make_repo


def test_a_folder_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="no git repository"), open_upstream(tmp_path, is_written=False):
        pass


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="does not exist"), open_upstream(tmp_path / "x", is_written=False):
        pass


def test_a_shallow_clone_is_refused_with_the_remedy(history: GitRepo, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    history.git("clone", "--quiet", "--depth=2", f"file://{history.path}", str(shallow))
    with pytest.raises(ReplayError, match="--unshallow"), open_upstream(shallow, is_written=False):
        pass


def test_too_few_commits_are_refused_with_the_number_there_is(history: GitRepo) -> None:
    with open_upstream(history.path, is_written=True) as upstream:
        with pytest.raises(ReplayError, match="at most 12"):
            upstream.pick_stretch("", 13)
        assert len(upstream.pick_stretch("", 12).commits) == 12


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "empty")
    repo.path.mkdir()
    repo.git("init", "--quiet", "--initial-branch=main")
    with (
        open_upstream(repo.path, is_written=False) as upstream,
        pytest.raises(ReplayError, match="no commit"),
    ):
        upstream.pick_stretch("", 1)


def test_an_unknown_branch_is_refused(history: GitRepo) -> None:
    with (
        open_upstream(history.path, is_written=False) as upstream,
        pytest.raises(ReplayError, match="no branch nowhere"),
    ):
        upstream.pick_stretch("nowhere", 1)


@pytest.mark.parametrize("is_bare", [False, True])
def test_the_last_commits_of_the_first_parent_line_are_picked(tmp_path: Path, is_bare: bool) -> None:
    repo = make_history(tmp_path / "shop", 12, is_bare=is_bare)
    expected = repo.line("rev-list", "--first-parent", "--reverse", "-5", "main").split()
    with open_upstream(repo.path, is_written=True) as upstream:
        stretch = upstream.pick_stretch("", 5)
        assert [commit.commit for commit in stretch.commits] == expected
        assert stretch.base == repo.rev(f"{expected[0]}^")
        assert [commit.tree for commit in stretch.commits] == [repo.tree(commit) for commit in expected]
        assert upstream.head_branch == "main"


def test_a_patch_turns_the_first_parents_tree_into_the_commits(history: GitRepo, tmp_path: Path) -> None:
    desk = GitRepo(tmp_path / "desk")
    history.git("clone", "--quiet", str(history.path), str(desk.path))
    with open_upstream(history.path, is_written=False) as upstream:
        for commit in upstream.pick_stretch("", 12).commits:
            patch = upstream.read_patch(commit)
            desk.git("checkout", "--quiet", "--detach", commit.parent)
            assert bool(patch) == (history.tree(commit.parent) != commit.tree)
            if patch:
                desk.git("apply", "--index", "-", stdin=patch)
            assert desk.line("write-tree") == commit.tree


def test_configuration_of_the_repository_does_not_change_a_patch(history: GitRepo) -> None:
    with open_upstream(history.path, is_written=False) as upstream:
        commits = upstream.pick_stretch("", 12).commits
        before = [upstream.read_patch(commit) for commit in commits]
    for name, value in {"diff.noprefix": "true", "diff.context": "0", "diff.external": "/bin/false"}.items():
        history.git("config", name, value)
    (history.git_dir / "info").mkdir(exist_ok=True)
    (history.git_dir / "info" / "attributes").write_text("* binary\n")
    with open_upstream(history.path, is_written=False) as upstream:
        assert [upstream.read_patch(commit) for commit in commits] == before


def test_a_sound_branch_has_no_unsound_objects(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "shop")
    with open_upstream(repo.path, is_written=False) as upstream:
        tip = upstream.find_references("refs/heads/main")["refs/heads/main"]
        assert upstream.list_unsound_objects(tip, tip) == []
        blob = repo.rev("HEAD:README.md")
        broken = repo.git_dir / "objects" / blob[:2] / blob[2:]
        broken.chmod(0o644)
        broken.write_bytes(b"garbage")
        assert any(blob in line for line in upstream.list_unsound_objects(tip, tip))


def test_objects_in_a_pack_are_not_missing(history: GitRepo) -> None:
    history.git("repack", "-a", "-d", "--quiet")
    with open_upstream(history.path, is_written=False) as upstream:
        stretch = upstream.pick_stretch("", 3)
        tip = stretch.commits[-1].commit
        assert upstream.list_unsound_objects(stretch.base, tip) == []
        assert upstream.list_unsound_objects(tip, tip) == []


@pytest.mark.parametrize("is_packed", [False, True], ids=["loose", "packed"])
def test_what_is_missing_in_the_history_since_the_base_is_named(history: GitRepo, is_packed: bool) -> None:
    base = history.rev("HEAD")
    history.commit("Add a file", {"gone.txt": "gone\n"})
    lost = history.rev("HEAD:gone.txt")
    history.commit("Remove it again", {"gone.txt": None})
    if is_packed:
        pack = str(history.git_dir / "objects" / "pack" / "pack")
        history.git("pack-objects", "--quiet", pack, stdin="\n".join(history.objects() - {lost}).encode())
        history.git("prune-packed", "--quiet")
    (history.git_dir / "objects" / lost[:2] / lost[2:]).unlink()
    with open_upstream(history.path, is_written=False) as upstream:
        tip = upstream.find_references("refs/heads/main")["refs/heads/main"]
        assert any(lost in line for line in upstream.list_unsound_objects(ObjectId(base), tip))
