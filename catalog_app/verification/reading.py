"""Reading a mirror: revisions, trees, files, dates, authors and tags. Nothing is checked out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from autopack.git.errors import GitCommandFailed, GitTimedOut
from catalog_app.verification.errors import FetchFailed, TooMuchToRead, UnknownRevision
from catalog_app.verification.mirror import HEAD_REF, Mirror
from catalog_app.verification.watching import Watch

MAX_TREE_BYTES: Final = 96 << 20
MAX_COMMITS_COUNTED: Final = 50_000
MAX_TAGS: Final = 20_000

_REVISION = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]{1,255}")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NOT_THEIRS = re.compile(r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref")
_SHORT_ID = re.compile(r"[0-9a-f]{7,63}")


class EntryKind(StrEnum):
    FILE = "file"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"


_KINDS = {b"120000": EntryKind.SYMLINK, b"160000": EntryKind.SUBMODULE}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    kind: EntryKind
    object_id: str


@dataclass(frozen=True)
class Tree:
    """Every file of a commit by its path. Paths are text as git has it; bytes that are not UTF-8 are
    surrogates. Folders are there only as the beginnings of paths."""

    entries: Mapping[str, TreeEntry]

    @cached_property
    def folders(self) -> frozenset[str]:
        """With the root, which is the empty text."""
        found = {""}
        for path in self.entries:
            folder = path.rpartition("/")[0]
            while folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    def below(self, path: str) -> list[str]:
        """Paths of the files below a folder, sorted, or the one file itself."""
        if path in self.entries:
            return [path]
        prefix = f"{path}/" if path else ""
        return sorted(entry for entry in self.entries if entry.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Blob:
    size_bytes: int
    content: bytes | None
    """None for one that is larger than was asked for."""


@dataclass(frozen=True, slots=True)
class TagDate:
    name: str
    created_at: int
    """Seconds since 1970."""


@dataclass
class MirrorReader:
    """Reads one mirror. What a partial mirror lacks is fetched, by one fetch for each question."""

    mirror: Mirror
    watch: Watch = field(default_factory=Watch)
    _missing: dict[str, set[str]] = field(default_factory=dict)

    def resolve(self, revision: str) -> str:
        """The commit that a branch, a tag, a full or an abbreviated id names. Raises UnknownRevision.

        A full id that is not here is asked of the remote: a branch may have moved on without it.
        """
        if not _REVISION.fullmatch(revision) or ".." in revision or "@{" in revision:
            raise UnknownRevision("A revision is the name of a branch or a tag, or a commit's id.")
        if _OBJECT_ID.fullmatch(revision):
            return self._resolve_id(revision)
        names = [f"refs/tags/{revision}", f"refs/heads/{revision}"]
        if revision.startswith("refs/"):
            names.insert(0, revision)
        if revision == "HEAD":
            names.insert(0, HEAD_REF)
        for name in names:
            if commit := self._peel(name):
                return commit
        if _SHORT_ID.fullmatch(revision) and (commit := self._peel(revision)):
            return commit
        raise UnknownRevision(f"The repository has no branch, tag or commit {revision!r}.")

    def tree(self, commit: str) -> Tree:
        """Every file of a commit. Raises TooMuchToRead."""
        listing, is_more = self.mirror.runner.run_bounded(
            self.mirror.local, ["ls-tree", "-r", "-z", "--full-tree", commit], max_bytes=MAX_TREE_BYTES
        )
        if is_more:
            raise TooMuchToRead("The commit has more files than Autopack reads.")
        entries = {}
        for record in listing.split(b"\0")[:-1]:
            about, _, path = record.partition(b"\t")
            mode, _, object_id = about.split(b" ")
            kind = _KINDS.get(mode, EntryKind.FILE)
            entries[path.decode(errors="surrogateescape")] = TreeEntry(kind, object_id.decode())
        return Tree(entries)

    def blobs(self, commit: str, object_ids: Iterable[str], *, max_bytes: int) -> dict[str, Blob]:
        """Files of a commit by their ids, each up to a size. What a partial mirror lacks is fetched."""
        wanted = sorted(set(object_ids))
        if not wanted:
            return {}
        missing = self._list_missing(commit) & set(wanted)
        if missing:
            self.mirror.fetch_objects(sorted(missing), self.watch)
            self._missing[commit] -= missing
        sizes = self._sizes(wanted)
        small = [object_id for object_id in wanted if sizes[object_id] <= max_bytes]
        contents = self._contents(small)
        return {object_id: Blob(sizes[object_id], contents.get(object_id)) for object_id in wanted}

    def known_sizes(self, commit: str, object_ids: Iterable[str]) -> dict[str, int] | None:
        """Sizes of files, None if a partial mirror lacks some of them: they are not fetched for that."""
        wanted = set(object_ids)
        if self._list_missing(commit) & wanted:
            return None
        return self._sizes(sorted(wanted))

    def committed_at(self, commit: str, path: str = "") -> int | None:
        """When a commit, or the last one up to it that changed a path, was made: seconds since 1970."""
        output = self._log(commit, path, "--format=%ct", "--max-count=1")
        return int(output.split()[0]) if output and output.split() else None

    def author_count(self, commit: str, path: str = "") -> int | None:
        """People, by address, who wrote the commits up to this one; automatic ones do not count. None if
        that takes too long."""
        output = self._log(commit, path, "--format=%ae", f"--max-count={MAX_COMMITS_COUNTED}")
        if output is None:
            return None
        return len({line for line in output.lower().splitlines() if line and b"[bot]" not in line})

    def tags(self) -> list[TagDate] | None:
        """Every tag, oldest first. None if they cannot be read."""
        layout = "--format=%(creatordate:unix) %(refname:lstrip=2)"
        try:
            output = self.mirror.runner.run(
                self.mirror.local,
                ["for-each-ref", "--sort=creatordate", f"--count={MAX_TAGS}", layout, "refs/tags"],
            )
        except (GitCommandFailed, GitTimedOut):
            # A tag of something that is not there.
            return None
        found = []
        for line in output.stdout.decode(errors="replace").splitlines():
            date, _, name = line.partition(" ")
            if date.isdigit():
                found.append(TagDate(name, int(date)))
        return found

    def _resolve_id(self, commit: str) -> str:
        found = self._peel(commit)
        if not found:
            try:
                self.mirror.fetch_objects([commit], self.watch)
            except FetchFailed as error:
                # The last is what a bundle says of what it does not have.
                is_lost = _NOT_THEIRS.search(str(error)) or f"bad object {commit}" in str(error)
                if not is_lost:
                    raise
                raise UnknownRevision(f"The repository has no commit {commit}.") from None
            found = self._peel(commit)
        if not found:
            raise UnknownRevision(f"{commit} is not a commit.")
        return found

    def _peel(self, name: str) -> str:
        output = self.mirror.runner.run(
            self.mirror.local,
            ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"],
            accept=(0, 1, 128),
        )
        return output.stdout.decode().strip() if output.exit_code == 0 else ""

    def _list_missing(self, commit: str) -> set[str]:
        if commit not in self._missing:
            output = self.mirror.runner.run(
                self.mirror.local,
                ["rev-list", "--objects", "--missing=print", "--no-object-names", "--no-walk", commit],
            )
            lines = output.stdout.decode().splitlines()
            self._missing[commit] = {line[1:] for line in lines if line.startswith("?")}
        return self._missing[commit]

    def _sizes(self, object_ids: list[str]) -> dict[str, int]:
        output = self.mirror.runner.run(
            self.mirror.local,
            ["cat-file", "--batch-check=%(objectname) %(objectsize)"],
            stdin="".join(f"{object_id}\n" for object_id in object_ids).encode(),
        )
        return {
            object_id: int(size)
            for object_id, size in (line.split(" ") for line in output.stdout.decode().splitlines())
        }

    def _contents(self, object_ids: list[str]) -> dict[str, bytes]:
        if not object_ids:
            return {}
        output = self.mirror.runner.run(
            self.mirror.local,
            ["cat-file", "--batch=%(objectsize)"],
            stdin="".join(f"{object_id}\n" for object_id in object_ids).encode(),
        ).stdout
        contents = {}
        at = 0
        for object_id in object_ids:
            end = output.index(b"\n", at)
            size = int(output[at:end])
            contents[object_id] = output[end + 1 : end + 1 + size]
            at = end + size + 2
        return contents

    def _log(self, commit: str, path: str, *options: str) -> bytes | None:
        args = ["log", "--no-color", "--no-renames", "--no-mailmap", *options, commit, "--"]
        pathspecs = [path] if path else []
        try:
            return self.mirror.runner.run(self.mirror.local, [*args, *pathspecs]).stdout
        except (GitCommandFailed, GitTimedOut):
            return None
