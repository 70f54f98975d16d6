"""Texts of people as CommonMark that shows exactly them: no markup, no HTML, no line of its own. Pure."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK_START = re.compile(r"^(?:[#+=>:-]|\d{1,9}(?=[.)]))")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LINK = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9._~:/?#@!&=%+,;-]*")
_CODE = re.compile(r"`([^`]+)`")
_JOINERS = "\u200c\u200d"
"""Cannot be seen, but words of some languages and emoji are wrong without them."""


def inline(text: str) -> str:
    """For a place inside of a line. Line breaks become spaces, what cannot be printed goes."""
    return _SPECIAL.sub(r"\\\g<0>", _plain(text).translate(_ENTITIES))


def paragraph(text: str) -> str:
    """For a line of its own: what would start a list, a heading or a quotation does not."""
    return _guard(inline(text))


def heading(text: str, level: int) -> str:
    words = inline(text).replace("#", r"\#")
    return f"{'#' * level} {words}"


def prose(text: str) -> str:
    """Paragraphs of a text with `code`, as phases have it."""
    return "\n\n".join(_with_code(part) for part in split_paragraphs(text))


def split_paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part.strip()]


def code(text: str) -> str:
    """In a code span, or plain where its characters could end one, or a cell of a table."""
    line = _plain(text)
    return f"`{line}`" if line and not set(line) & set("`|<>&\\") else inline(line)


def link(text: str, address: str) -> str:
    """Only to the web; another address is shown rather than linked."""
    if _LINK.fullmatch(address):
        return f"[{inline(text)}]({address})"
    return f"{inline(text)} ({inline(address)})" if _plain(address) else inline(text)


def in_hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60):,} hours"


def bullets(lines: Iterable[str]) -> str:
    """Lines are markdown already."""
    return "\n".join(f"- {_guard(line)}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are markdown already."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cell or '-' for cell in line)} |" for line in lines)


def _with_code(text: str) -> str:
    pieces = _CODE.split(text)
    joined = "".join(code(piece) if index % 2 else _spaced(piece) for index, piece in enumerate(pieces))
    return _guard(joined.strip())


def _guard(line: str) -> str:
    found = _BLOCK_START.match(line)
    if not found:
        return line
    if found.group().isdigit():
        return f"{found.group()}\\{line[found.end() :]}"
    return f"\\{line}"


def _spaced(text: str) -> str:
    """Inline, with the spaces at its ends that part it from what stands beside it."""
    start = " " if text[:1].isspace() else ""
    end = " " if text.strip() and text[-1:].isspace() else ""
    return f"{start}{inline(text)}{end}"


def _plain(text: str) -> str:
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char in _JOINERS else " " for char in text)
    return " ".join(text.split())
