"""Matrices that rows are multiplied with, a few rows at once, as a request has them.

For each product BLAS first lays both sides out anew, and with a few rows that takes longer than to multiply.
OpenBLAS leaves small products as they are where the processor has AVX-512 (not above a million
multiplications), so a matrix is kept in blocks of which each is a small product. Elsewhere blocks cost no
more than the whole.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from catalog_app.lookup.encoder.weights import Array

_DEEP = 384
_BROAD = 64
MOST_ROWS: Final = 40
"""Of one product: 40 · 64 · 384 is just below a million."""


class Matrix:
    """`weight` is (outputs, inputs) and whole numbers of 64 and 384, `bias` (outputs). Both are copied."""

    def __init__(self, weight: Array, bias: Array) -> None:
        outputs, inputs = weight.shape
        cut = weight.reshape(outputs // _BROAD, _BROAD, inputs // _DEEP, _DEEP)
        self._blocks = np.ascontiguousarray(cut.transpose(2, 0, 3, 1))
        self._bias = bias.copy()

    def multiply(self, rows: Array, out: Array) -> None:
        """(count, inputs) into (count, outputs), with the bias; at most `MOST_ROWS` rows, both contiguous."""
        count = len(rows)
        blocks = out.reshape(count, -1, _BROAD).transpose(1, 0, 2)
        if len(self._blocks) == 1:
            np.matmul(rows, self._blocks[0], out=blocks)
        else:
            cut = rows.reshape(count, len(self._blocks), 1, _DEEP).transpose(1, 2, 0, 3)
            np.sum(cut @ self._blocks, axis=0, out=blocks)
        out += self._bias


def tiles(count: int) -> Iterator[slice]:
    """Rows in portions that can be multiplied."""
    for start in range(0, count, MOST_ROWS):
        yield slice(start, min(start + MOST_ROWS, count))
