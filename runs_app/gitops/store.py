"""Writes loose objects into a repository: whole or not at all, on the disk before a reference names them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runs_app.gitops.errors import RepositoryUnusable
from runs_app.gitops.objects import LooseObject
from runs_app.gitops.repository import Repository

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def write_objects(repository: Repository, objects: Sequence[LooseObject], *, is_durable: bool) -> None:
    """Write objects, those that others refer to first. One that exists already is only marked as used.

    Raises RepositoryUnusable for a disk that takes no more.
    """
    with _writing_errors(repository):
        for item in objects:
            folder = repository.objects_dir / item.object_id[:2]
            target = folder / item.object_id[2:]
            if not _refresh(target):
                _write(repository, item.content, folder, target, is_durable=is_durable)


def _write(repository: Repository, content: bytes, folder: Path, target: Path, *, is_durable: bool) -> None:
    # git's own name for unfinished objects, so that its `prune` clears away what a killed process leaves.
    unfinished = repository.objects_dir / f"tmp_obj_{os.urandom(8).hex()}"
    descriptor = os.open(unfinished, _NEW_FILE, 0o444)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if repository.shared_mode:
                os.fchmod(descriptor, (0o400 | repository.shared_mode) & 0o444)
            if is_durable:
                file.flush()
                os.fsync(descriptor)
        _move(repository, unfinished, folder, target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _move(repository: Repository, unfinished: Path, folder: Path, target: Path) -> None:
    try:
        unfinished.rename(target)
    except FileNotFoundError:
        folder.mkdir(exist_ok=True)
        if repository.shared_mode:
            searchable = (repository.shared_mode & 0o444) >> 2
            folder.chmod(0o2700 | repository.shared_mode | searchable)
        unfinished.rename(target)


def _refresh(target: Path) -> bool:
    """Does the object exist? If so, make it young, so that no concurrent `git prune` takes it for rubbish."""
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    except PermissionError:
        # Another user's file; its owner's git keeps it young.
        return target.exists()
    return True


@contextmanager
def _writing_errors(repository: Repository) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RepositoryUnusable(
            "not_writable", f"{repository.path} cannot be written: {error.strerror} ({error.filename})"
        ) from error
