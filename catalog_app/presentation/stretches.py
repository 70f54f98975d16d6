"""A long list of values, a stretch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """Like a page of rows (`selectors.numbered`), of what is in memory already."""

    items: Sequence[T]
    number: int
    pages: int
    total: int
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0


def cut(values: Sequence[T], *, number: int, size: int) -> Stretch[T]:
    """Numbered from 1; one beyond the last is the last."""
    pages = max(1, ceil(len(values) / size))
    number = min(max(1, number), pages)
    start = (number - 1) * size
    items = values[start : start + size]
    return Stretch(items, number, pages, len(values), start + 1 if items else 0)
