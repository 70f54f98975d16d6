"""Values that JSON can hold, and texts that PostgreSQL can. Pure."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from autopack.documents import describe_kind
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity

MAX_DEPTH = 50
MAX_KEY_LENGTH = 100
"""YAML wants a key on one line of at most 1,024 characters, of which an escaped one takes ten."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def to_json(value: object, origin: Origin, problems: list[EntryProblem], *, depth: int = 0) -> Json:
    """A value of YAML or JSON as plain JSON: dates become their ISO text. What cannot be kept is a problem,
    and None takes its place."""
    if depth > MAX_DEPTH:
        problems.append(_refusal("too_deep", origin, f"is nested more than {MAX_DEPTH} levels deep"))
        return None
    match value:
        case None | bool() | int():
            return value
        case str():
            return clean_text(value, origin, problems)
        case float():
            return _number(value, origin, problems)
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple():
            return [to_json(v, origin.inner(i), problems, depth=depth + 1) for i, v in enumerate(value)]
        case Mapping():
            return {
                key: to_json(inner, origin.inner(key), problems, depth=depth + 1)
                for key, inner in text_keyed(value, origin, problems).items()
            }
        case _:
            kind = "binary data" if isinstance(value, bytes) else describe_kind(value)
            problems.append(_refusal("not_plain", origin, f"is {kind}, which cannot be kept"))
            return None


def text_keyed(
    value: Mapping[object, object],
    origin: Origin,
    problems: list[EntryProblem],
    *,
    most: int = MAX_KEY_LENGTH,
) -> dict[str, object]:
    """The mapping with those of its keys that are texts; others are problems. Longer ones than usual, up to
    `most`, only where they are written as they are."""
    kept = {}
    for key, inner in value.items():
        here = origin.inner(str(key))
        if not isinstance(key, str):
            shown = "null" if key is None else str(key).lower() if isinstance(key, bool) else str(key)
            message = f"is a key, but {describe_kind(key)} instead of a text"
            problems.append(_refusal("key_not_text", here, message, f"'{shown}'"))
        elif len(key) > (most if key.isprintable() else MAX_KEY_LENGTH):
            message = f"has a key of more than {most if key.isprintable() else MAX_KEY_LENGTH} characters"
            problems.append(_refusal("too_long", origin, message))
        elif _UNSTORABLE.search(key):
            message = "has a key with a NUL or half a character in it"
            problems.append(_refusal("bad_character", origin, message))
        else:
            kept[key] = inner
    return kept


def is_same(one: Json, other: Json) -> bool:
    """Equal in value and in kind at every level: `1`, `1.0` and `true` are three things."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and one == other


def clean_text(text: str, origin: Origin, problems: list[EntryProblem]) -> str:
    if _UNSTORABLE.search(text):
        problems.append(_refusal("bad_character", origin, "has a NUL or half a character in it"))
        return ""
    return text


def _number(value: float, origin: Origin, problems: list[EntryProblem]) -> Json:
    if not math.isfinite(value):
        problems.append(_refusal("not_finite", origin, "is no number that can be kept"))
        return None
    if value == 0:
        # PostgreSQL knows no negative one.
        return 0.0
    if value.is_integer() and "e" in repr(value):
        # PostgreSQL writes it with all of its digits, and would give back an integer.
        return int(Decimal(repr(value)))
    return value


def _refusal(code: str, origin: Origin, message: str, suggestion: str = "") -> EntryProblem:
    return EntryProblem(Severity.ERROR, code, origin, message, suggestion)
