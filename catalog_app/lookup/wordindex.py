"""How much of a request's words a feature has: rare words count more, the same word again counts less."""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.texts import FeatureTexts
from catalog_app.lookup.words import stems_of

Scores: TypeAlias = NDArray[np.float32]
Slots: TypeAlias = NDArray[np.int32]

_NAME_WEIGHT = 2
_OTHER_WEIGHT = 1
_SILENCE = 1.2
"""So many of the rarest words count as said and not found: one word alone that fits says little."""


@dataclass(frozen=True, slots=True)
class FoundWords:
    """What the words of one request say of every slot: the share of their weight that a feature has, less
    where few words were said.

    `unknown` is the share of those that no feature has.
    """

    scores: Scores
    unknown: float


@dataclass(frozen=True, slots=True)
class WordIndex:
    """For each stem the slots of the features that have it, and how strongly. It is never changed."""

    postings: Mapping[str, tuple[Slots, Scores]] = field(default_factory=dict)
    size: int = 0
    feature_count: int = 0

    def find(self, text: str) -> FoundWords:
        scores = np.zeros(self.size, np.float32)
        total = unknown = 0.0
        for stem in stems_of(text):
            weight = self.weigh(stem)
            total += weight
            if stem in self.postings:
                slots, strengths = self.postings[stem]
                scores[slots] += np.float32(weight) * strengths
            else:
                unknown += weight
        if total:
            scores /= np.float32(total + _SILENCE * self.weigh(""))
        return FoundWords(scores, unknown / total if total else 1.0)

    def has(self, stem: str, slot: int) -> bool:
        return stem in self.postings and bool((self.postings[stem][0] == slot).any())

    def weigh(self, stem: str) -> float:
        """The rarer, the more; a word that nothing has weighs most."""
        count = len(self.postings[stem][0]) if stem in self.postings else 0
        return math.log(1 + (self.feature_count - count + 0.5) / (count + 0.5))

    def changed(
        self,
        gone: Iterable[tuple[int, Mapping[str, float]]],
        new: Iterable[tuple[int, Mapping[str, float]]],
        *,
        size: int,
        feature_count: int,
    ) -> "WordIndex":
        """Without the words of some slots, and with those of others. Costs what changes; each mapping is let
        go before the next is asked for."""
        removed: dict[str, list[int]] = {}
        added: dict[str, tuple[array[int], array[float]]] = {}
        for slot, strengths in gone:
            for stem in strengths:
                removed.setdefault(stem, []).append(slot)
        for slot, strengths in new:
            for stem, strength in strengths.items():
                slots, values = added.setdefault(stem, (array("i"), array("f")))
                slots.append(slot)
                values.append(strength)
        postings = dict(self.postings)
        for stem in removed.keys() | added.keys():
            changed = _changed_posting(postings.get(stem), removed.get(stem, ()), added.get(stem))
            if len(changed[0]):
                postings[stem] = changed
            else:
                postings.pop(stem, None)
        return WordIndex(postings, size, feature_count)


def strengths_of(texts: FeatureTexts) -> dict[str, float]:
    """Every stem of a feature with its strength, 0 to 1: names count twice, each phrase once."""
    counts: Counter[str] = Counter()
    _count(counts, [texts.title, " ".join(texts.aliases)], _NAME_WEIGHT)
    _count(counts, [texts.description, " ".join(texts.tags), *texts.phrases], _OTHER_WEIGHT)
    return {stem: count / (count + 1) for stem, count in counts.items()}


def _count(counts: Counter[str], texts: Sequence[str], weight: int) -> None:
    for text in texts:
        for stem in stems_of(text):
            counts[stem] += weight


def _changed_posting(
    posting: tuple[Slots, Scores] | None,
    removed: Sequence[int],
    added: "tuple[array[int], array[float]] | None",
) -> tuple[Slots, Scores]:
    slots, strengths = posting or (np.zeros(0, np.int32), np.zeros(0, np.float32))
    if removed:
        kept = ~np.isin(slots, removed)
        slots, strengths = slots[kept], strengths[kept]
    if added is not None:
        slots = np.concatenate([slots, np.array(added[0], np.int32)])
        strengths = np.concatenate([strengths, np.array(added[1], np.float32)])
    return slots, strengths
