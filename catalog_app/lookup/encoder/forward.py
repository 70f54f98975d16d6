"""The forward pass of BERT as all-MiniLM-L6-v2 has it: six layers, the mean of all pieces, length 1.

Texts of one call are laid one after the other and each is attended to alone, so nothing is padded. There is
a whole number of `_ROWS` rows: then the vector of a text does not depend on its company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from catalog_app.lookup.encoder.matrices import MOST_ROWS, Matrix, tiles
from catalog_app.lookup.encoder.weights import Array, WeightsFile

WIDTH: Final = 384
_WIDE = 4 * WIDTH
_LAYERS = 6
_HEADS = 12
_HEAD_WIDTH = WIDTH // _HEADS
_EPSILON = np.float32(1e-12)
_ROWS = 8
_WORDS = "embeddings.word_embeddings.weight"


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Array
    bias: Array

    def apply(self, state: Array) -> Array:
        centred = state - state.mean(axis=1, keepdims=True)
        variance = np.square(centred).mean(axis=1, keepdims=True)
        scaled: Array = centred / np.sqrt(variance + _EPSILON) * self.weight + self.bias
        return scaled


@dataclass(frozen=True, slots=True)
class _Layer:
    """Query, key and value are one matrix."""

    attend: Matrix
    merge: Matrix
    merge_norm: _Norm
    widen: Matrix
    narrow: Matrix
    narrow_norm: _Norm


class _Room:
    """Where one call computes. Memory that is asked for and given back for each step takes longer to have
    than the step."""

    def __init__(self, rows: int) -> None:
        few = min(rows, MOST_ROWS)
        self.mixed = np.empty((rows, 3 * WIDTH), np.float32)
        self.attended = np.zeros((rows, WIDTH), np.float32)
        self.merged = np.empty((few, WIDTH), np.float32)
        self.wide = np.empty((few, _WIDE), np.float32)
        self.spare = np.empty((2, few, _WIDE), np.float32)


class MiniLM:
    """Numbers of pieces into vectors. Safe to use from several threads at once."""

    def __init__(self, weights: WeightsFile) -> None:
        self._weights = weights
        self._places = weights.read("embeddings.position_embeddings.weight")
        self._kind = weights.read("embeddings.token_type_embeddings.weight")[0]
        self._norm = _norm_of(weights, "embeddings.LayerNorm")
        self._layers = [_layer_of(weights, f"encoder.layer.{number}.") for number in range(_LAYERS)]

    def encode(self, texts: Sequence[Sequence[int]]) -> Array:
        """One row of length 1 for each text."""
        lengths = [len(text) for text in texts]
        state = self._start(texts, lengths)
        ends = np.cumsum(lengths)
        spans = [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]
        room = _Room(len(state))
        for layer in self._layers:
            _pass(state, layer, spans, room)
        vectors = np.stack([state[span].mean(axis=0) for span in spans])
        scaled: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return scaled

    def _start(self, texts: Sequence[Sequence[int]], lengths: Sequence[int]) -> Array:
        """What each piece is by itself, by its place, and of its kind."""
        count = sum(lengths)
        state = np.zeros((-(-count // _ROWS) * _ROWS, WIDTH), np.float32)
        pieces, where = np.unique(np.concatenate([np.asarray(text) for text in texts]), return_inverse=True)
        state[:count] = self._weights.read_rows(_WORDS, pieces.tolist())[where]
        state[:count] += self._places[np.concatenate([np.arange(length) for length in lengths])]
        state += self._kind
        return self._norm.apply(state)


def _layer_of(weights: WeightsFile, prefix: str) -> _Layer:
    def matrix(*names: str) -> Matrix:
        parts = [f"{prefix}{name}" for name in names]
        return Matrix(
            np.concatenate([weights.read(f"{part}.weight") for part in parts]),
            np.concatenate([weights.read(f"{part}.bias") for part in parts]),
        )

    return _Layer(
        attend=matrix("attention.self.query", "attention.self.key", "attention.self.value"),
        merge=matrix("attention.output.dense"),
        merge_norm=_norm_of(weights, f"{prefix}attention.output.LayerNorm"),
        widen=matrix("intermediate.dense"),
        narrow=matrix("output.dense"),
        narrow_norm=_norm_of(weights, f"{prefix}output.LayerNorm"),
    )


def _norm_of(weights: WeightsFile, name: str) -> _Norm:
    return _Norm(weights.read(f"{name}.weight"), weights.read(f"{name}.bias"))


def _pass(state: Array, layer: _Layer, spans: Sequence[slice], room: _Room) -> None:
    """One layer; `state` becomes what it makes of it."""
    for tile in tiles(len(state)):
        layer.attend.multiply(state[tile], room.mixed[tile])
    for span in spans:
        room.attended[span] = _attend(room.mixed[span])
    for tile in tiles(len(state)):
        rows = state[tile]
        few = slice(len(rows))
        merged, wide = room.merged[few], room.wide[few]
        layer.merge.multiply(room.attended[tile], merged)
        rows[:] = layer.merge_norm.apply(rows + merged)
        layer.widen.multiply(rows, wide)
        _gelu(wide, room.spare[:, few])
        layer.narrow.multiply(wide, merged)
        rows[:] = layer.narrow_norm.apply(rows + merged)


def _attend(mixed: Array) -> Array:
    heads = mixed.reshape(len(mixed), 3, _HEADS, _HEAD_WIDTH).transpose(1, 2, 0, 3)
    query, key, value = heads
    weights = query @ key.transpose(0, 2, 1) * np.float32(_HEAD_WIDTH**-0.5)
    weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    attended: Array = (weights @ value).transpose(1, 0, 2).reshape(len(mixed), WIDTH)
    return attended


_SLOPE = np.float32(0.3275911 * 0.5**0.5)
_SERIES = [
    np.float32(0.5 * factor) for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
]


def _gelu(values: Array, spare: Array) -> None:
    """x times the normal distribution's share below x, in place: max(x, 0) less |x| times the share beyond
    |x|. That share is half the complementary error function of |x| / √2 as Abramowitz and Stegun 7.1.26 has
    it, which is exact to 1.5e-7."""
    beyond, t = spare
    np.abs(values, out=t)
    t *= _SLOPE
    t += 1
    np.reciprocal(t, out=t)
    np.multiply(t, _SERIES[0], out=beyond)
    for factor in _SERIES[1:]:
        beyond += factor
        beyond *= t
    np.square(values, out=t)
    t *= np.float32(-0.5)
    np.exp(t, out=t)
    beyond *= t
    np.abs(values, out=t)
    beyond *= t
    np.maximum(values, 0, out=values)
    values -= beyond
