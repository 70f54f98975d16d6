"""New objects: kept apart until the patch is accepted, then moved in, on the disk before a reference is."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runs_app.gitops.errors import RepositoryUnusable
from runs_app.gitops.objects import LooseObject
from runs_app.gitops.repository import Repository
from runs_app.gitops.runner import Workplace
from runs_app.gitops.scratch import ScratchFolder, sweep_scratch
from runs_app.gitops.types import ObjectId

PREFIX = "tmp_objdir-autopack-"
"""`git prune` and `git gc` clear old folders of this kind away too."""


class Quarantine:
    """An object folder on the repository's own disk that only one operation sees."""

    def __init__(self, repository: Repository, skeleton: Path, folder: Path) -> None:
        self._repository = repository
        self._objects = folder / "objects"
        self._objects.mkdir()
        self.index = folder / "index"
        self.work = folder / "work"
        self.work.mkdir()
        self.place = Workplace(
            git_dir=skeleton,
            cwd=self.work,
            objects=self._objects,
            alternates=repository.objects_dir,
            index=self.index,
        )

    def find(self, object_id: str) -> bytes | None:
        """Compressed content of an object that was made here."""
        try:
            return self._path(object_id).read_bytes()
        except FileNotFoundError:
            return None

    def release(self, object_ids: Sequence[str]) -> None:
        """Move objects made here into the repository; git has written them to the disk already."""
        for object_id in object_ids:
            source = self._path(object_id)
            if source.exists():
                publish_file(self._repository, source, object_id)

    def release_all(self) -> None:
        self.release([f.parent.name + f.name for f in self._objects.glob("??/*") if len(f.name) > 30])

    def _path(self, object_id: str) -> Path:
        return self._objects / object_id[:2] / object_id[2:]


@contextmanager
def open_quarantine(repository: Repository, skeleton: Path) -> Iterator[Quarantine]:
    """A quarantine that is gone afterwards, come what may. Raises RepositoryUnusable on a read-only disk."""
    with writing_errors(repository), ScratchFolder(repository.objects_dir, PREFIX) as scratch:
        yield Quarantine(repository, skeleton, scratch.path)


def sweep_quarantines(repository: Repository) -> int:
    """Clear away what killed processes left behind."""
    return sweep_scratch(repository.objects_dir, PREFIX)


def write_objects(repository: Repository, objects: Sequence[LooseObject], *, is_durable: bool) -> None:
    """Write loose objects. Each appears whole or not at all; one that exists is only marked as used."""
    for item in objects:
        if _refresh(_object_path(repository, item.object_id)):
            continue
        descriptor, name = tempfile.mkstemp(prefix="tmp_obj_", dir=repository.objects_dir)
        path = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(item.content)
                if is_durable:
                    file.flush()
                    os.fsync(descriptor)
            path.chmod(0o444)
            publish_file(repository, path, item.object_id)
        finally:
            path.unlink(missing_ok=True)


def publish_file(repository: Repository, source: Path, object_id: ObjectId | str) -> None:
    """Move the file of a loose object, complete and on the disk, to its place."""
    target = _object_path(repository, object_id)
    if _refresh(target):
        return
    if repository.shared_mode:
        source.chmod((source.stat().st_mode | repository.shared_mode) & 0o444)
    try:
        source.rename(target)
    except FileNotFoundError:
        target.parent.mkdir(exist_ok=True)
        if repository.shared_mode:
            searchable = (repository.shared_mode & 0o444) >> 2
            target.parent.chmod(0o2700 | repository.shared_mode | searchable)
        source.rename(target)


@contextmanager
def writing_errors(repository: Repository) -> Iterator[None]:
    """Turn what the operating system says about a disk that takes no more into RepositoryUnusable."""
    try:
        yield
    except OSError as error:
        raise RepositoryUnusable(
            "not_writable", f"{repository.path} cannot be written: {error.strerror} ({error.filename})"
        ) from error


def _refresh(path: Path) -> bool:
    """Does the object exist? If so, make it young, so that no concurrent `git prune` takes it for rubbish."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    except PermissionError:
        return path.exists()
    return True


def _object_path(repository: Repository, object_id: str) -> Path:
    return repository.objects_dir / object_id[:2] / object_id[2:]
