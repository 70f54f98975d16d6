"""What follows a file's header: hunks of text, or a binary change."""

import base64
import re
import zlib
from typing import Final

from runs_app.gitops.inspection.model import Hunk, PatchedFile, PatchSyntaxError
from runs_app.gitops.inspection.text import Lines
from runs_app.gitops.types import RefusalCode

_HUNK: Final = re.compile(rb"@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@")
_BINARY: Final = re.compile(rb"(literal|delta) (\d{1,15})")
_BASE85_LINE: Final = re.compile(rb"[A-Za-z](?:[0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]{5})+")
_SIZE_BYTES: Final = 10
"""Longest number at the start of a delta."""
_SIZE_LINES: Final = 64
"""Any packer has said the first bytes of its content by then."""


def read_body(lines: Lines, file: PatchedFile) -> None:
    if lines.peek() == b"GIT binary patch":
        _read_binary(lines, file)
        return
    if lines.peek().startswith((b"Binary files ", b"Files ")) and lines.peek().endswith(b" differ"):
        raise PatchSyntaxError(
            RefusalCode.PATCH_MALFORMED,
            "a binary change without its content; make the patch with `git diff --binary`",
            lines.number,
            file.path,
        )
    while lines.peek().startswith(b"@@"):
        file.hunks.append(_read_hunk(lines, file))
    if file.hunks and _looks_like_hunk(lines):
        raise PatchSyntaxError(
            RefusalCode.PATCH_MALFORMED, "the hunk has more lines than it announces", lines.number, file.path
        )


def _read_hunk(lines: Lines, file: PatchedFile) -> Hunk:
    number = lines.number
    match = _HUNK.match(lines.take(file.path))
    if match is None:
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "unreadable hunk header", number, file.path)
    old_start, old_count, _, new_count = (int(part) if part is not None else 1 for part in match.groups())
    old_left, new_left = old_count, new_count
    leading = trailing = added = removed = 0
    while old_left or new_left:
        kind = lines.take(file.path)[:1]
        if kind in (b" ", b""):
            old_left -= 1
            new_left -= 1
            trailing += 1
            if not added and not removed:
                leading += 1
        elif kind == b"-":
            old_left -= 1
            removed += 1
            trailing = 0
        elif kind == b"+":
            new_left -= 1
            added += 1
            trailing = 0
        elif kind != b"\\":
            old_left = -1
        if old_left < 0 or new_left < 0:
            raise PatchSyntaxError(
                RefusalCode.PATCH_MALFORMED,
                f"the hunk of line {number} does not hold the lines it announces",
                lines.at,
                file.path,
            )
    if lines.peek().startswith(b"\\ "):
        lines.take(file.path)
    if not added and not removed:
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "the hunk changes nothing", number, file.path)
    return Hunk(number, old_start, old_count, leading, trailing, added, removed)


def _looks_like_hunk(lines: Lines) -> bool:
    """Is the next line one more line of a hunk? git would drop it as text between files."""
    line = lines.peek()
    if line.startswith((b"+", b" ", b"\\")):
        return True
    if not line.startswith(b"-") or line in (b"--", b"-- "):
        return False
    return not (line.startswith(b"--- ") and lines.peek(1).startswith(b"+++ "))


def _read_binary(lines: Lines, file: PatchedFile) -> None:
    lines.take(file.path)
    file.is_binary = True
    file.binary_size = file.unpacked_size = _read_binary_hunk(lines, file)
    if _BINARY.fullmatch(lines.peek()):
        # The way back, which git needs only to apply in reverse, and unpacks all the same.
        file.unpacked_size += _read_binary_hunk(lines, file)


def _read_binary_hunk(lines: Lines, file: PatchedFile) -> int:
    """Size of the content that the hunk makes."""
    match = _BINARY.fullmatch(lines.take(file.path))
    if match is None:
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "unreadable binary change", lines.at, file.path)
    start = lines.at
    packed: list[bytes] = []
    while line := lines.take(file.path):
        if not _BASE85_LINE.fullmatch(line):
            raise PatchSyntaxError(
                RefusalCode.PATCH_MALFORMED, "unreadable line in a binary change", lines.at, file.path
            )
        if len(packed) < _SIZE_LINES:
            packed.append(line)
    size = int(match.group(2))
    if match.group(1) == b"literal":
        return size
    result = _delta_result_size(packed)
    if result is None:
        raise PatchSyntaxError(
            RefusalCode.PATCH_MALFORMED, "a binary delta that does not tell its size", start + 1, file.path
        )
    return max(size, result)


def _delta_result_size(lines: list[bytes]) -> int | None:
    """Size of the result that a delta announces, the second of the two numbers that it starts with. git
    reserves so much memory, whatever follows."""
    unpacker = zlib.decompressobj()
    start = b""
    for line in lines:
        length = line[0] - (0x40 if line[0] <= 0x5A else 0x46)
        try:
            packed = unpacker.unconsumed_tail + base64.b85decode(line[1:])[:length]
            start += unpacker.decompress(packed, 2 * _SIZE_BYTES)
        except (ValueError, zlib.error):
            return None
        if (source := _varint(start, 0)) and (result := _varint(start, source[1])):
            return result[0]
        if len(start) >= 2 * _SIZE_BYTES:
            return None
    return None


def _varint(content: bytes, at: int) -> tuple[int, int] | None:
    """The number at a position and where it ends, None if it does not end."""
    value = 0
    for shift, byte in enumerate(content[at : at + _SIZE_BYTES]):
        value |= (byte & 0x7F) << 7 * shift
        if not byte & 0x80:
            return value, at + shift + 1
    return None
