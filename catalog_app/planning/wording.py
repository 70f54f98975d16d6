"""Texts of people and lists of names, as sentences take them. Pure."""

import re
from collections.abc import Iterable, Sequence

_MAX_TEXT = 400
_MAX_TITLE = 120
_MAX_LISTED = 6
_NOT_WORD = re.compile(r"[\W_]+")


def one_line(text: str, limit: int = _MAX_TEXT) -> str:
    """Without line breaks and what cannot be printed, and no longer than the limit."""
    printable = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def shorten(text: str, limit: int = _MAX_TITLE) -> str:
    """As a title or a quotation inside of a sentence."""
    return one_line(text, limit)


def same_words(text: str) -> str:
    """Equal for texts that say the same but for case, punctuation and spaces."""
    return _NOT_WORD.sub(" ", text.casefold()).strip()


def listed(names: Iterable[str], *, most: int = _MAX_LISTED, joint: str = "and") -> str:
    """For a sentence: `a, b and c`, or `a, b, c and 4 more`."""
    all_names = list(names)
    shown = all_names[:most]
    if len(all_names) > most:
        return f"{', '.join(shown)} and {len(all_names) - most} more"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def counted(number: int, one: str) -> str:
    """`1 phase`, `2,000 phases`."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def name_source(repo_id: str, paths: Sequence[str]) -> str:
    """`auth-kit: src/login, src/session`; the repository alone where all of it is meant."""
    return f"{repo_id}: {', '.join(paths)}" if paths else repo_id
