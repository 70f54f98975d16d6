"""Numbered pages of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

from django.db import models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class NumberedPage(Generic[M]):
    """Numbered from 1. `first` and `last` are the places of its rows in the whole list; 0 for none."""

    items: Sequence[M]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1 if self.items else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0


def turn_to(rows: QuerySet[M], *, number: int, total: int) -> NumberedPage[M]:
    """One query. `rows` are in a total order; a page beyond the last is the last."""
    pages = max(1, ceil(total / PAGE_SIZE))
    number = min(max(1, number), pages)
    start = (number - 1) * PAGE_SIZE
    return NumberedPage(list(rows[start : start + PAGE_SIZE]), number, pages, total)
