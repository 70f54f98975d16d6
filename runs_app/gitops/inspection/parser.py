"""Reads a patch as `git apply` does (apply.c), and stricter where git drops text without a word."""

import re
from typing import Final

from runs_app.gitops.inspection.bodies import read_body
from runs_app.gitops.inspection.model import PatchedFile, PatchSyntaxError
from runs_app.gitops.inspection.text import (
    Lines,
    is_epoch,
    read_header_name,
    read_name,
    read_prefixed_name,
)
from runs_app.gitops.types import RefusalCode

_INDEX: Final = re.compile(rb"([0-9a-f]+)\.\.([0-9a-f]+)(?: ([0-7]+))?\s*")
_MODE: Final = re.compile(rb"[0-7]{1,7}\s*")
_GIT_HEADER: Final = b"diff --git "
_BLANK_BEFORE_TIME: Final = re.compile(rb'^[^"\t][^\t]* (?:\d\d)?\d\d-\d\d-\d\d[-+ :.\d]*$')
"""git takes this for a time of change and cuts it off the name."""
_IGNORED: Final = (b"similarity index ", b"dissimilarity index ")
_EMPTY_IDS: Final = (
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""Ids of the empty file."""


def parse_patch(patch: bytes) -> tuple[list[PatchedFile], PatchSyntaxError | None]:
    """The files of a patch in order, and the error that ended the reading, if any.

    Text between the files (a mail's header and message, a signature) is skipped, as git does.
    """
    lines = Lines(patch)
    files: list[PatchedFile] = []
    mention = 0
    try:
        while not lines.is_at_end():
            line, number = lines.peek(), lines.number
            file = _read_file(lines)
            if file is None:
                mention = number if line.startswith(_GIT_HEADER) else mention
                continue
            if mention and not line.startswith(_GIT_HEADER):
                # git would remember the names of the first header for the second one, and crash over them.
                raise _malformed("a `diff --git` line without the rest of its header", mention, file.path)
            mention = 0
            files.append(file)
    except PatchSyntaxError as error:
        return files, error
    return files, None


def _read_file(lines: Lines) -> PatchedFile | None:
    """The file whose header starts at the position; None, and one line further, if none does."""
    line = lines.peek()
    if line.startswith(_GIT_HEADER):
        file = _read_git_header(lines)
        if file is None:
            return None
    elif line.startswith(b"--- ") and lines.peek(1).startswith(b"+++ ") and lines.peek(2).startswith(b"@@ -"):
        file = _read_plain_header(lines)
    elif line.startswith(b"@@ -"):
        raise PatchSyntaxError(RefusalCode.PATCH_MALFORMED, "a hunk without a file header", lines.number)
    else:
        lines.at += 1
        return None
    read_body(lines, file)
    _ensure_whole(file)
    return file


def _read_git_header(lines: Lines) -> PatchedFile | None:
    start = lines.number
    file = PatchedFile(line=start)
    agreed = read_header_name(lines.peek()[len(_GIT_HEADER) :], start)
    lines.at += 1
    names = _HeaderNames(file)
    while not lines.is_at_end() and _read_header_line(lines, names):
        lines.at += 1
    if lines.at == start:
        # Nothing of a header follows: a mention in a message, which git skips too.
        return None
    names.settle(agreed)
    return file


def _read_plain_header(lines: Lines) -> PatchedFile:
    """A header of `diff -u`: two names and no more."""
    file = PatchedFile(line=lines.number)
    first, second = lines.take()[4:], lines.take()[4:]
    old, new = (read_prefixed_name(text, line) for line, text in enumerate((first, second), start=file.line))
    for text in (first, second):
        if _BLANK_BEFORE_TIME.search(text):
            raise _malformed("a tab must stand between a name and its time", file.line, old or new)
    if old is not None and new is not None and old != new:
        raise PatchSyntaxError(
            RefusalCode.PATCH_MALFORMED, "the two names of the file differ", file.line, new
        )
    if old is not None and new is not None:
        # As git has it, a file that was last changed at the beginning of time is none.
        old, new = (None, new) if is_epoch(first) else (old, None if is_epoch(second) else new)
    file.old_path, file.new_path = old, new
    file.is_new, file.is_deleted = old is None, new is None
    _ensure_some_name(file)
    return file


class _HeaderNames:
    """Collects what a git header says about one file; contradictions end the reading, as in git."""

    def __init__(self, file: PatchedFile) -> None:
        self.file = file
        self._old: bytes | None = None
        self._new: bytes | None = None

    def set_old(self, name: bytes, line: int) -> None:
        self._old = self._same(self._old, name, line)

    def set_new(self, name: bytes, line: int) -> None:
        self._new = self._same(self._new, name, line)

    def settle(self, agreed: bytes | None) -> None:
        file = self.file
        if file.is_new + file.is_deleted + file.is_rename + file.is_copy > 1:
            raise _malformed("the header contradicts itself", file.line, agreed)
        if (file.is_new and self._old is not None) or (file.is_deleted and self._new is not None):
            raise _malformed("the header names a file that it says does not exist", file.line, agreed)
        if self._old is None and self._new is None and not file.has_name_lines:
            if agreed is None:
                raise _malformed("the header does not tell the file's name", file.line)
            self._old = self._new = agreed
        file.old_path = None if file.is_new else self._old
        file.new_path = None if file.is_deleted else self._new
        if (file.old_path is None and not file.is_new) or (file.new_path is None and not file.is_deleted):
            raise _malformed("the header lacks a file name", file.line, agreed)
        _ensure_some_name(file)
        is_moved = file.is_rename or file.is_copy
        if not is_moved and file.old_path is not None and file.new_path is not None:
            agreed = file.old_path if agreed is None else agreed
            if file.old_path != file.new_path:
                raise _malformed("the names differ, but nothing says rename or copy", file.line, agreed)
        if not is_moved and agreed is not None and agreed != file.path:
            raise _malformed("the names in the header differ", file.line, file.path)

    @staticmethod
    def _same(known: bytes | None, name: bytes, line: int) -> bytes:
        if known is not None and known != name:
            raise _malformed("the names in the header differ", line, name)
        return name


def _read_header_line(lines: Lines, names: _HeaderNames) -> bool:
    """Read one line of an extended header. False if the line is none."""
    line, number, file = lines.peek(), lines.number, names.file
    if line.startswith(b"--- "):
        file.has_name_lines = True
        if (name := read_prefixed_name(line[4:], number)) is not None:
            names.set_old(name, number)
        elif not file.is_new:
            raise _malformed("/dev/null, but no `new file mode`", number)
    elif line.startswith(b"+++ "):
        file.has_name_lines = True
        if (name := read_prefixed_name(line[4:], number)) is not None:
            names.set_new(name, number)
        elif not file.is_deleted:
            raise _malformed("/dev/null, but no `deleted file mode`", number)
    elif line.startswith(b"old mode "):
        file.old_mode = _mode(line[9:], number)
    elif line.startswith(b"new mode "):
        file.new_mode = _mode(line[9:], number)
    elif line.startswith(b"new file mode "):
        file.is_new, file.new_mode = True, _mode(line[14:], number)
    elif line.startswith(b"deleted file mode "):
        file.is_deleted, file.old_mode = True, _mode(line[18:], number)
    elif line.startswith((b"rename from ", b"rename old ")):
        file.is_rename = True
        names.set_old(read_name(line.split(b" ", 2)[2], number), number)
    elif line.startswith((b"rename to ", b"rename new ")):
        file.is_rename = True
        names.set_new(read_name(line.split(b" ", 2)[2], number), number)
    elif line.startswith(b"copy from "):
        file.is_copy = True
        names.set_old(read_name(line[10:], number), number)
    elif line.startswith(b"copy to "):
        file.is_copy = True
        names.set_new(read_name(line[8:], number), number)
    elif line.startswith(b"index ") and (match := _INDEX.fullmatch(line[6:])):
        file.old_id, file.new_id = match.group(1), match.group(2)
        if match.group(3):
            file.old_mode = int(match.group(3), 8)
    else:
        return line.startswith(_IGNORED)
    return True


def _mode(text: bytes, line: int) -> int:
    if not _MODE.fullmatch(text):
        raise _malformed("a file mode is no octal number", line)
    return int(text, 8)


def _ensure_some_name(file: PatchedFile) -> None:
    if file.old_path is None and file.new_path is None:
        raise _malformed("the header names no file", file.line)


def _ensure_whole(file: PatchedFile) -> None:
    """A header that announces a change of content must be followed by one: git would take less."""
    if file.hunks or file.is_binary:
        return
    if file.has_name_lines:
        raise PatchSyntaxError(
            RefusalCode.PATCH_TRUNCATED, "the header is not followed by a hunk", file.line, file.path
        )
    width = min(len(file.old_id), len(file.new_id))
    old, new = file.old_id[:width], file.new_id[:width]
    known_empty = {empty[:width] for empty in _EMPTY_IDS} | {b"0" * width}
    if old != new and not {old, new} <= known_empty:
        raise PatchSyntaxError(
            RefusalCode.PATCH_TRUNCATED, "the header is not followed by the change", file.line, file.path
        )


def _malformed(detail: str, line: int, path: bytes | None = None) -> PatchSyntaxError:
    return PatchSyntaxError(RefusalCode.PATCH_MALFORMED, detail, line, path or b"")
