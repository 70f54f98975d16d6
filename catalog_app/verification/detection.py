"""Which licence a text is. A text that says more than a licence that is known is none of those."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from licenseclassifier import LicenseIdentificationResult as Match
from licenseclassifier import identify_license

from catalog_app.licensing import parse_license
from catalog_app.verification.combining import either, together
from catalog_app.verification.riders import find_names, find_other_license, find_rider, withholds_rights
from catalog_app.verification.surroundings import cut_llvm_exception, cut_notes

MAX_TEXT_CHARACTERS: Final = 400_000
_POINTER_WORDS = 80
"""A text of fewer words refers to a licence; it is none."""
_POINTER_CHARACTERS = 1_500
_MOST_OTHER_WORDS = 20
"""Besides the licence, its title and notices of copyright. More may be a condition in any language: of some
three hundred licence files of well-known projects, eight had more, and two of the eight were conditions."""
_LEAST_COVERAGE = 0.5
_MOST_WORDS_OF_NOTICE = 60

# Texts of the GNU project's licences do not say which later versions are allowed: whoever applies them does.
_VERSION_OPEN = re.compile(r"(?:GPL|LGPL|AGPL|GFDL)-\d\.\d")
_COPYRIGHT_LINE = re.compile(r"(?i)\bcopyright\b|\bcopyrighted\b|©|\(c\)\s*\d{4}")
_NOTICE = re.compile(r"(?i)copyright|\(c\)|©|all rights")
_TITLE_LINE = re.compile(
    r"(?ix) \W* | \W*all\ rights\ reserved\W* | \W*https?://\S+\W* | \W*spdx-license-identifier.* |"
    r"\W*(?:(?:the|licen[sc]e|version|v|text|full|open|source|free|software|mit|expat|isc|apache|bsd|[23]-clause|"
    r"new|modified|simplified|gnu|lesser|general|public|affero|mozilla|eclipse|january|february|june|november|"
    r"december|\d[\d.]*)[\W_]*){1,8}"
)
_CHOICE = re.compile(
    r"(?ix)\b(?:software|project|work|library|crate|package|code|program|module)\b.{0,80}?"
    r"\b(?: dual[\s-]+licen[sc]ed | (?:at|of)?\s*your\s+(?:option|choice) | either )\b"
)
_MOST_WORDS_OF_CHOICE = 60
# They part words for a program that a person reads as one.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class Detection:
    """What a text is. An empty `expression` is an unknown licence, and `reason` says why in words."""

    expression: str
    confidence: float = 0.0
    reason: str = ""
    lines: tuple[int, int] | None = None
    """First and last, counted from 1."""
    is_pointer: bool = False
    """Only refers to a licence, such as `see ../LICENSE`; for itself it says nothing."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of a pointer: the families of licences that it names, as `find_names` has them."""
    has_rider: bool = False
    """Unknown because of what the text adds to a licence, or names beside it."""


class LicenseDetector(Protocol):
    """Reads licence texts. Keeps nothing of one text for the next; works without a network."""

    @property
    def name(self) -> str:
        """Evidence says who found it."""

    def detect(self, text: str) -> Detection:
        """What the whole of a licence file says. Never a licence without the conditions that the text adds
        to it."""


class TemplateDetector:
    """Compares word for word with the templates of the SPDX list (`licenseclassifier`, after the scanner of
    pkg.go.dev), and then reads what is left over: a licence with a rider is not that licence."""

    @property
    def name(self) -> str:
        return "licenseclassifier"

    def detect(self, text: str) -> Detection:
        if len(text) > MAX_TEXT_CHARACTERS:
            return Detection("", reason="The text is too long for a licence.")
        text = _INVISIBLE.sub("", text)
        plain = cut_llvm_exception(text)
        matches, outside = _read(plain)
        rest = [line for line in outside if not _COPYRIGHT_LINE.search(line)]
        words = sum(len(line.split()) for line in rest)
        lines = _lines(plain, matches)
        if problem := find_rider(outside, rest):
            return Detection("", reason=problem, lines=lines, has_rider=True)
        if all(_is_url(plain, match) for match in matches):
            return _of_no_text(text, words)
        coverage = sum(match.end - match.start for match in matches) / len(plain)
        if coverage < _LEAST_COVERAGE and words > _POINTER_WORDS:
            return Detection("", reason="Most of the text belongs to no licence that is known.", lines=lines)
        ids = sorted({_spdx_id(match.id) for match in matches})
        for license_id in ids:
            if parse_license(license_id).expression != license_id:
                return Detection(
                    "", reason=f"The text is {license_id}, which SPDX does not list.", lines=lines
                )
        if problem := find_other_license(ids, rest):
            return Detection("", reason=problem, lines=lines, has_rider=True)
        expression = _combine(merge_gnu(ids), "\n".join(rest))
        if plain != text and expression == "Apache-2.0":
            expression = "Apache-2.0 WITH LLVM-exception"
        if words > _MOST_OTHER_WORDS:
            reason = f"Beside {expression}, {words} words belong to no licence that is known."
            return Detection("", reason=reason, lines=lines, has_rider=True)
        return Detection(expression, 1.0, lines=lines)


def merge_gnu(ids: Iterable[str]) -> list[str]:
    """Each once, sorted. A GNU licence is one, though its text, its notice and the licence that it builds
    upon are found as three."""
    merged = set(ids)
    for license_id in list(merged):
        if (later := with_later(license_id)) != license_id and later in merged:
            merged.discard(license_id)
    if any(license_id.startswith("LGPL-3.0") for license_id in merged):
        merged -= {"GPL-3.0-only", "GPL-3.0-or-later"}
    return sorted(merged)


def with_later(expression: str) -> str:
    """`GPL-3.0-or-later` for `GPL-3.0-only`; other ids as they are."""
    return re.sub(r"\b([LA]?GPL-\d\.\d)-only\b", r"\1-or-later", expression)


def _of_no_text(text: str, words: int) -> Detection:
    if not text.strip():
        return Detection("", reason="The file is empty.", is_pointer=True)
    if len(text.split()) <= _POINTER_WORDS and len(text) <= _POINTER_CHARACTERS:
        if withholds_rights(text):
            return Detection("", reason="The file keeps its rights; it has no text of a licence.")
        reason = "The file names a licence at most; it has no text of one."
        return Detection("", reason=reason, is_pointer=True, names=find_names(text.splitlines()))
    return Detection("", reason=f"{words} words that are no licence text that is known.")


def _read(text: str) -> tuple[list[Match], list[str]]:
    """The licences in a text, and the lines that belong to none of them, without titles and ornaments."""
    matches: list[Match] = []
    outside: list[str] = []
    at = 0
    for match in identify_license(text, coverage_threshold=0):
        begin = _true_start(text, match)
        _read_between(text, at, begin, matches, outside)
        matches.append(Match(match.id, begin, match.end))
        at = match.end
    _read_between(text, at, len(text), matches, outside)
    return matches, [line for line in outside if not _TITLE_LINE.fullmatch(line)]


def _read_between(text: str, begin: int, end: int, matches: list[Match], outside: list[str]) -> None:
    at = begin
    for match in identify_license(text[begin:end], coverage_threshold=0):
        outside += _split(text[at : begin + match.start])
        at = begin + match.end
        matches.append(Match(match.id, begin + match.start, at))
    outside += _split(text[at:end])


def _split(text: str) -> list[str]:
    return [line.strip() for line in cut_notes(text).splitlines()]


def _true_start(text: str, match: Match) -> int:
    """Where the words of the licence begin. The library counts whatever stands between a notice of copyright
    and the licence as part of it, up to 50 words, among which may be conditions or another licence."""
    begin = at = match.start
    if not _NOTICE.match(text, match.start):
        return begin
    words = 0
    for line in text[match.start : match.end].splitlines(keepends=True):
        at += len(line)
        words += len(line.split())
        if words > _MOST_WORDS_OF_NOTICE or at >= match.end:
            break
        found = identify_license(text[at : match.end], coverage_threshold=0)
        if any(again.id == match.id and at + again.end >= match.end for again in found):
            begin = at
    return begin


def _is_url(text: str, match: Match) -> bool:
    return text[match.start : match.start + 4].lower() == "http"


def _spdx_id(found: str) -> str:
    return f"{found}-only" if _VERSION_OPEN.fullmatch(found) else found


def _combine(ids: Sequence[str], rest: str) -> str:
    if len(ids) > 1:
        # Parts of a work under each of them are the usual case, and the safe reading.
        is_choice = len(ids) == 2 and len(rest.split()) <= _MOST_WORDS_OF_CHOICE
        return either(ids) if is_choice and _CHOICE.search(" ".join(rest.split())) else together(ids)
    return ids[0]


def _lines(text: str, matches: Sequence[Match]) -> tuple[int, int] | None:
    if not matches:
        return None
    begin, end = min(match.start for match in matches), max(match.end for match in matches)
    return text.count("\n", 0, begin) + 1, text.count("\n", 0, max(begin, end - 1)) + 1
