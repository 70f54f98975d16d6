"""Paragraphs into sentences, and enumerations into their members. Pure."""

import re
from collections.abc import Iterator

from catalog_app.briefing.words import IMPERATIVE, IMPERATIVE_WORD, count_words, tidy

_END = re.compile(r"[.!?…]+[\"'”\u2019)\]]*(?=\s)|;(?=\s*\n)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.?g|i\.?e|etc|vs|approx|resp|incl|excl|max|min|no|nr|dr|mr|mrs|ms|prof|st|inc|ltd|co|fig|cf)"
    r"|\b[A-Za-z])\.$",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"\s*(?:[,;]\s*(?:and|&|as well as|plus)\s+|[,;]|\s(?:and|&|plus|as well as|\+)\s)\s*", re.I
)
_ALTERNATIVES = re.compile(r"\s*(?:[,;]\s*(?:or|nor|and)\s+|[,;]|\s(?:or|nor|and)\s|/)\s*", re.IGNORECASE)
_ATTACHED = re.compile(
    r"\b(?:with|for|to|of|in|by|as|from|per|on|at|via|over|into|between|that|which|who|when|where|so|"
    r"if|because|until|after|before|can|could|must|should|is|are|be|have|has)\b",
    re.IGNORECASE,
)
_FORMAT = re.compile(r"[A-Z0-9]{2,6}|[A-Z][a-z]+[A-Z]\w*")
_MOST_WORDS = 4
_MOST_PARTS = 30


def split_sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a paragraph with the number of line breaks before each. Nothing is left out."""
    start = line = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if match[0][0] == "." and _ABBREVIATION.search(piece[-12:].rstrip("\"'”\u2019)]")):
            follows = text[match.end() :].lstrip()[:1]
            if not (follows.isupper() and piece.rstrip().lower().endswith("etc.")):
                continue
        yield from _sentence(piece, line)
        line += piece.count("\n")
        start = match.end()
    yield from _sentence(text[start:], line)


def split_wishes(text: str) -> tuple[str, ...]:
    """`login, teams and billing` is three things; most texts are one. Only short names are taken apart:
    neither actions nor what has something attached to it. `CSV, PDF and Excel export` is one thing, and so
    is `sort, filter and print lists`."""
    parts = [part.strip(" .") for part in _JOINTS.split(text.strip(" ."), maxsplit=_MOST_PARTS)]
    named = [part for part in parts if part]
    if len(named) < 2 or len(named) > _MOST_PARTS or any(not _is_name(part) for part in named):
        return (text,)
    is_shared = count_words(named[-1]) > 1 and all(_FORMAT.fullmatch(part) for part in named[:-1])
    is_shared = is_shared or (
        count_words(named[-1]) > 1 and all(IMPERATIVE_WORD.fullmatch(part) for part in named[:-1])
    )
    is_pair = len(named) == 2
    return (text,) if is_shared or is_pair or _all_formats(named) else tuple(named)


def split_listed(text: str) -> tuple[str, ...]:
    """Like `split_wishes`, where it was said that things follow ("we need login and billing")."""
    parts = [part.strip(" .") for part in _JOINTS.split(text.strip(" ."), maxsplit=_MOST_PARTS)]
    named = [part for part in parts if part]
    if len(named) == 2 and all(_is_name(part) for part in named) and not _FORMAT.fullmatch(named[0]):
        return tuple(named)
    return split_wishes(text)


def split_refused(text: str) -> tuple[str, ...]:
    """What is not wanted: also `X or Y`, for neither is."""
    parts = [
        re.sub(r"^(?:no|not|without|any|an?)\s+", "", part.strip(" ."), flags=re.I)
        for part in _ALTERNATIVES.split(text.strip(" ."), maxsplit=_MOST_PARTS)
    ]
    named = [part for part in parts if part]
    if len(named) < 2 or any(count_words(part) > _MOST_WORDS for part in named):
        return (text,)
    return tuple(named) if not any(_ATTACHED.search(part) for part in named[:-1]) else (text,)


def _sentence(piece: str, line: int) -> Iterator[tuple[int, str]]:
    shown = piece.lstrip()
    if shown:
        yield line + piece[: len(piece) - len(shown)].count("\n"), tidy(shown)


def _is_name(part: str) -> bool:
    return count_words(part) <= _MOST_WORDS and not _ATTACHED.search(part) and not IMPERATIVE.match(part)


def _all_formats(parts: list[str]) -> bool:
    return all(_FORMAT.fullmatch(part) for part in parts)
