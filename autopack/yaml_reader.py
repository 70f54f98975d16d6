"""YAML to plain values that know where they stand in the text. Pure.

Only plain data is read (no tags that make objects), a key that is there twice is a problem, and aliases
cannot make a document grow without end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from autopack.documents import PlacedProblem, Problem

MAX_NODES = 50_000
"""More than any honest file of projects has; aliases of aliases could otherwise grow without end."""


class UnreadableDocument(Exception):
    """The text is no YAML document that can be read. Line and column count from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.line = line
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class PlacedDocument:
    """What a text says. `problems` are keys that are there twice; `value` has the last of them."""

    value: object
    problems: tuple[Problem, ...]
    places: Mapping[str, tuple[int, int]]
    """Line and column of each value, by a path such as `projects.shop.ci.normal[0]`."""

    def place_of(self, path: str) -> tuple[int, int]:
        """Of the value, or of the nearest thing around it that is in the text."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get(path, (1, 1))

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
    reader = _Reader(max_nodes)
    try:
        value = reader.read(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = error.position - (before.rfind("\n") + 1) + 1
        message = f"has a forbidden character: {error.reason}"
        raise UnreadableDocument(before.count("\n") + 1, column, message) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = f"cannot be read as YAML: {error.problem or error.context}"
        raise UnreadableDocument(line, column, message) from error
    except RecursionError as error:
        raise UnreadableDocument(1, 1, "is nested too deeply") from error
    return PlacedDocument(value, tuple(reader.problems), reader.places)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableDocument(line, 1, "is not UTF-8 text") from error


class _Reader:
    """Turns a YAML document into plain values and remembers where each one stands."""

    def __init__(self, max_nodes: int) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, tuple[int, int]] = {}
        self._max_nodes = max_nodes
        self._open: set[int] = set()
        self._count = 0

    def read(self, text: str) -> object:
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            return None if root is None else self._value(loader, root, "")
        finally:
            loader.dispose()

    def _value(self, loader: yaml.SafeLoader, node: yaml.Node, path: str) -> Any:
        # Any: whatever the document holds.
        self._count += 1
        if self._count > self._max_nodes:
            raise yaml.MarkedYAMLError(
                problem=f"it has more than {self._max_nodes} values", problem_mark=node.start_mark
            )
        if id(node) in self._open:
            raise yaml.MarkedYAMLError(problem="a value contains itself", problem_mark=node.start_mark)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return dict(self._entries(loader, node, path))
            if isinstance(node, yaml.SequenceNode):
                return [self._element(loader, inner, f"{path}[{i}]") for i, inner in enumerate(node.value)]
            return self._scalar(loader, node)
        finally:
            self._open.discard(id(node))

    def _entries(
        self, loader: yaml.SafeLoader, node: yaml.MappingNode, path: str
    ) -> Iterator[tuple[Any, Any]]:
        first_lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a text", problem_mark=key_node.start_mark)
            key = self._scalar(loader, key_node)
            inner = f"{path}.{key}" if path else str(key)
            if key in first_lines:
                # Under a path of its own, so that the problem stands at the second one.
                inner = f"{inner} (again)"
                self.problems.append(
                    Problem(inner, f"is here twice; the first is on line {first_lines[key]}")
                )
            first_lines.setdefault(key, line)
            self.places[inner] = (line, column)
            yield key, self._value(loader, value_node, inner)

    def _element(self, loader: yaml.SafeLoader, node: yaml.Node, path: str) -> Any:
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        return self._value(loader, node, path)

    def _scalar(self, loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        try:
            return loader.construct_object(node)
        except ValueError as error:
            # A date such as 2026-02-30, or an integer of thousands of digits.
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error
