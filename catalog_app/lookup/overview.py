"""One vector for each feature, and all of them compared with a request at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from catalog_app.lookup.encoder.weights import Array

_BROAD = 64
_ROWS = 8
"""Requests that are compared at once: always as many, so that none depends on its company."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A vector for each slot that has one. States of it are never changed, and share what they have in
    common.

    `blocks` are (numbers of a vector, `_BROAD` slots), each by which of them it is; a slot without a vector
    is 0. They are so small that BLAS multiplies a few requests with them as they are, as with the blocks of
    `encoder.matrices.Matrix`.
    """

    blocks: Mapping[int, Array] = field(default_factory=dict)

    def compare(self, vectors: Array, size: int) -> Array:
        """A row of cosines for each vector, (len(vectors), size): 0 where a slot has none. `size` is that of
        all slots."""
        rows = np.zeros((-(-len(vectors) // _ROWS) * _ROWS, vectors.shape[1]), np.float32)
        rows[: len(vectors)] = vectors
        cosines = np.zeros((len(rows), -(-size // _BROAD) * _BROAD), np.float32)
        for start in range(0, len(rows), _ROWS):
            few = slice(start, start + _ROWS)
            for number, block in self.blocks.items():
                np.matmul(rows[few], block, out=cosines[few, number * _BROAD : (number + 1) * _BROAD])
        return cosines[: len(vectors), :size]


class OverviewDraft:
    """The next state while it is made. Only the blocks that change are copied."""

    def __init__(self, before: Overview) -> None:
        self._blocks = dict(before.blocks)
        self._own: set[int] = set()

    def set(self, slot: int, vector: Array) -> None:
        number, place = divmod(slot, _BROAD)
        if number not in self._blocks:
            self._blocks[number] = np.zeros((len(vector), _BROAD), np.float32)
            self._own.add(number)
        self._own_block(number)[:, place] = vector

    def clear(self, slot: int) -> None:
        number, place = divmod(slot, _BROAD)
        if number in self._blocks:
            self._own_block(number)[:, place] = 0

    def finish(self) -> Overview:
        return Overview(self._blocks)

    def _own_block(self, number: int) -> Array:
        if number not in self._own:
            self._blocks[number] = self._blocks[number].copy()
            self._own.add(number)
        return self._blocks[number]
