"""git's index file, version 2: small ones written for `git apply --cached`, its results read back. Pure.

Layout: https://git-scm.com/docs/index-format. No entry carries file statistics; nothing here is compared with
a work tree.
"""

import hashlib
import struct
from collections.abc import Mapping
from typing import Final

from runs_app.gitops.objects import Entry

_HEADER: Final = struct.Struct(">4sLL")
_STATISTICS: Final = 24
"""Bytes of times, device and inode before the mode."""
_BEFORE_ID: Final = 40
_NAME_MASK: Final = 0x0FFF
_STAGE_MASK: Final = 0x3000
_EXTENDED: Final = 0x4000


class IndexUnreadable(ValueError):
    """Not an index as git writes one."""


def encode_index(entries: Mapping[bytes, Entry], object_format: str) -> bytes:
    pieces = [_HEADER.pack(b"DIRC", 2, len(entries))]
    for path, entry in sorted(entries.items()):
        record = (
            bytes(_STATISTICS)
            + struct.pack(">L", entry.mode)
            + bytes(_BEFORE_ID - _STATISTICS - 4)
            + entry.object_id
            + struct.pack(">H", min(len(path), _NAME_MASK))
            + path
        )
        pieces.append(record + bytes(8 - len(record) % 8))
    content = b"".join(pieces)
    return content + hashlib.new(object_format, content, usedforsecurity=False).digest()


def decode_index(content: bytes, object_format: str) -> dict[bytes, Entry]:
    """Path to entry. Raises IndexUnreadable, also for an index with merge conflicts."""
    id_bytes = hashlib.new(object_format, usedforsecurity=False).digest_size
    if len(content) < _HEADER.size + id_bytes:
        raise IndexUnreadable("too short")
    signature, version, count = _HEADER.unpack_from(content)
    if signature != b"DIRC" or version not in (2, 3):
        raise IndexUnreadable(f"version {version}")
    entries: dict[bytes, Entry] = {}
    at = _HEADER.size
    for _ in range(count):
        id_at = at + _BEFORE_ID
        name_at = id_at + id_bytes + 2
        (mode,) = struct.unpack_from(">L", content, at + _STATISTICS)
        (flags,) = struct.unpack_from(">H", content, name_at - 2)
        if flags & _STAGE_MASK:
            raise IndexUnreadable("unmerged entries")
        if flags & _EXTENDED:
            name_at += 2
        end = content.index(b"\0", name_at)
        entries[content[name_at:end]] = Entry(mode, content[id_at : id_at + id_bytes])
        at += (end - at) // 8 * 8 + 8
    return entries
