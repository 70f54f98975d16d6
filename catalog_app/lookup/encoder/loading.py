"""The encoder of this process: loaded once, when it is first asked for."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import numpy as np
from threadpoolctl import ThreadpoolController

from catalog_app.lookup.encoder.forward import WIDTH, MiniLM
from catalog_app.lookup.encoder.tokens import WordPieces
from catalog_app.lookup.encoder.weights import (
    NAME,
    Array,
    Weights,
    WeightsUnusable,
    find_folder,
    open_weights,
)

logger = logging.getLogger(__name__)

ENGINE: Final = f"{NAME}/1"
"""Of what makes a text's vector. Vectors of another engine are made anew."""
_KEPT_VECTORS = 4_000
_MOST_PIECES = 2_000
"""Of all texts that go through the layers at once."""


class Encoder:
    """Texts into vectors of length 1. A text has the same vector whatever it is encoded together with.

    The vectors of the latest requests are kept: people ask the same again while they change their list.
    """

    engine = ENGINE

    def __init__(self, weights: Weights) -> None:
        self._pieces = WordPieces(weights.vocabulary)
        self._model = MiniLM(weights.file)
        self._kept: OrderedDict[str, Array] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Array:
        """A row for each text."""
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        numbers = [self._pieces.number(text) for text in texts]
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for group in _groups(numbers):
            vectors[group] = self._model.encode([numbers[index] for index in group])
        return vectors

    def forget_requests(self) -> None:
        """For measuring: every request is encoded again."""
        with self._lock:
            self._kept.clear()

    def encode_requests(self, texts: Sequence[str]) -> list[Array]:
        """The same, each text once, and those of late not again."""
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, self.encode(new), strict=True))
        with self._lock:
            for text in dict.fromkeys(texts):
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > _KEPT_VECTORS:
                self._kept.popitem(last=False)
        return [known[text] for text in texts]


@cache
def _load() -> Encoder | None:
    # The matrices of one request are small: threads would wait for each other longer than they help.
    ThreadpoolController().limit(limits=1, user_api="blas")
    try:
        encoder = Encoder(open_weights(find_folder()))
    except WeightsUnusable as error:
        logger.warning("lookup compares words alone, and finds less: %s", error)
        return None
    return encoder


_loading = threading.Lock()


def load_encoder() -> Encoder | None:
    """None where there are no weights, which is logged once; lookup then compares words alone."""
    with _loading:
        return _load()


def _groups(numbers: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Indexes of texts, so many at once as fit."""
    group: list[int] = []
    count = 0
    for index, text in enumerate(numbers):
        if group and count + len(text) > _MOST_PIECES:
            yield group
            group, count = [], 0
        group.append(index)
        count += len(text)
    yield group
