"""One written mapping, read key by key. Pure."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeVar

from autopack.choices import Choice
from autopack.documents import describe_kind
from catalog_app.interchange.entries import EntryProblem, Extra, Json, Origin, Severity
from catalog_app.interchange.plain import clean_text, text_keyed, to_json

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
NAME_RULE = "1 to 100 letters, digits, dots, underscores and hyphens, with a letter or digit first"

C = TypeVar("C", bound=Choice)


class WrittenMapping:
    """Takes values out of a mapping by key, in the kind that is wanted, and collects what is wrong.

    A key with nothing behind it counts as absent. `rest` gives what nobody took.
    """

    def __init__(self, value: Mapping[object, object], origin: Origin, problems: list[EntryProblem]) -> None:
        self.origin = origin
        self._problems = problems
        self._values = text_keyed(value, origin, problems)
        self._taken: dict[str, None] = {}

    def error(self, code: str, key: str | int | None, message: str, suggestion: str = "") -> None:
        self._add(Severity.ERROR, code, key, message, suggestion)

    def warn(self, code: str, key: str | int | None, message: str, suggestion: str = "") -> None:
        self._add(Severity.WARNING, code, key, message, suggestion)

    def has(self, *keys: str) -> bool:
        """Whether one of the keys is there, even with nothing behind it."""
        return any(key in self._values for key in keys)

    def is_text(self, key: str, text: str) -> bool:
        return self._values.get(key) == text

    def find(self, *keys: str) -> tuple[str, object]:
        """The first of these keys that has a value, and the value; None without one. The rest of the names
        mean the same and are not to be used beside it."""
        is_first_look = keys[0] not in self._taken
        self._taken.update(dict.fromkeys(keys))
        given = [key for key in keys if self._values.get(key) is not None]
        for other in given[1:] if is_first_look else ():
            self.error("said_twice", other, f"says the same as {given[0]}; leave one of them out")
        return (given[0], self._values[given[0]]) if given else (keys[0], None)

    def text(self, *keys: str, max_length: int | None = None) -> str:
        """Without white space at its ends; "" when absent."""
        return self.optional_text(*keys, max_length=max_length) or ""

    def optional_text(self, *keys: str, max_length: int | None = None) -> str | None:
        """None when absent; a key with nothing behind it is ""."""
        key, value = self.find(*keys)
        if value is None:
            return "" if self.has(*keys) else None
        text = self._as_text(value, self.origin.inner(key))
        if text is not None and max_length is not None and len(text) > max_length:
            self.error("too_long", key, f"has {len(text)} characters; at most {max_length} are kept")
        return text

    def line(self, *keys: str, max_length: int) -> str:
        """A text without line breaks."""
        text = self.text(*keys, max_length=max_length)
        if len(text.splitlines()) > 1:
            self.error("not_one_line", keys[0], "must be a text of one line")
        return text

    def texts(self, *keys: str) -> tuple[str, ...]:
        """A list of texts, each once; a text alone is a list of one."""
        return tuple(dict.fromkeys(text for _, text in self.placed_texts(*keys)))

    def placed_texts(self, *keys: str) -> list[tuple[Origin, str]]:
        """The same with where each stands, repetitions included."""
        key, value = self.find(*keys)
        here = self.origin.inner(key)
        if value is None:
            return []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            self.error("wrong_kind", key, f"must be a list of texts, not {describe_kind(value)}")
            return []
        texts = []
        for index, item in enumerate(value):
            text = self._as_text(item, here.inner(index))
            if text == "":
                self._problems.append(
                    EntryProblem(Severity.ERROR, "wrong_kind", here.inner(index), "must not be empty")
                )
            elif text is not None:
                texts.append((here.inner(index), text))
        return texts

    def names(self, *keys: str) -> tuple[str, ...]:
        """A list of slugs or ids."""
        found = self.placed_texts(*keys)
        for origin, name in found:
            if not NAME.fullmatch(name):
                self._problems.append(
                    EntryProblem(Severity.ERROR, "bad_name", origin, f"{name!r} is no name: use {NAME_RULE}")
                )
        return tuple(dict.fromkeys(name for _, name in found))

    def choice(self, kind: type[C], *keys: str) -> C | None:
        key, value = self.find(*keys)
        if value is None:
            return None
        text = str(value).strip().lower()
        if text in list(kind):
            return kind(text)
        known = ", ".join(kind)
        near = difflib.get_close_matches(text, [member.value for member in kind], n=1)
        self.error(
            "unknown_value", key, f"{value!r} is not known; known are {known}", near[0] if near else ""
        )
        return None

    def flag(self, *keys: str) -> bool | None:
        key, value = self.find(*keys)
        if value is None or isinstance(value, bool):
            return value
        self.error("wrong_kind", key, f"must be true or false, not {describe_kind(value)}")
        return None

    def number(self, *keys: str, least: Decimal, most: Decimal) -> Decimal | None:
        """Two places behind the point, as the catalog keeps it; more are rounded, with a warning."""
        key, value = self.find(*keys)
        if value is None:
            return None
        number = _as_number(value)
        if number is None:
            self.error("wrong_kind", key, f"must be a number, not {describe_kind(value)}")
            return None
        if not least <= number <= most:
            self.error("out_of_range", key, f"{value} must be a number from {least} to {most}")
            return None
        kept = number.quantize(Decimal("0.01"))
        if kept != number:
            self.warn("rounded", key, f"{value} is kept with two places", str(kept))
        return kept

    def mapping(self, *keys: str) -> "WrittenMapping | None":
        key, value = self.find(*keys)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return WrittenMapping(value, self.origin.inner(key), self._problems)
        self.error("wrong_kind", key, f"must be a mapping, not {describe_kind(value)}")
        return None

    def plain_mapping(self, *keys: str) -> Extra | None:
        """A mapping of anything that JSON can hold; None when absent."""
        inner = self.mapping(*keys)
        if inner is None:
            return {} if self.has(*keys) else None
        return inner.rest()

    def json(self, key: str) -> Json:
        """Any value that JSON can hold."""
        return to_json(self._values[key], self.origin.inner(key), self._problems)

    def rest(self, *, known: Iterable[str] = ()) -> Extra:
        """What nobody took, as plain JSON. A key that is nearly one of those that were taken is a warning:
        its value is kept, but means nothing."""
        taken = (*self._taken, *known)
        kept = {}
        for key, value in self._values.items():
            if key in taken:
                continue
            kept[key] = to_json(value, self.origin.inner(key), self._problems)
            if near := _nearest(key.lower(), taken):
                self.warn("like_known_key", key, "is kept, but means nothing to Autopack", near)
        return kept

    def _as_text(self, value: object, origin: Origin) -> str | None:
        if isinstance(value, str):
            return clean_text(value, origin, self._problems).strip()
        quoted = "" if isinstance(value, Mapping | list) else f"'{value}'"
        self._problems.append(
            EntryProblem(
                Severity.ERROR, "wrong_kind", origin, f"must be a text, not {describe_kind(value)}", quoted
            )
        )
        return None

    def _add(
        self, severity: Severity, code: str, key: str | int | None, message: str, suggestion: str
    ) -> None:
        origin = self.origin if key is None else self.origin.inner(key)
        self._problems.append(EntryProblem(severity, code, origin, message, suggestion))


def as_entries(
    value: object, origin: Origin, problems: list[EntryProblem], *, name_keys: Sequence[str]
) -> list[tuple[str, Mapping[object, object], Origin]]:
    """Named entries, written as a mapping from name to entry or as a list of entries with their name inside
    (under one of `name_keys`, which stays in the entry). A name that is there twice is a problem."""
    found: dict[str, Origin] = {}
    entries = []
    for name, entry, here in _named(value, origin, problems, name_keys):
        if not NAME.fullmatch(name):
            problems.append(
                EntryProblem(
                    Severity.ERROR, "bad_name", here, f"{name!r} is no name: use {NAME_RULE}", slugify(name)
                )
            )
        elif name in found:
            problems.append(
                EntryProblem(Severity.ERROR, "same_name", here, f"{name} is here twice", other=found[name])
            )
        else:
            found[name] = here
            entries.append((name, entry, here))
    return entries


def slugify(text: str) -> str:
    """A name made of a title; "" if there is nothing to make it of."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100]


def title_of(name: str) -> str:
    """A title for what has only a name: `auth_basic` is "Auth basic"."""
    words = " ".join(re.split(r"[-_.]+", name)).strip()
    return words[:1].upper() + words[1:]


@lru_cache(maxsize=10_000)
def _nearest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
    return near[0] if near else ""


def _named(
    value: object, origin: Origin, problems: list[EntryProblem], name_keys: Sequence[str]
) -> Iterable[tuple[str, Mapping[object, object], Origin]]:
    if isinstance(value, Mapping):
        for name, entry in text_keyed(value, origin, problems).items():
            here = origin.inner(name)
            if entry is None:
                yield name, {}, here
            elif isinstance(entry, Mapping):
                yield name, entry, here
            else:
                problems.append(_wrong_kind(here, "must be a mapping", entry))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            here = origin.inner(index)
            if not isinstance(entry, Mapping):
                problems.append(_wrong_kind(here, "must be a mapping", entry))
                continue
            name = _name_inside(entry, name_keys)
            if name:
                yield name, entry, here
            else:
                problems.append(
                    EntryProblem(Severity.ERROR, "missing", here, f"has no {' or '.join(name_keys[:2])}")
                )
    else:
        problems.append(_wrong_kind(origin, "must be a mapping or a list", value))


def _name_inside(entry: Mapping[object, object], name_keys: Sequence[str]) -> str:
    for key in name_keys:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    for key in ("name", "title"):
        value = entry.get(key)
        if isinstance(value, str) and slugify(value):
            return slugify(value)
    return ""


def _as_number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _wrong_kind(origin: Origin, wanted: str, value: object) -> EntryProblem:
    kind = "wrong_kind"
    return EntryProblem(Severity.ERROR, kind, origin, f"{wanted}, not {describe_kind(value)}")
