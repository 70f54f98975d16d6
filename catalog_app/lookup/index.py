"""One state of a catalog as lookups search it, in memory. States are never changed: threads may go on using
one while the next is made, and what both have in common is shared."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.texts import FeatureTexts
from catalog_app.lookup.wordindex import WordIndex, strengths_of

PackedVectors: TypeAlias = NDArray[np.float16]

_HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
"""Every 16-bit float as one of 32 bits: to look them up is faster than to convert them."""

WHOLE_ROW, NAMES_ROW, FIRST_PHRASE = 0, 1, 2
"""Where the vectors of a feature's texts are, as `FeatureTexts.encoded` has them."""

_ROWS = 16
"""Requests that are compared at once: always as many, so that none depends on its company."""
_EMPTY = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class IndexedFeature:
    """`vectors` has a row for each of the encoded texts, or there are none yet. `centre_length` is that of
    the mean of `own_vectors`: the nearer they are to each other, the closer to 1."""

    texts: FeatureTexts
    vectors: PackedVectors | None = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    centre_length: float = 1.0


def unpack(vectors: PackedVectors) -> Array:
    return np.take(_HALVES, vectors.view(np.uint16))


def own_rows(rows: Array) -> Array:
    """Those of a feature's phrases; where it has none, of all that it says."""
    return rows[FIRST_PHRASE:] if len(rows) > FIRST_PHRASE else rows


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """Features in slots; a slot that became free is taken again. `overview` has one vector for each slot, of
    length 0 where there is none."""

    slots: Mapping[str, int] = field(default_factory=dict)
    features: Sequence[IndexedFeature | None] = ()
    words: WordIndex = field(default_factory=WordIndex)
    overview: Array = field(default_factory=lambda: _EMPTY)

    @property
    def feature_count(self) -> int:
        return len(self.slots)

    def feature(self, slot: int) -> IndexedFeature:
        feature = self.features[slot]
        assert feature is not None
        return feature

    def compare(self, vectors: Array) -> Array:
        """Each vector with the overview: a row of cosines for each."""
        rows = []
        for start in range(0, len(vectors), _ROWS):
            block = np.zeros((_ROWS, vectors.shape[1]), np.float32)
            chunk = vectors[start : start + _ROWS]
            block[: len(chunk)] = chunk
            rows.append((block @ self.overview.T)[: len(chunk)])
        return np.concatenate(rows)

    def changed(
        self, features: Iterable[tuple[FeatureTexts, PackedVectors | None]], *, gone: Collection[str] = ()
    ) -> "CatalogIndex":
        """With these features as they are now, and without those that are gone. Costs what changes."""
        slots, kept = dict(self.slots), list(self.features)
        free = [slot for slot, feature in enumerate(kept) if feature is None]
        removed, added = [], []

        def clear(slug: str) -> int:
            slot = slots.pop(slug)
            removed.append((slot, self.feature(slot).strengths))
            kept[slot] = None
            return slot

        free += [clear(slug) for slug in gone if slug in slots]
        for texts, vectors in features:
            if texts.slug in slots:
                slot = clear(texts.slug)
            elif free:
                slot = free.pop()
            else:
                slot = len(kept)
                kept.append(None)
            feature = _index_feature(texts, vectors)
            slots[texts.slug], kept[slot] = slot, feature
            added.append((slot, feature.strengths))
        words = self.words.changed(removed, added, size=len(kept), feature_count=len(slots))
        touched = {slot for slot, _ in (*removed, *added)}
        return CatalogIndex(slots, tuple(kept), words, _overview(self.overview, kept, touched))


def _index_feature(texts: FeatureTexts, vectors: PackedVectors | None) -> IndexedFeature:
    strengths = strengths_of(texts)
    if vectors is None:
        return IndexedFeature(texts, None, strengths)
    mean = own_rows(unpack(vectors)).mean(axis=0)
    return IndexedFeature(texts, vectors, strengths, float(np.linalg.norm(mean)))


def _overview(before: Array, features: Sequence[IndexedFeature | None], touched: Collection[int]) -> Array:
    encoded = [(slot, features[slot]) for slot in sorted(touched)]
    width = next((f.vectors.shape[1] for _, f in encoded if f and f.vectors is not None), before.shape[1])
    overview = np.zeros((len(features), width), np.float32)
    if before.shape[1] == width:
        overview[: len(before)] = before
    for slot, feature in encoded:
        if feature is None or feature.vectors is None:
            overview[slot] = 0
        else:
            rows = unpack(feature.vectors)
            overview[slot] = _unit(_unit(own_rows(rows).mean(axis=0)) + rows[WHOLE_ROW])
    return overview


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    return vector / length if length else vector
