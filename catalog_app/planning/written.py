"""A mapping out of JSON or YAML, read key by key and never given up on: what is wrong is said with its place,
and a default stands in for it. Texts are kept exactly as they are. Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from autopack.choices import Choice
from autopack.documents import describe_kind
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.interchange.plain import clean_text, text_keyed, to_json
from catalog_app.planning.spelling import nearest

C = TypeVar("C", bound=Choice)

MAX_PROBLEMS = 200
"""More of them help nobody; reading goes on in silence."""
MAX_NAME_LENGTH = 250
"""Of a key: the id of a question may have two slugs in it."""


class Written:
    """`finish` complains of keys that nobody took."""

    def __init__(self, value: object, origin: Origin, problems: list[EntryProblem]) -> None:
        self.origin = origin
        self._problems = problems
        self._taken: dict[str, None] = {}
        self._values: dict[str, object] = {}
        if isinstance(value, Mapping):
            self._values = text_keyed(value, origin, problems, most=MAX_NAME_LENGTH)
        else:
            self.complain("wrong_kind", f"must be a mapping, not {describe_kind(value)}")

    def complain(self, code: str, message: str, key: str | None = None, *, suggestion: str = "") -> None:
        if len(self._problems) < MAX_PROBLEMS:
            origin = self.origin if key is None else self.origin.inner(key)
            self._problems.append(EntryProblem(Severity.ERROR, code, origin, message, suggestion))

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there with something behind it."""
        return self._values.get(key) is not None

    def text(self, key: str, *, is_needed: bool = False) -> str:
        value = self._take(key)
        if value is None:
            if is_needed:
                self.complain("missing", f"has no {key}")
            return ""
        text = self._as_text(value, self.origin.inner(key))
        if is_needed and not text.strip() and isinstance(value, str):
            self.complain("empty", "must not be empty", key)
        return text

    def texts(self, key: str, *, most: int | None = None) -> tuple[str, ...]:
        """A list of texts; a text alone is a list of one. What is over the bound is not read."""
        value = self._take(key)
        if isinstance(value, str):
            value = (value,)
        items = self._bounded(self._as_list(value, key), key, most)
        return tuple(self._as_text(item, self.origin.inner(key, index)) for index, item in enumerate(items))

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return value or False
        self.complain("wrong_kind", f"must be true or false, not {describe_kind(value)}", key)
        return False

    def count(self, key: str) -> int:
        """A whole number from 0."""
        value = self._take(key)
        if value is None:
            return 0
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
            return value
        self.complain("wrong_kind", "must be a whole number from 0", key)
        return 0

    def choice(self, kind: type[C], key: str, default: C) -> C:
        value = self._take(key)
        if value is None:
            return default
        members = [member.value for member in kind]
        if not isinstance(value, str):
            message = f"must be one of {', '.join(members)}, not {describe_kind(value)}"
            self.complain("wrong_kind", message, key)
            return default
        if value in members:
            return kind(value)
        message = f"{value[:80]!r} is not known; known are {', '.join(members)}"
        self.complain("unknown_value", message, key, suggestion=nearest(value[:200], members))
        return default

    def items(self, key: str, *, most: int) -> Iterator[tuple[object, Origin]]:
        """The members of a list. What is over the bound is not read."""
        value = self._bounded(self._as_list(self._take(key), key), key, most)
        for index, item in enumerate(value):
            yield item, self.origin.inner(key, index)

    def mapping(self, key: str, *, most: int | None = None) -> dict[str, Json]:
        """A mapping of anything that JSON can hold. With more entries than the bound, none is read."""
        value = self._take(key)
        here = self.origin.inner(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.complain("wrong_kind", f"must be a mapping, not {describe_kind(value)}", key)
            return {}
        if most is not None and len(value) > most:
            self._complain_of_many(len(value), key, most)
            return {}
        keyed = text_keyed(value, here, self._problems, most=MAX_NAME_LENGTH)
        return {name: to_json(inner, here.inner(name), self._problems) for name, inner in keyed.items()}

    def text_mapping(self, key: str) -> dict[str, str]:
        """A mapping of texts; nothing is ""."""
        here = self.origin.inner(key)
        return {
            name: "" if inner is None else self._as_text(inner, here.inner(name))
            for name, inner in self.mapping(key).items()
        }

    def value(self, key: str) -> object:
        """As it came, for whoever reads it next."""
        return self._take(key)

    def json(self, key: str) -> Json:
        return to_json(self._take(key), self.origin.inner(key), self._problems)

    def inner(self, key: str) -> "Written | None":
        value = self._take(key)
        return None if value is None else Written(value, self.origin.inner(key), self._problems)

    def finish(self) -> None:
        for key in self._values:
            if key not in self._taken:
                near = nearest(key, list(self._taken))
                known = ", ".join(self._taken)
                self.complain("unknown_key", f"is not known here; known are {known}", key, suggestion=near)

    def _take(self, key: str) -> object:
        self._taken[key] = None
        return self._values.get(key)

    def _bounded(
        self, value: "list[object] | tuple[object, ...]", key: str, most: int | None
    ) -> "list[object] | tuple[object, ...]":
        if most is not None and len(value) > most:
            self._complain_of_many(len(value), key, most)
        return value[:most]

    def _complain_of_many(self, count: int, key: str, most: int) -> None:
        self.complain("too_many", f"has {count} entries; at most {most:,} are taken", key)

    def _as_list(self, value: object, key: str) -> "list[object] | tuple[object, ...]":
        if value is None:
            return ()
        if isinstance(value, list | tuple):
            return value
        self.complain("wrong_kind", f"must be a list, not {describe_kind(value)}", key)
        return ()

    def _as_text(self, value: object, origin: Origin) -> str:
        if isinstance(value, str):
            return clean_text(value, origin, self._problems)
        if len(self._problems) < MAX_PROBLEMS:
            message = f"must be a text, not {describe_kind(value)}"
            self._problems.append(EntryProblem(Severity.ERROR, "wrong_kind", origin, message))
        return ""
