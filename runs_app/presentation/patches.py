"""A patch taken apart for reading.

Only for display: git decides what a patch means, and the gate has looked at it before. So this takes
anything, also what the gate refused, and never raises: what it cannot read is shown as it came.
Line numbers of the patch count from 1, as in `GateRefusal.line`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$")
_GIT_HEADER = re.compile(rb'^diff --git (?:"?a/)')
_BODY = (b" ", b"+", b"-", b"\\", b"")
"""How a line of a hunk begins; mail programs strip the blank from empty context lines."""
_ESCAPES = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b'"': b'"',
    b"\\": b"\\",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)

MAX_LINE_CHARS = 2_000
"""A longer line is cut for display: minified files would make the page unusable."""


@dataclass(frozen=True, slots=True)
class PatchFile:
    """One file of a patch, with its place in the patch: bytes `start` to `end`, from line `first_line`.

    `kind` is one of added, modified, deleted, renamed, copied, mode, text; `text` is a piece without a file
    header. `lines` counts the lines of its hunks.
    """

    index: int
    path: str
    old_path: str
    kind: str
    old_mode: str
    new_mode: str
    is_binary: bool
    lines_added: int
    lines_removed: int
    lines: int
    start: int
    end: int
    first_line: int
    last_line: int

    @property
    def is_moved(self) -> bool:
        return self.kind in {"renamed", "copied"}

    @property
    def is_mode_changed(self) -> bool:
        return bool(self.old_mode and self.new_mode and self.old_mode != self.new_mode)


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line; `is_changed` marks what differs from its counterpart on the other side."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`kind` is one of context, added, removed, hunk, note."""

    kind: str
    pieces: tuple[Piece, ...]
    patch_line: int
    old_number: int | None = None
    new_number: int | None = None
    chars_cut: int = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(slots=True)
class _Draft:
    start: int
    first_line: int
    path: bytes = b""
    old_path: bytes = b""
    kind: str = "modified"
    old_mode: str = ""
    new_mode: str = ""
    is_binary: bool = False
    added: int = 0
    removed: int = 0
    lines: int = 0
    has_header: bool = True


def split_patch(patch: bytes) -> tuple[PatchFile, ...]:
    """The files of a patch, in its order. Linear in its size."""
    drafts: list[tuple[_Draft, int, int]] = []
    draft: _Draft | None = None
    old_left = new_left = 0
    offset = 0
    number = 0
    lines = patch.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        first = line[:1]
        if (old_left > 0 or new_left > 0) and draft is not None and first in _BODY:
            draft.lines += 1
            if first == b"+":
                new_left -= 1
                draft.added += 1
            elif first == b"-":
                old_left -= 1
                draft.removed += 1
            elif first != b"\\":
                old_left -= 1
                new_left -= 1
        else:
            old_left = new_left = 0
            is_plain_start = line.startswith(b"--- ") and (
                draft is None or not draft.has_header or (draft.lines > 0 and not _is_git(draft, patch))
            )
            if _GIT_HEADER.match(line) or is_plain_start:
                if draft is not None:
                    drafts.append((draft, offset, number - 1))
                draft = _Draft(start=offset, first_line=number)
            elif draft is None:
                draft = _Draft(start=offset, first_line=number, kind="text", has_header=False)
            hunk = _HUNK.match(line)
            if hunk:
                old_left = int(hunk[2]) if hunk[2] is not None else 1
                new_left = int(hunk[4]) if hunk[4] is not None else 1
                draft.lines += 1
            elif draft.lines and first == b"\\":
                draft.lines += 1
            else:
                _read_header(draft, line)
        offset += len(line) + 1
    if draft is not None:
        drafts.append((draft, min(offset, len(patch)), number))
    return tuple(_finish(index, *entry) for index, entry in enumerate(drafts))


def read_lines(
    patch: bytes, file: PatchFile, *, skip: int = 0, limit: int | None = None
) -> tuple[DiffLine, ...]:
    """The hunks of one file, as lines with the numbers of both sides, without its header.

    `skip` and `limit` count lines; numbers stay right. Changed parts of paired lines are marked.
    """
    end = None if limit is None else skip + limit
    kept: list[DiffLine] = []
    for position, line in enumerate(_iterate_lines(patch, file)):
        if end is not None and position >= end:
            break
        if position >= skip:
            kept.append(line)
    return tuple(_mark_changes(kept))


def read_raw(patch: bytes, file: PatchFile, *, limit: int) -> tuple[DiffLine, ...]:
    """The lines of a piece as they came, for what has no readable hunks."""
    lines = patch[file.start : file.end].split(b"\n", limit)[:limit]
    if lines and not lines[-1]:
        lines.pop()
    return tuple(_line("note", text, file.first_line + number) for number, text in enumerate(lines))


def _is_git(draft: _Draft, patch: bytes) -> bool:
    # Within a git diff a stray `--- ` after the hunks is no new file; a plain diff has nothing else.
    return patch.startswith(b"diff --git ", draft.start)


def _read_header(draft: _Draft, line: bytes) -> None:
    if line.startswith(b"diff --git "):
        draft.old_path, draft.path = _split_git_header(line[11:])
    elif line.startswith(b"--- "):
        name = _read_name(line[4:])
        draft.kind = "added" if name is None else draft.kind
        draft.old_path = name or draft.old_path
    elif line.startswith(b"+++ "):
        name = _read_name(line[4:])
        draft.kind = "deleted" if name is None else draft.kind
        draft.path = name or draft.path or draft.old_path
    elif line.startswith(b"new file mode "):
        draft.kind, draft.new_mode = "added", _mode(line)
    elif line.startswith(b"deleted file mode "):
        draft.kind, draft.old_mode = "deleted", _mode(line)
    elif line.startswith(b"old mode "):
        draft.old_mode = _mode(line)
    elif line.startswith(b"new mode "):
        draft.new_mode = _mode(line)
    elif line.startswith((b"rename from ", b"copy from ")):
        draft.kind = "renamed" if line.startswith(b"rename") else "copied"
        draft.old_path = _unquote(line.split(b" from ", 1)[1])
    elif line.startswith((b"rename to ", b"copy to ")):
        draft.path = _unquote(line.split(b" to ", 1)[1])
    elif line.startswith((b"GIT binary patch", b"Binary files ")):
        draft.is_binary = True


def _mode(line: bytes) -> str:
    return line.rsplit(b" ", 1)[1].strip().decode("ascii", "replace")


def _read_name(name: bytes) -> bytes | None:
    """The path of a `---` or `+++` line without its `a/` or `b/`; None for /dev/null."""
    name = _unquote(name.split(b"\t", 1)[0].rstrip(b"\r"))
    if name == b"/dev/null":
        return None
    return name[2:] if name[:2] in (b"a/", b"b/") else name


def _split_git_header(names: bytes) -> tuple[bytes, bytes]:
    """Both paths of `diff --git`. Unquoted names may hold spaces: then the two are the same path."""
    names = names.rstrip(b"\r")
    if names.startswith(b'"'):
        closing = re.match(rb'"(?:[^"\\]|\\.)*"', names)
        old = closing[0] if closing else names
        new = names[len(old) :].strip()
    elif b' "' in names:
        old, _, new = names.partition(b' "')
        new = b'"' + new
    else:
        half = len(names) // 2
        old, new = names[:half], names[half + 1 :]
        if old[2:] != new[2:]:
            old, _, new = names.partition(b" b/")
            new = b"b/" + new
    return _unquote(old)[2:], _unquote(new)[2:]


def _unquote(name: bytes) -> bytes:
    """Undo git's C-style quoting."""
    name = name.strip(b"\r")
    if len(name) < 2 or not (name.startswith(b'"') and name.endswith(b'"')):
        return name

    def restore(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(restore, name[1:-1])


def _finish(index: int, draft: _Draft, end: int, last_line: int) -> PatchFile:
    path, old_path = (_text(name) for name in (draft.path or draft.old_path, draft.old_path or draft.path))
    is_mode_only = draft.kind == "modified" and draft.old_mode and not draft.lines and not draft.is_binary
    return PatchFile(
        index=index,
        path=path,
        old_path=old_path,
        kind="mode" if is_mode_only else draft.kind,
        old_mode=draft.old_mode,
        new_mode=draft.new_mode,
        is_binary=draft.is_binary,
        lines_added=draft.added,
        lines_removed=draft.removed,
        lines=draft.lines,
        start=draft.start,
        end=end,
        first_line=draft.first_line,
        last_line=last_line,
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _line(
    kind: str, content: bytes, patch_line: int, old: int | None = None, new: int | None = None
) -> DiffLine:
    text = _text(content).removesuffix("\r")
    cut = max(0, len(text) - MAX_LINE_CHARS)
    return DiffLine(kind, (Piece(text[:MAX_LINE_CHARS]),), patch_line, old, new, cut)


def _iterate_lines(patch: bytes, file: PatchFile) -> Iterator[DiffLine]:
    old = new = old_left = new_left = 0
    is_inside = False
    for number, line in enumerate(patch[file.start : file.end].split(b"\n"), start=file.first_line):
        if number > file.last_line:
            return
        first = line[:1]
        if first not in _BODY:
            old_left = new_left = 0
        hunk = _HUNK.match(line) if old_left <= 0 and new_left <= 0 else None
        if hunk:
            old, new = int(hunk[1]), int(hunk[3])
            old_left = int(hunk[2]) if hunk[2] is not None else 1
            new_left = int(hunk[4]) if hunk[4] is not None else 1
            is_inside = True
            yield _line("hunk", line, number)
        elif is_inside and first == b"\\":
            yield _line("note", line[2:], number)
        elif old_left <= 0 and new_left <= 0:
            continue
        elif first == b"+":
            yield _line("added", line[1:], number, None, new)
            new, new_left = new + 1, new_left - 1
        elif first == b"-":
            yield _line("removed", line[1:], number, old, None)
            old, old_left = old + 1, old_left - 1
        else:
            yield _line("context", line[1:], number, old, new)
            old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1


def _mark_changes(lines: list[DiffLine]) -> Iterator[DiffLine]:
    """Pair runs of removed lines with equally long runs of added ones and mark what differs inside."""
    position = 0
    while position < len(lines):
        removed = _run(lines, position, "removed")
        added = _run(lines, position + len(removed), "added")
        if not removed:
            yield lines[position]
            position += 1
            continue
        if len(removed) == len(added):
            pairs = [_mark_pair(before, after) for before, after in zip(removed, added, strict=True)]
            yield from (pair[0] for pair in pairs)
            yield from (pair[1] for pair in pairs)
        else:
            yield from removed
            yield from added
        position += len(removed) + len(added)


def _run(lines: Sequence[DiffLine], start: int, kind: str) -> list[DiffLine]:
    end = start
    while end < len(lines) and lines[end].kind == kind:
        end += 1
    return list(lines[start:end])


def _mark_pair(before: DiffLine, after: DiffLine) -> tuple[DiffLine, DiffLine]:
    old, new = before.text, after.text
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    # Lines with little in common are two different lines, not a change of one.
    if (head + tail) * 2 < max(len(old.strip()), len(new.strip())) or old == new:
        return before, after
    return (_with_mark(before, head, tail), _with_mark(after, head, tail))


def _with_mark(line: DiffLine, head: int, tail: int) -> DiffLine:
    text = line.text
    end = len(text) - tail
    pieces = (Piece(text[:head]), Piece(text[head:end], is_changed=True), Piece(text[end:]))
    return replace(line, pieces=tuple(piece for piece in pieces if piece.text))
