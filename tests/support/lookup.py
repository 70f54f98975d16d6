"""An encoder for tests that knows words alone, so that nobody has to install weights."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest

from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.words import stems_of
from catalog_app.selectors import lookup
from catalog_app.services import indexing


class WordEncoder:
    """Texts with the same words have the same vector, texts with other words another. It counts what it was
    given to encode for an index."""

    def __init__(self, engine: str = "words-for-tests/1") -> None:
        self.engine = engine
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Array:
        self.encoded += texts
        return np.array([_vector(text) for text in texts], np.float32).reshape(-1, WIDTH)

    def encode_requests(self, texts: Sequence[str]) -> list[Array]:
        return [_vector(text) for text in texts]


def use_encoder(monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder | None) -> None:
    """In place of the installation's own, for this test."""
    monkeypatch.setattr(lookup, "load_encoder", lambda: encoder)
    monkeypatch.setattr(indexing, "load_encoder", lambda: encoder)


def _vector(text: str) -> Array:
    vector = np.zeros(WIDTH, np.float32)
    for stem in stems_of(text) or ("",):
        digest = hashlib.sha256(stem.encode()).digest()
        vector[int.from_bytes(digest[:4], "little") % WIDTH] += 1
    scaled: Array = vector / np.linalg.norm(vector)
    return scaled
