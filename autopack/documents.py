"""What the readers of written documents (YAML, JSON, forms) share: problems with their place. Pure."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one place of a document: `path` as in `projects.shop.ci.normal[0].timeout`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem and where it stands in a file. Line and column count from 1."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        subject = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {subject}{self.message}"


def unknown_key(key: object, known: Iterable[str]) -> str:
    """What to say about a key that nobody reads."""
    known = tuple(known)
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return f"is not known here; {hint}"


def describe_kind(value: object) -> str:
    """A value's kind in words that a person who writes YAML uses."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    for kinds, words in (
        (str, "a text"),
        ((int, float), "a number"),
        (Mapping, "a mapping"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, kinds):
            return words
    return f"a {type(value).__name__}"
