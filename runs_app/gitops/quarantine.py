"""Where git makes objects before anything is accepted: folders outside every repository.

git writes into the quarantine and reads the repository beside it. What is accepted is copied into the
repository; what is refused, or left behind by a killed process, was never there.
"""

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from autopack.git.runner import Workplace
from runs_app.gitops.objects import LooseObject
from runs_app.gitops.repository import Repository
from runs_app.gitops.skeleton import Skeletons
from runs_app.gitops.types import ObjectId

_USES_BEFORE_CLEARING: Final = 64
_MAX_IDLE: Final = 16
_MIN_NAME_LENGTH: Final = 38
"""Of a loose object's file; anything shorter is no object."""


class Quarantine:
    """An object folder, an index and an empty folder to work in, for one operation at a time.

    Folders are used again: a stale object in there is the same object, should it be made once more.
    """

    def __init__(self, repository: Repository, skeletons: Skeletons) -> None:
        self.key = repository.key
        self.uses = 0
        self._folder = Path(tempfile.mkdtemp(prefix="quarantine-", dir=skeletons.folder()))
        self._objects = self._folder / "objects"
        self.index = self._folder / "index"
        self.place = Workplace(
            git_dir=skeletons.git_dir(repository.object_format),
            cwd=self._folder / "work",
            objects=self._objects,
            alternates=repository.objects_dir,
            index=self.index,
            is_durable=False,
        )
        self.clear()

    @property
    def isolated_place(self) -> Workplace:
        """The same place without a view of the repository: only what is in the quarantine exists."""
        return replace(self.place, alternates=None)

    def add(self, objects: Iterable[LooseObject]) -> None:
        for item in objects:
            path = self._objects / item.object_id[:2] / item.object_id[2:]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(item.content)

    def exists(self) -> bool:
        return self._objects.exists()

    def find(self, object_id: str) -> bytes | None:
        """Content, as it lies on disk, of an object that was made here."""
        try:
            return (self._objects / object_id[:2] / object_id[2:]).read_bytes()
        except FileNotFoundError:
            return None

    def collect(self, object_ids: Sequence[str]) -> list[LooseObject]:
        """Those of the objects that were made here; the repository has the others."""
        found = ((object_id, self.find(object_id)) for object_id in dict.fromkeys(object_ids))
        return [
            LooseObject(ObjectId(object_id), content) for object_id, content in found if content is not None
        ]

    def collect_all(self) -> list[LooseObject]:
        files = (path for path in self._objects.glob("??/*") if len(path.name) >= _MIN_NAME_LENGTH)
        return [LooseObject(ObjectId(path.parent.name + path.name), path.read_bytes()) for path in files]

    def clear(self) -> None:
        self.uses = 0
        self.remove()
        self._objects.mkdir(parents=True)
        self.place.cwd.mkdir()

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class Quarantines:
    """Lends quarantines, each to one caller at a time. Safe between threads."""

    def __init__(self, skeletons: Skeletons) -> None:
        self._skeletons = skeletons
        self._idle: list[Quarantine] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, repository: Repository, *, is_fresh: bool = False) -> Iterator[Quarantine]:
        """A quarantine for a repository. `is_fresh` promises that it holds nothing but what the caller makes,
        and keeps nothing of it either. After an error nothing is kept in any case."""
        quarantine = self._take(repository)
        is_kept = False
        try:
            if is_fresh and quarantine.uses:
                quarantine.clear()
            quarantine.uses += 1
            yield quarantine
            is_kept = not is_fresh and quarantine.uses < _USES_BEFORE_CLEARING
        finally:
            if not is_kept:
                quarantine.clear()
            self._give_back(quarantine)

    def _take(self, repository: Repository) -> Quarantine:
        key = repository.key
        with self._lock:
            found = next((idle for idle in reversed(self._idle) if idle.key == key), None)
            if found is not None:
                self._idle.remove(found)
        if found is None or not found.exists():
            return Quarantine(repository, self._skeletons)
        return found

    def _give_back(self, quarantine: Quarantine) -> None:
        with self._lock:
            self._idle.append(quarantine)
            surplus = self._idle[:-_MAX_IDLE]
            self._idle = self._idle[-_MAX_IDLE:]
        for old in surplus:
            old.remove()
