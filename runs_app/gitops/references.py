"""Reading and moving references: compare-and-swap, all or nothing, and what a failure means."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from autopack.git.errors import GitError
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import BranchConflict, ReferenceLocked
from runs_app.gitops.names import BRANCH_NAMESPACE, CANDIDATE_NAMESPACE, ensure_object_id
from runs_app.gitops.plumbing import ChildEnded
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import ObjectId

_LOCK_FILE: Final = re.compile(r"Unable to create '(?P<path>.+\.lock)': File exists")
_STALE_SECONDS: Final = 60.0
"""git holds the lock of a reference for milliseconds. One this old has lost its owner."""

_MAX_LOOKS: Final = 4


class ReferenceTransactionFailed(GitError):
    """A reference was not as expected, or stood in the way. Nothing has moved; look and name the reason."""

    code = "reference_transaction_failed"


def create_command(ref: str, value: ObjectId) -> str:
    return f"create {ref} {ensure_object_id(value)}"


def update_command(ref: str, value: ObjectId, expected: ObjectId) -> str:
    """git reads an empty new value as "delete", hence the check of every id."""
    return f"option no-deref\nupdate {ref} {ensure_object_id(value)} {ensure_object_id(expected)}"


def delete_command(ref: str, expected: ObjectId) -> str:
    return f"option no-deref\ndelete {ref} {ensure_object_id(expected)}"


def change_references(engine: GitEngine, repository: Repository, commands: Sequence[str]) -> None:
    """Do all commands or none. Raises ReferenceTransactionFailed, ReferenceLocked."""
    try:
        engine.commit_references(repository, commands)
    except ChildEnded as error:
        lock = _LOCK_FILE.search(error.stderr)
        if lock is None:
            raise ReferenceTransactionFailed(error.stderr) from error
        if not _remove_stale_lock(repository, Path(lock["path"])):
            raise ReferenceLocked(
                f"{lock['path']} is held by another git; if none is running, delete that file"
            ) from error
        _retry(engine, repository, commands)


def settle_references(
    engine: GitEngine,
    repository: Repository,
    commands: Sequence[str],
    find_rest: Callable[[], Sequence[str]],
) -> None:
    """Do all commands or none. If references are not as expected, `find_rest` looks at them and returns what
    is still to do, or raises the reason why it cannot be done: a repeated or half-seen call ends well.
    """
    for is_last in (*[False] * _MAX_LOOKS, True):
        if not commands:
            return
        try:
            change_references(engine, repository, commands)
        except ReferenceTransactionFailed:
            if is_last:
                raise
            commands = find_rest()
        else:
            return


def find_references(
    engine: GitEngine, repository: Repository, patterns: Sequence[str]
) -> dict[str, ObjectId]:
    """References by full name: those named, and those below a name that is a folder."""
    args = ["for-each-ref", "--format=%(refname) %(objectname)", *patterns]
    listing = engine.runner.run(repository.workplace(), args).stdout.decode(errors="surrogateescape")
    return {
        name: ObjectId(value) for name, _, value in (line.rpartition(" ") for line in listing.splitlines())
    }


def find_reference(engine: GitEngine, repository: Repository, ref: str) -> ObjectId | None:
    return find_references(engine, repository, [ref]).get(ref)


def ensure_no_symbolic_branch(repository: Repository, branch: str) -> None:
    """A branch that is another one's second name would move that one, or lose it."""
    path = repository.common_dir / "refs" / "heads" / branch
    if path.is_symlink() or (path.is_file() and path.read_bytes().startswith(b"ref:")):
        raise BranchConflict(f"{branch} is a symbolic reference; name the branch that it stands for")


def _retry(engine: GitEngine, repository: Repository, commands: Sequence[str]) -> None:
    try:
        engine.commit_references(repository, commands)
    except ChildEnded as error:
        raise ReferenceTransactionFailed(error.stderr) from error


def _remove_stale_lock(repository: Repository, lock: Path) -> bool:
    """Only in namespaces that are Autopack's own, where no other git holds a lock for long."""
    own = [
        repository.common_dir / CANDIDATE_NAMESPACE,
        repository.common_dir / "refs" / "heads" / BRANCH_NAMESPACE,
    ]
    if not any(folder in lock.parents for folder in own):
        return False
    try:
        if time.time() - lock.stat().st_mtime < _STALE_SECONDS:
            return False
        lock.unlink()
    except FileNotFoundError:
        # Its owner has let go in the meantime.
        return True
    return True
