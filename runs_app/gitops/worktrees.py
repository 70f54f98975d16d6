"""Is a branch in use by a work tree? Read from git's files: a spawn would double the cost of an apply."""

from collections.abc import Iterator
from pathlib import Path

from runs_app.gitops.errors import BranchCheckedOut
from runs_app.gitops.repository import Repository


def ensure_not_checked_out(repository: Repository, branch: str) -> None:
    """Raises BranchCheckedOut if a work tree has the branch checked out, or is rebasing or bisecting it.

    Moving such a branch would make that work tree look as if it had undone the new commits.
    """
    for folder, work_tree in _worktrees(repository):
        if f"refs/heads/{branch}" in _branches_in_use(folder):
            raise BranchCheckedOut(branch, str(work_tree))


def _worktrees(repository: Repository) -> Iterator[tuple[Path, Path]]:
    """The git folder and the work tree of each, the main one first."""
    common_dir = repository.common_dir
    if not repository.is_bare:
        yield common_dir, common_dir.parent if common_dir.name == ".git" else repository.path
    linked = common_dir / "worktrees"
    if not linked.is_dir():
        return
    for folder in linked.iterdir():
        git_file = Path(_read(folder / "gitdir"))
        # A work tree whose folder is gone is nobody's, unless it is locked (say, on a disk not mounted now).
        if git_file.exists() or (folder / "locked").exists():
            yield folder, git_file.parent


def _branches_in_use(folder: Path) -> Iterator[str]:
    head = folder / "HEAD"
    yield str(head.readlink()) if head.is_symlink() else _read(head).removeprefix("ref:").strip()
    for name in ("rebase-merge/head-name", "rebase-apply/head-name"):
        yield _read(folder / name)
    if started_at := _read(folder / "BISECT_START"):
        yield started_at if started_at.startswith("refs/") else f"refs/heads/{started_at}"


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
