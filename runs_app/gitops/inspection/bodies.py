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
_SIZE_BYTES: Final = 32


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
    file.binary_size = _read_binary_hunk(lines, file)
    if _BINARY.fullmatch(lines.peek()):
        # The way back, which git needs only to apply in reverse.
        _read_binary_hunk(lines, file)


def _read_binary_hunk(lines: Lines, file: PatchedFile) -> int:
    """Size of the content that the hunk makes."""
    match = _BINARY.fullmatch(lines.take(file.path))
    if match is None:
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "unreadable binary change", lines.at, file.path)
    first = lines.peek()
    while line := lines.take(file.path):
        if not _BASE85_LINE.fullmatch(line):
            raise PatchSyntaxError(
                RefusalCode.PATCH_MALFORMED, "unreadable line in a binary change", lines.at, file.path
            )
    size = int(match.group(2))
    return size if match.group(1) == b"literal" else max(size, _delta_result_size(first))


def _delta_result_size(line: bytes) -> int:
    """Size that a delta's own header announces; 0 if it cannot be read (then git refuses it)."""
    try:
        start = zlib.decompressobj().decompress(base64.b85decode(line[1:]), _SIZE_BYTES)
    except (ValueError, zlib.error):
        return 0
    _, at = _varint(start, 0)
    return _varint(start, at)[0]


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(content):
        byte = content[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if not byte & 0x80:
            break
    return value, at
