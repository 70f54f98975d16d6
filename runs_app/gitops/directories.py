"""Parsed folders of recent trees: the next patch usually starts where the last one ended."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final

from runs_app.gitops.objects import Directory
from runs_app.gitops.types import ObjectId

_LIMIT_BYTES: Final = 6 * 1024 * 1024
"""Of tree objects; parsed, they take some five times as much memory."""


class DirectoryCache:
    """Folders by repository and id, the least recently used forgotten first. Safe between threads."""

    def __init__(self, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._known: OrderedDict[tuple[Hashable, ObjectId], Directory] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get_or_read(
        self,
        repository: Hashable,
        tree_ids: Sequence[ObjectId],
        read: Callable[[Sequence[ObjectId]], Mapping[ObjectId, Directory]],
    ) -> list[Directory]:
        """The folders in order; `read` is asked for those that are not known."""
        found = self._find(repository, tree_ids)
        missing = [tree_id for tree_id in dict.fromkeys(tree_ids) if tree_id not in found]
        if missing:
            fresh = read(missing)
            self.remember(repository, fresh)
            found.update(fresh)
        return [found[tree_id] for tree_id in tree_ids]

    def remember(self, repository: Hashable, directories: Mapping[ObjectId, Directory]) -> None:
        with self._lock:
            for tree_id, directory in directories.items():
                key = (repository, tree_id)
                if key not in self._known:
                    self._bytes += len(directory.body)
                self._known[key] = directory
                self._known.move_to_end(key)
            while self._bytes > self._limit_bytes:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= len(forgotten.body)

    def _find(self, repository: Hashable, tree_ids: Sequence[ObjectId]) -> dict[ObjectId, Directory]:
        found: dict[ObjectId, Directory] = {}
        with self._lock:
            for tree_id in tree_ids:
                directory = self._known.get((repository, tree_id))
                if directory is not None:
                    self._known.move_to_end((repository, tree_id))
                    found[tree_id] = directory
        return found
