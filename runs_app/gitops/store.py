"""Writes loose objects into a repository: whole or not at all, on the disk before a reference names them."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from runs_app.gitops.errors import RepositoryUnusable
from runs_app.gitops.objects import LooseObject
from runs_app.gitops.repository import Repository

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_BATCH: Final = 64
_MOST_REMOVALS: Final = 20


def write_objects(repository: Repository, objects: Sequence[LooseObject], *, is_durable: bool) -> None:
    """Write objects, those that others refer to first. One that exists already is only marked as used.

    Contents reach the disk before they get a name, and names are given in order before this returns to a
    caller who will move a reference; file systems keep the order of names, which git counts on too.
    Raises RepositoryUnusable for a disk that takes no more.
    """
    with _writing_errors(repository):
        for at in range(0, len(objects), _BATCH):
            _write_batch(repository, objects[at : at + _BATCH], is_durable=is_durable)


def sweep_unfinished(repository: Repository, *, older_than_seconds: float = 86_400) -> int:
    """Remove what killed writers left unfinished. Returns how many files there were."""
    oldest = time.time() - older_than_seconds
    swept = 0
    for path in repository.objects_dir.glob("tmp_obj_*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
                swept += 1
        except FileNotFoundError:
            continue
    return swept


def _write_batch(repository: Repository, objects: Sequence[LooseObject], *, is_durable: bool) -> None:
    """All contents first, then all syncs, of which the later ones have little left to do, then all names."""
    unfinished: dict[Path, Path] = {}
    descriptors: list[int] = []
    try:
        for item in objects:
            target = repository.objects_dir / item.object_id[:2] / item.object_id[2:]
            if target in unfinished or _refresh(target):
                continue
            # git's own name for unfinished objects: its `prune` clears away what a killed process leaves.
            unfinished[target] = repository.objects_dir / f"tmp_obj_{os.urandom(8).hex()}"
            descriptors.append(os.open(unfinished[target], _NEW_FILE, 0o444))
            _fill(descriptors[-1], item.content, repository.shared_mode)
        while descriptors:
            if is_durable:
                os.fsync(descriptors[-1])
            os.close(descriptors.pop())
        for target in list(unfinished):
            _move(repository, unfinished[target], target)
            del unfinished[target]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
        for path in unfinished.values():
            path.unlink(missing_ok=True)


def _fill(descriptor: int, content: bytes, shared_mode: int) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    if shared_mode:
        os.fchmod(descriptor, (0o400 | shared_mode) & 0o444)


def _move(repository: Repository, unfinished: Path, target: Path) -> None:
    """Give an object its name. git removes folders that its packing has emptied, also one that was made here
    a moment ago: then it is made again."""
    for _ in range(_MOST_REMOVALS):
        try:
            unfinished.rename(target)
        except FileNotFoundError:
            with suppress(FileNotFoundError):
                _make_folder(repository, target.parent)
        else:
            return
    unfinished.rename(target)


def _make_folder(repository: Repository, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if repository.shared_mode:
        searchable = (repository.shared_mode & 0o444) >> 2
        folder.chmod(0o2700 | repository.shared_mode | searchable)


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
