"""One state of a catalog as lookups search it, in memory. States are never changed: threads may go on using
one while the next is made, and what both have in common is shared."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.overview import Overview, OverviewDraft
from catalog_app.lookup.texts import FeatureTexts
from catalog_app.lookup.wordindex import WordIndex, strengths_of

PackedVectors: TypeAlias = NDArray[np.float16]
"""As they are stored."""

WHOLE_ROW, NAMES_ROW, FIRST_PHRASE = 0, 1, 2
"""Where the vectors of a feature's texts are, as `FeatureTexts.encoded` has them."""

_MOST = np.float32(127)
_LEAST = np.float32(1e-9)


@dataclass(frozen=True, slots=True)
class TextVectors:
    """One row for each of a feature's texts, as whole numbers of one byte, and by what to multiply
    each row. Cosines with them are exact to the third place, and faster to have."""

    rows: NDArray[np.int8]
    scales: Array
    centre_length: float
    """Of the mean of `own_rows`: the nearer they are to each other, the closer to 1."""


@dataclass(frozen=True, slots=True)
class IndexedFeature:
    """`vectors` are None until there is one for each of the encoded texts."""

    texts: FeatureTexts
    vectors: TextVectors | None = None


def own_rows(rows: Array) -> Array:
    """Those of a feature's phrases; where it has none, of all that it says."""
    return rows[FIRST_PHRASE:] if len(rows) > FIRST_PHRASE else rows


@dataclass(frozen=True, slots=True)
class CatalogIndex:
    """Features in slots; a slot that became free is taken again."""

    slots: Mapping[str, int] = field(default_factory=dict)
    features: Sequence[IndexedFeature | None] = ()
    words: WordIndex = field(default_factory=WordIndex)
    overview: Overview = field(default_factory=Overview)

    @property
    def feature_count(self) -> int:
        return len(self.slots)

    def feature(self, slot: int) -> IndexedFeature:
        feature = self.features[slot]
        assert feature is not None
        return feature

    def compare(self, vectors: Array) -> Array:
        """Each vector with the overview: a row of cosines for each, one for each slot."""
        return self.overview.compare(vectors, len(self.features))

    def changed(
        self, features: Iterable[tuple[FeatureTexts, PackedVectors | None]], *, gone: Collection[str] = ()
    ) -> "CatalogIndex":
        """With these features as they are now, and without those that are gone. Costs what changes; each is
        taken in before the next is asked for."""
        slots, kept = dict(self.slots), list(self.features)
        free = [slot for slot, feature in enumerate(kept) if feature is None]
        removed: list[int] = []
        added: list[int] = []
        overview = OverviewDraft(self.overview)

        def clear(slug: str) -> int:
            slot = slots.pop(slug)
            removed.append(slot)
            kept[slot] = None
            overview.clear(slot)
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
            packed, middle = _pack(vectors)
            slots[texts.slug], kept[slot] = slot, IndexedFeature(texts, packed)
            added.append(slot)
            if middle is not None:
                overview.set(slot, middle)
        words = self.words.changed(
            _strengths(self.features, removed),
            _strengths(kept, added),
            size=len(kept),
            feature_count=len(slots),
        )
        return CatalogIndex(slots, tuple(kept), words, overview.finish())


def _strengths(
    features: Sequence[IndexedFeature | None], slots: Iterable[int]
) -> Iterator[tuple[int, Mapping[str, float]]]:
    for slot in slots:
        feature = features[slot]
        if feature is not None:
            yield slot, strengths_of(feature.texts)


def _pack(vectors: PackedVectors | None) -> tuple[TextVectors | None, Array | None]:
    """For comparing in full, and for the overview: the middle of its phrases and what it says of itself."""
    if vectors is None:
        return None, None
    exact = vectors.astype(np.float32)
    scales = np.abs(exact).max(axis=1) / _MOST
    rows = np.rint(exact / np.maximum(scales, _LEAST)[:, None]).astype(np.int8)
    mean = own_rows(exact).mean(axis=0)
    length = float(np.linalg.norm(mean)) or 1.0
    return TextVectors(rows, scales, length), _unit(mean / length + exact[WHOLE_ROW])


def _unit(vector: Array) -> Array:
    length = np.linalg.norm(vector)
    return vector / length if length else vector
