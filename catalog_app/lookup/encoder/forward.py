"""The forward pass of BERT as all-MiniLM-L6-v2 has it: six layers, the mean of all pieces, length 1.

Texts of one call are laid one after the other and each is attended to alone, so nothing is padded. The
matrices have a whole number of `_ROWS` rows: then the vector of a text does not depend on its company.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from catalog_app.lookup.encoder.weights import Array

WIDTH: Final = 384
_LAYERS = 6
_HEADS = 12
_HEAD_WIDTH = WIDTH // _HEADS
_EPSILON = np.float32(1e-12)
_ROWS = 8


@dataclass(frozen=True, slots=True)
class _Layer:
    """Matrices as they are multiplied from the right; query, key and value are one."""

    attend: Array
    attend_bias: Array
    merge: Array
    merge_bias: Array
    merge_norm: tuple[Array, Array]
    widen: Array
    widen_bias: Array
    narrow: Array
    narrow_bias: Array
    narrow_norm: tuple[Array, Array]


class MiniLM:
    """Numbers of pieces into vectors. Safe to use from several threads at once."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._words = arrays["embeddings.word_embeddings.weight"]
        self._places = arrays["embeddings.position_embeddings.weight"]
        self._kind = np.array(arrays["embeddings.token_type_embeddings.weight"][0])
        self._norm = _norm_of(arrays, "embeddings.LayerNorm")
        self._layers = [_layer_of(arrays, f"encoder.layer.{number}.") for number in range(_LAYERS)]

    def encode(self, texts: Sequence[Sequence[int]]) -> Array:
        """One row of length 1 for each text."""
        lengths = [len(text) for text in texts]
        count = sum(lengths)
        rows = -(-count // _ROWS) * _ROWS
        state = np.zeros((rows, WIDTH), np.float32)
        state[:count] = self._words[np.concatenate([np.asarray(text) for text in texts])]
        state[:count] += self._places[np.concatenate([np.arange(length) for length in lengths])]
        state += self._kind
        state = _normalise(state, self._norm)
        ends = np.cumsum(lengths)
        spans = [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]
        for layer in self._layers:
            state = _pass(state, layer, spans)
        vectors = np.stack([state[span].mean(axis=0) for span in spans])
        scaled: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return scaled


def _layer_of(arrays: Mapping[str, Array], prefix: str) -> _Layer:
    parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    return _Layer(
        attend=np.concatenate([arrays[f"{part}.weight"].T for part in parts], axis=1),
        attend_bias=np.concatenate([arrays[f"{part}.bias"] for part in parts]),
        merge=arrays[f"{prefix}attention.output.dense.weight"].T,
        merge_bias=arrays[f"{prefix}attention.output.dense.bias"],
        merge_norm=_norm_of(arrays, f"{prefix}attention.output.LayerNorm"),
        widen=arrays[f"{prefix}intermediate.dense.weight"].T,
        widen_bias=arrays[f"{prefix}intermediate.dense.bias"],
        narrow=arrays[f"{prefix}output.dense.weight"].T,
        narrow_bias=arrays[f"{prefix}output.dense.bias"],
        narrow_norm=_norm_of(arrays, f"{prefix}output.LayerNorm"),
    )


def _norm_of(arrays: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    return arrays[f"{name}.weight"], arrays[f"{name}.bias"]


def _pass(state: Array, layer: _Layer, spans: Sequence[slice]) -> Array:
    mixed = state @ layer.attend + layer.attend_bias
    attended = np.zeros_like(state)
    for span in spans:
        attended[span] = _attend(mixed[span])
    state = _normalise(state + attended @ layer.merge + layer.merge_bias, layer.merge_norm)
    wide = _gelu(state @ layer.widen + layer.widen_bias)
    return _normalise(state + wide @ layer.narrow + layer.narrow_bias, layer.narrow_norm)


def _attend(mixed: Array) -> Array:
    heads = mixed.reshape(len(mixed), 3, _HEADS, _HEAD_WIDTH).transpose(1, 2, 0, 3)
    query, key, value = heads
    weights = query @ key.transpose(0, 2, 1) * np.float32(_HEAD_WIDTH**-0.5)
    weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    attended: Array = (weights @ value).transpose(1, 0, 2).reshape(len(mixed), WIDTH)
    return attended


def _normalise(state: Array, norm: tuple[Array, Array]) -> Array:
    centred = state - state.mean(axis=1, keepdims=True)
    variance = np.square(centred).mean(axis=1, keepdims=True)
    scaled: Array = centred / np.sqrt(variance + _EPSILON) * norm[0] + norm[1]
    return scaled


def _gelu(values: Array) -> Array:
    """x times the normal distribution's share below x; its error function as Abramowitz and Stegun 7.1.26
    has it, which is exact to 1.5e-7."""
    scaled = np.abs(values) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = np.copysign(1 - series * np.exp(-scaled * scaled), values)
    activated: Array = np.float32(0.5) * values * (1 + error)
    return activated
