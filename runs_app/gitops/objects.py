"""git's objects as bytes: loose objects, trees, commits and tags. Pure; the format is documented."""

import hashlib
import re
import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from runs_app.gitops.errors import InvalidName
from runs_app.gitops.types import CommitSpec, Identity, ObjectId

TREE_MODE: Final = 0o040000
FILE_MODE: Final = 0o100644
EXECUTABLE_MODE: Final = 0o100755
SYMLINK_MODE: Final = 0o120000
SUBMODULE_MODE: Final = 0o160000

_IDENTITY_CRUFT = re.compile(r"[\x00-\x1f\x7f<>]+")
_PATTERNS = {size: re.compile(rb"([0-7]+) ([^\0]+)\0([\s\S]{%d})" % size) for size in (20, 32)}
"""An entry of a tree, by the length of its id."""

_STORED = 0
_FAST = 1
_LARGE_TREE_BYTES = 16 * 1024
"""Ids do not compress. Above this, a tenth of the space until the next packing is not worth the time."""


class Entry(NamedTuple):
    """One name of a tree. `object_id` is raw bytes."""

    mode: int
    object_id: bytes


_Record = tuple[bytes, bytes, bytes]
"""Mode, name and raw id as they stand in a tree."""


@dataclass(frozen=True, slots=True)
class LooseObject:
    object_id: ObjectId
    content: bytes
    """As it lies on disk, compressed."""


class Directory:
    """A parsed tree object: looks names up, and makes the bytes of its successor.

    Untouched entries keep their bytes, so the cost of an edit is that of copying memory.
    """

    __slots__ = ("_records", "body")

    def __init__(self, body: bytes, records: list[_Record]) -> None:
        self.body = body
        self._records = records

    @classmethod
    def parse(cls, body: bytes, id_bytes: int) -> "Directory":
        """Raises ValueError for bytes that are no tree."""
        # Plain tuples: a folder may hold thousands of names, and few of them are looked at.
        records = _PATTERNS[id_bytes].findall(body)
        if _records_size(records) != len(body):
            raise ValueError("not a tree, or a broken one")
        return cls(body, records)

    def find(self, name: bytes) -> Entry | None:
        at = self._index(name)
        if at is None:
            return None
        mode, _, object_id = self._records[at]
        return Entry(int(mode, 8), object_id)

    def edited(self, changes: Mapping[bytes, Entry | None]) -> "Directory":
        """This folder with names set, or removed where the value is None."""
        # Cut the old content at every place that changes, then put the pieces together again.
        cuts = [(at, 1, None) for name in changes if (at := self._index(name)) is not None]
        inserts: list[tuple[int, int, _Record | None]] = [
            (self._place(_sort_key(record)), 0, record)
            for record in sorted(
                ((b"%o" % entry.mode, name, entry.object_id) for name, entry in changes.items() if entry),
                key=_sort_key,
            )
        ]
        bodies: list[bytes] = []
        records: list[_Record] = []
        copied, copied_bytes = 0, 0
        for at, _, added in sorted([*inserts, *cuts], key=lambda change: change[:2]):
            # Counted, never searched for: a name may hold what looks like a whole other record.
            offset = copied_bytes + _records_size(self._records[copied:at])
            bodies.append(self.body[copied_bytes:offset])
            records += self._records[copied:at]
            copied, copied_bytes = at, offset
            if added is not None:
                bodies.append(_record_bytes(added))
                records.append(added)
            else:
                copied_bytes += _records_size(self._records[at : at + 1])
                copied += 1
        bodies.append(self.body[copied_bytes:])
        records += self._records[copied:]
        return Directory(b"".join(bodies), records)

    def _index(self, name: bytes) -> int | None:
        for key in (name, name + b"/"):
            at = self._place(key)
            if at < len(self._records) and _sort_key(self._records[at]) == key:
                return at
        return None

    def _place(self, key: bytes) -> int:
        return bisect_left(self._records, key, key=_sort_key)


def encode_object(kind: str, body: bytes, object_format: str) -> LooseObject:
    content = b"%b %d\0%b" % (kind.encode(), len(body), body)
    object_id = ObjectId(hashlib.new(object_format, content, usedforsecurity=False).hexdigest())
    is_large_tree = kind == "tree" and len(body) > _LARGE_TREE_BYTES
    return LooseObject(object_id, zlib.compress(content, _STORED if is_large_tree else _FAST))


def loose_size(content: bytes) -> int:
    """Size that the header of a loose object declares; its first 64 bytes suffice."""
    header = zlib.decompressobj().decompress(content, 64)
    return int(header[: header.index(b"\0")].split(b" ")[1])


def loose_body(content: bytes) -> bytes:
    return zlib.decompress(content).partition(b"\0")[2]


def commit_body(tree: ObjectId, parents: Sequence[ObjectId], spec: CommitSpec) -> bytes:
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines.append(f"author {_signature(spec.author, spec.authored_at)}")
    lines.append(f"committer {_signature(spec.committer, spec.committed_at)}")
    return "\n".join(lines).encode() + b"\n\n" + _message(spec.message)


def tag_body(target: ObjectId, name: str, message: str, tagger: Identity, tagged_at: datetime) -> bytes:
    head = f"object {target}\ntype commit\ntag {name}\ntagger {_signature(tagger, tagged_at)}\n\n"
    return head.encode() + _message(message)


def commit_tree(body: bytes) -> ObjectId:
    """Tree that a commit object names."""
    return ObjectId(body[5 : body.index(b"\n")].decode())


def _signature(identity: Identity, at: datetime) -> str:
    offset = at.utcoffset()
    if offset is None:
        raise InvalidName("the date of a commit or tag needs a time zone")
    name, email = (_IDENTITY_CRUFT.sub("", part).strip() for part in (identity.name, identity.email))
    minutes = int(offset.total_seconds()) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{name or 'unknown'} <{email}> {int(at.timestamp())} {sign}{minutes // 60:02}{minutes % 60:02}"


def _message(message: str) -> bytes:
    if "\0" in message:
        raise InvalidName("a commit message holds no NUL")
    return message.encode(errors="replace")


def _sort_key(record: _Record) -> bytes:
    """git sorts a folder as if its name ended in a slash."""
    mode, name, _ = record
    return name + b"/" if mode.endswith(b"40000") else name


def _records_size(records: Sequence[_Record]) -> int:
    return sum(map(len, chain.from_iterable(records))) + 2 * len(records)


def _record_bytes(record: _Record) -> bytes:
    return b"%b %b\0%b" % record
