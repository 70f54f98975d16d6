"""All that holds something of a repository is named, so that CI steps can be kept from it."""

from pathlib import Path

from runs_app.gitops.protocols import GitAdapter
from tests.support.repos import make_repo


def test_a_path_without_a_repository_is_itself_alone(adapter: GitAdapter, tmp_path: Path) -> None:
    assert adapter.list_folders(tmp_path / "nothing") == (tmp_path / "nothing",)


def test_a_linked_work_tree_names_where_its_objects_are(adapter: GitAdapter, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "shop")
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    folders = adapter.list_folders(tmp_path / "linked")
    assert {tmp_path / "linked", repo.git_dir, repo.git_dir / "objects"} <= set(folders)


def test_borrowed_objects_are_named_to_the_last_lender(adapter: GitAdapter, tmp_path: Path) -> None:
    lender = make_repo(tmp_path / "lender")
    lender.git("clone", "--quiet", "--shared", str(lender.path), str(tmp_path / "second"))
    lender.git("clone", "--quiet", "--shared", str(tmp_path / "second"), str(tmp_path / "third"))
    folders = adapter.list_folders(tmp_path / "third")
    assert {lender.git_dir / "objects", tmp_path / "second" / ".git" / "objects"} <= set(folders)
