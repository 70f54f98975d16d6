"""YAML to plain values that know where they stand in the text. Pure.

Only plain data is read (no tags that make objects), a key that is there twice is a problem, and aliases
cannot make a document grow without end. Large documents are read in seconds: libyaml parses, and no tree of
nodes is built.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from autopack.documents import PlacedProblem, Problem

MAX_NODES = 50_000
"""More than any honest file of projects has; aliases of aliases could otherwise grow without end."""

MAX_DEPTH = 100

MAX_CHARACTERS = 40_000_000
"""Of all texts together, counted as often as aliases repeat them."""

MAX_NUMBER_LENGTH = 4_400
"""Characters: a little more than the digits that Python reads and writes. In base 60, which YAML has as well
(`1:30`), a long number would take hours."""

_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]")
_MERGE_TAG = "tag:yaml.org,2002:merge"
_MERGE = object()
_TEXT = "tag:yaml.org,2002:str"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_COLUMN_BITS = 24

Place = tuple[int, int]
_Mark: TypeAlias = Any
"""Any: PyYAML's or libyaml's; the stubs know a third case that the parsers do not make."""


class UnreadableDocument(Exception):
    """The text is no YAML document that can be read. Line and column count from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.line = line
        self.column = column
        self.message = message


class _Parts:
    """The places of what is in a mapping or list: packed numbers by key (as text) or index, and what is
    inside of each."""

    __slots__ = ("inside", "places")

    def __init__(self) -> None:
        self.places: dict[str | int, int] = {}
        self.inside: dict[str | int, _Parts] = {}


@dataclass(frozen=True, slots=True)
class PlacedDocument:
    """What a text says. `problems` are keys that are there twice; `value` has the last of them."""

    value: object
    problems: tuple[Problem, ...]
    _parts: _Parts
    _repeated: Mapping[str, Place]

    def place_of(self, path: str) -> Place:
        """Line and column of what is at a path such as `projects.shop.ci.normal[0]`, or of the nearest thing
        around it that is in the text."""
        if path in self._repeated:
            return self._repeated[path]
        return _unpack(_find(self._parts, path))

    def locate(self, problems: Iterable[Problem], *, file: str) -> tuple[PlacedProblem, ...]:
        """The problems with their places, in the order of the text; `file` is its name."""
        located = [PlacedProblem(file, *self.place_of(p.path), p.path, p.message) for p in problems]
        return tuple(sorted(located, key=lambda p: (p.line, p.column)))


def read_yaml(text: bytes | str, *, max_nodes: int = MAX_NODES) -> PlacedDocument:
    """Read one document; bytes are UTF-8, with or without a byte order mark. An empty text is None.

    Raises UnreadableDocument, also for more than `max_nodes` values.
    """
    if isinstance(text, bytes):
        text = _decode(text)
    if found := _FORBIDDEN.search(text):
        raise UnreadableDocument(
            *_place_at(text, found.start()), f"has a forbidden character: U+{ord(found[0]):04X}"
        )
    reader = _Reader(max_nodes)
    try:
        value = reader.read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # libyaml finds the end of a text one line below it.
        place = min(_mark_place(mark) if mark else (1, 1), _place_at(text, len(text)))
        message = f"cannot be read as YAML: {error.problem or error.context}"
        raise UnreadableDocument(*place, message) from error
    return PlacedDocument(value, tuple(reader.problems), reader.parts, reader.repeated)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableDocument(line, 1, "is not UTF-8 text") from error


def _place_at(text: str, position: int) -> Place:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _mark_place(mark: _Mark) -> Place:
    return mark.line + 1, mark.column + 1


def _pack(mark: _Mark) -> int:
    line, column = _mark_place(mark)
    return line << _COLUMN_BITS | column


def _unpack(packed: int) -> Place:
    return packed >> _COLUMN_BITS, packed & ((1 << _COLUMN_BITS) - 1)


def _find(parts: _Parts, path: str) -> int:
    """The packed place of a path, or of as much of it as there is."""
    nearest = 1 << _COLUMN_BITS | 1
    inside: _Parts | None = parts
    while path and inside is not None:
        step = next((step for step in _first_steps(path) if step[0] in inside.places), None)
        if step is None:
            break
        key, path = step
        nearest = inside.places[key]
        inside = inside.inside.get(key)
    return nearest


def _first_steps(path: str) -> Iterator[tuple[str | int, str]]:
    """What the first step of a path may be, with the rest of it: keys may have dots and brackets in them."""
    if index := re.match(r"\[(\d+)\]\.?", path):
        yield int(index[1]), path[index.end() :]
    for end in re.finditer(r"[.\[]|$", path):
        rest = path[end.start() :]
        yield path[: end.start()], rest.removeprefix(".")


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet. `key` waits for its value; `merged` is under `<<`."""

    value: dict[Any, Any] | list[Any]
    mark: _Mark
    anchor: str | None
    first_count: int
    first_characters: int
    parts: _Parts
    key: Any = None
    has_key: bool = False
    merged: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    count: int
    characters: int
    parts: _Parts | None


class _Reader:
    """Turns the events of a YAML text into plain values and remembers where each one stands."""

    def __init__(self, max_nodes: int) -> None:
        self.problems: list[Problem] = []
        self.repeated: dict[str, Place] = {}
        self.parts = _Parts()
        self._root: Any = None
        self._max_nodes = max_nodes
        self._count = 0
        self._characters = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._plain: dict[str, Any] = {}
        self._constructor = yaml.SafeLoader("")

    def read(self, text: str) -> object:
        parser = _Parser(text)
        documents = 0
        try:
            while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
                if isinstance(event, yaml.ScalarEvent):
                    value = self._scalar(event)
                    self._characters += len(event.value)
                    self._anchor(event.anchor, value, 1, len(event.value), None)
                    self._add(value, event.start_mark)
                elif isinstance(event, yaml.CollectionStartEvent):
                    self._begin(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._end()
                elif isinstance(event, yaml.AliasEvent):
                    self._repeat(event)
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise _error("but found another document", event.start_mark)
        finally:
            parser.dispose()
        return self._root

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) == MAX_DEPTH:
            raise _error(f"it is nested too deeply, more than {MAX_DEPTH} levels", event.start_mark)
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        value: dict[Any, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        parts = _Parts()
        if not self._open:
            self.parts = parts
        first_count, first_characters = self._count, self._characters
        self._add(value, event.start_mark, parts)
        self._open.append(_Open(value, event.start_mark, event.anchor, first_count, first_characters, parts))

    def _end(self) -> None:
        ended = self._open.pop()
        for value in ended.merged:
            for mapping in value if isinstance(value, list) else [value]:
                if not isinstance(mapping, dict):
                    raise _error("only mappings can be merged", ended.mark)
                for key, inner in mapping.items():
                    ended.value.setdefault(key, inner)  # type: ignore[union-attr]  # only mappings merge
        count, characters = self._count - ended.first_count, self._characters - ended.first_characters
        self._anchor(ended.anchor, ended.value, count, characters, ended.parts)

    def _repeat(self, event: yaml.AliasEvent) -> None:
        if any(outer.anchor == event.anchor for outer in self._open):
            mark = next(outer.mark for outer in self._open if outer.anchor == event.anchor)
            raise _error("a value contains itself", mark)
        if event.anchor not in self._anchors:
            raise _error(f"found undefined alias {event.anchor!r}", event.start_mark)
        anchored = self._anchors[event.anchor]
        self._count += anchored.count - 1
        self._characters += anchored.characters
        if self._characters > MAX_CHARACTERS:
            raise _error(f"its aliases repeat more than {MAX_CHARACTERS:,} characters", event.start_mark)
        self._add(anchored.value, event.start_mark, anchored.parts)

    def _anchor(
        self, name: str | None, value: Any, count: int, characters: int, parts: _Parts | None
    ) -> None:
        if name:
            self._anchors[name] = _Anchored(value, count, characters, parts)

    def _add(self, value: Any, mark: _Mark, parts: _Parts | None = None) -> None:
        """Put a value where it belongs: at the top, into the open list, or as key or value of the mapping."""
        # Any: whatever the document holds.
        if not self._open:
            self._count_one(mark)
            self._root = value
            return
        outer = self._open[-1]
        if isinstance(outer.value, list):
            self._count_one(mark)
            key: Any = len(outer.value)
            outer.parts.places[key] = _pack(mark)
            outer.value.append(value)
        elif not outer.has_key:
            self._begin_entry(outer, value, mark)
            return
        else:
            self._count_one(mark)
            key = outer.key
            outer.has_key = False
            if key is _MERGE:
                outer.merged.append(value)
                return
            outer.value[key] = value
            key = str(key)
        if parts is not None:
            outer.parts.inside[key] = parts

    def _begin_entry(self, outer: _Open, key: Any, mark: _Mark) -> None:
        if isinstance(key, dict | list):
            raise _error("a key must be a text", mark)
        outer.key = key
        outer.has_key = True
        if key is _MERGE:
            return
        places = outer.parts.places
        step = str(key)
        if step in places:
            # Under a path of its own, so that the problem stands at the second one.
            path = f"{self._path()} (again)"
            first_line, _ = _unpack(places[step])
            self.repeated[path] = _mark_place(mark)
            self.problems.append(Problem(path, f"is here twice; the first is on line {first_line}"))
            outer.parts.inside.pop(step, None)
        places[step] = _pack(mark)

    def _path(self) -> str:
        """Of the entry that was begun last."""
        path = ""
        for outer in self._open:
            if isinstance(outer.value, list):
                path += f"[{len(outer.value) - 1}]"
            else:
                path += f".{outer.key}" if path else str(outer.key)
        return path

    def _count_one(self, mark: _Mark) -> None:
        self._count += 1
        if self._count > self._max_nodes:
            raise _error(f"it has more than {self._max_nodes} values", mark)

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        tag = event.tag
        if tag is None or tag == "!":
            if not event.implicit[0]:
                return text
            if text in self._plain:
                return self._plain[text]
            tag = self._constructor.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # the stubs leave it out
            if tag == _TEXT:
                return text
            if tag == _MERGE_TAG:
                return _MERGE
        mark: _Mark = event.start_mark
        if tag in _NUMBERS and len(text) > MAX_NUMBER_LENGTH:
            raise _error(f"a number has more than {MAX_NUMBER_LENGTH:,} characters", mark)
        node = yaml.ScalarNode(tag, text, mark)
        try:
            value = self._constructor.construct_object(node)
            if isinstance(value, int):
                # Of hexadecimal digits Python reads more than it can write.
                str(value)
        except ValueError as error:
            # A date such as 2026-02-30, or an integer of thousands of digits.
            raise _error(str(error), mark) from error
        except (ArithmeticError, AttributeError, LookupError) as error:
            # A number that no float holds, or a tag that the text does not fit, as with `!!bool maybe`.
            raise _error(f"{text[:80]!r} cannot be read as {tag}", mark) from error
        if event.tag is None:
            self._plain[text] = value
        return value


def _error(problem: str, mark: _Mark) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
