"""How well features fit one request.

Everything is compared with the quote: a feature's nearest phrase, the middle of its phrases, all that it says
of itself, and the words that both have; a request that is a name says most. Terms are the caller's names for
it, so they are compared with the feature's names. The sums are of cosines and of shares of words; they are
added, not ranked and fused, since how good the best is says whether anything fits at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.index import (
    FIRST_PHRASE,
    NAMES_ROW,
    WHOLE_ROW,
    CatalogIndex,
)
from catalog_app.lookup.results import LookupPart
from catalog_app.lookup.texts import join_terms
from catalog_app.lookup.wordindex import FoundWords, Scores
from catalog_app.lookup.words import stems_of

PHRASE: Final = 0.4
CENTRE: Final = 0.4
WHOLE: Final = 0.2
WORDS: Final = 0.5
NAMED: Final = 0.15
"""More for a feature whose title, alias or slug is the request: who says "Slack bot" means `slack-bot`."""
PART_OF_NAME: Final = 0.5
"""Of that, where the request is part of a name: "Stripe" of "Stripe Checkout payments"."""
QUOTE_SHARE: Final = 0.35
"""Of the quote, where there are terms; the rest is theirs."""
TERM_WORDS: Final = 0.2

_LONGEST_NAME = 6
"""In stems: what says more is no name."""
_RANKED = 20
"""Features that are ranked in the end; twice as many as anybody is shown."""
_LOOKED_AT = 80
"""Features that are compared in full, by the overview; and half as many by their words."""
_GUESS = (0.12, 1.2)
"""A feature whose vectors are still missing: what its cosines would be by its words, roughly."""


@dataclass(frozen=True, slots=True)
class Question:
    """A part with its vectors; they are None without an encoder. `foreign` is how far the quote lies from
    what catalogs are about."""

    part: LookupPart
    quote: Array | None = None
    terms: Array | None = None
    foreign: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Nothing was said that has a letter or a digit."""
        return not any(c.isalnum() for text in (self.part.quote, *self.part.terms) for c in text)

    @property
    def has_terms(self) -> bool:
        return bool(join_terms(self.part.terms))


@dataclass(frozen=True, slots=True)
class Fit:
    """One feature's numbers: cosines, and shares of words. `phrase_index` is that of its nearest phrase, -1
    without one."""

    slot: int
    slug: str
    score: float
    phrase: float = 0.0
    phrase_index: int = -1
    centre: float = 0.0
    whole: float = 0.0
    words: float = 0.0
    quote_score: float = 0.0
    term_names: float = 0.0
    term_whole: float = 0.0
    term_words: float = 0.0
    term_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """The features that fit best, best first; equal ones by slug. `quote_score` and `term_score` are the best
    of any feature, which need not be the first one's. `unknown` and `term_unknown` are the shares of the
    words that nothing in the catalog has; `foreign` is that of the question."""

    fits: Sequence[Fit]
    quote_score: float = 0.0
    term_score: float = 0.0
    unknown: float = 1.0
    term_unknown: float = 1.0
    foreign: float = 0.0
    has_vectors: bool = False
    has_terms: bool = False


@dataclass(frozen=True, slots=True)
class _Compared:
    """One question against the overview and the words of the whole catalog."""

    question: Question
    quote_words: FoundWords
    term_words: FoundWords | None
    near: list[Array] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The numbers of `Fit`, one for each feature that is looked at; and the cosines of its phrases, where it
    has any, by its place."""

    phrase: Array
    centre: Array
    whole: Array
    names: Array
    term_whole: Array
    phrases: dict[int, Array] = field(default_factory=dict)

    def nearest_phrase(self, place: int) -> int:
        return int(self.phrases[place].argmax()) if place in self.phrases else -1


def rank(index: CatalogIndex, questions: Sequence[Question]) -> list[Ranking]:
    """For each question the features that fit it best."""
    if not index.feature_count:
        return [Ranking((), has_terms=question.has_terms) for question in questions]
    compared = [_compare_words(index, question) for question in questions]
    _compare_overview(index, compared)
    return [
        Ranking((), has_terms=one.question.has_terms) if one.question.is_empty else _rank_one(index, one)
        for one in compared
    ]


def _compare_words(index: CatalogIndex, question: Question) -> _Compared:
    terms = join_terms(question.part.terms)
    return _Compared(
        question, index.words.find(question.part.quote), index.words.find(terms) if terms else None
    )


def _compare_overview(index: CatalogIndex, compared: Sequence[_Compared]) -> None:
    asked = [
        (one, vector)
        for one in compared
        for vector in (one.question.quote, one.question.terms)
        if vector is not None
    ]
    if asked and index.overview.blocks:
        found = index.compare(np.stack([vector for _, vector in asked]))
        for (one, _), cosines in zip(asked, found, strict=True):
            one.near.append(cosines)


def _rank_one(index: CatalogIndex, one: _Compared) -> Ranking:
    slots = _choose_slots(index, one)
    words = one.quote_words.scores[slots]
    term_words = one.term_words.scores[slots] if one.term_words else np.zeros_like(words)
    columns = _compare_texts(index, slots, one) if one.near else None
    if columns is None:
        columns = _columns(len(slots))
        quote_scores, term_scores = words, term_words
    else:
        quote_scores = (
            PHRASE * columns.phrase + CENTRE * columns.centre + WHOLE * columns.whole + WORDS * words
        )
        term_scores = (columns.names + columns.term_whole) / 2 + TERM_WORDS * term_words
    quote_scores = quote_scores + NAMED * _named(index, slots, one)
    scores = quote_scores
    if one.term_words is not None:
        scores = QUOTE_SHARE * quote_scores + (1 - QUOTE_SHARE) * term_scores
    rounded = scores.astype(np.float64).round(4).tolist()
    slugs = [index.feature(slot).texts.slug for slot in slots]
    order = sorted(range(len(slots)), key=lambda place: (-rounded[place], slugs[place]))
    fits = [
        Fit(
            slot=slots[place],
            slug=slugs[place],
            score=rounded[place],
            phrase=float(columns.phrase[place]),
            phrase_index=columns.nearest_phrase(place),
            centre=float(columns.centre[place]),
            whole=float(columns.whole[place]),
            words=float(words[place]),
            quote_score=float(quote_scores[place]),
            term_names=float(columns.names[place]),
            term_whole=float(columns.term_whole[place]),
            term_words=float(term_words[place]),
            term_score=float(term_scores[place]),
        )
        for place in order[:_RANKED]
    ]
    return Ranking(
        fits,
        quote_score=float(quote_scores.max(initial=0.0)),
        term_score=float(term_scores.max(initial=0.0)),
        unknown=one.quote_words.unknown,
        term_unknown=one.term_words.unknown if one.term_words else 1.0,
        foreign=one.question.foreign,
        has_vectors=bool(one.near),
        has_terms=one.term_words is not None,
    )


def _named(index: CatalogIndex, slots: Sequence[int], one: _Compared) -> Array:
    """1 for a feature of which the quote is a name, less where it is part of one, else 0."""
    said = frozenset(stems_of(one.question.part.quote))
    named = np.zeros(len(slots), np.float32)
    if not said or len(said) > _LONGEST_NAME or one.quote_words.unknown:
        return named
    for place in np.flatnonzero(one.quote_words.scores[slots]).tolist():
        texts = index.feature(slots[place]).texts
        names = [_stems_of_name(name) for name in (texts.title, texts.slug, *texts.aliases)]
        named[place] = 1 if said in names else PART_OF_NAME if any(said < name for name in names) else 0
    return named


@lru_cache(maxsize=20_000)
def _stems_of_name(name: str) -> frozenset[str]:
    return frozenset(stems_of(name))


def _choose_slots(index: CatalogIndex, one: _Compared) -> list[int]:
    """Those that are worth a full look."""
    chosen: set[int] = set()
    for cosines in one.near:
        chosen.update(_best(cosines, _LOOKED_AT).tolist())
    few = _LOOKED_AT // 2 if one.near else _LOOKED_AT
    for found in (one.quote_words, one.term_words):
        if found is not None:
            best = _best(found.scores, few)
            chosen.update(best[found.scores[best] > 0].tolist())
    return sorted(slot for slot in chosen if index.features[slot] is not None)


def _best(scores: Scores, count: int) -> NDArray[np.intp]:
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]


def _columns(count: int) -> _Columns:
    return _Columns(*np.zeros((5, count), np.float32))


def _compare_texts(index: CatalogIndex, slots: Sequence[int], one: _Compared) -> _Columns:
    """All texts of these features with the question; where a feature has no vectors yet, a guess."""
    columns = _columns(len(slots))
    _guess(columns, slots, one)
    found = [(place, index.feature(slot).vectors) for place, slot in enumerate(slots)]
    packed = [(place, vectors) for place, vectors in found if vectors is not None]
    if not packed or one.question.quote is None:
        return columns
    places = np.array([place for place, _ in packed])
    rows = np.concatenate([vectors.rows for _, vectors in packed]).astype(np.float32)
    scales = np.concatenate([vectors.scales for _, vectors in packed])
    counts = np.array([len(vectors.rows) for _, vectors in packed])
    ends = np.cumsum(counts)
    starts = ends - counts
    has_phrases = counts > FIRST_PHRASE
    own = starts + FIRST_PHRASE * has_phrases
    cosines = (rows @ one.question.quote) * scales
    # Pairs of where a feature's own rows begin and end; every second sum is of what lies between two.
    bounds = np.column_stack([own, ends]).ravel()[:-1]
    columns.phrase[places] = np.maximum.reduceat(cosines, bounds)[::2]
    lengths = np.array([vectors.centre_length for _, vectors in packed], np.float32)
    # The cosine with the middle is the mean of the cosines over the length of the mean.
    columns.centre[places] = np.add.reduceat(cosines, bounds)[::2] / (ends - own) / lengths
    columns.whole[places] = cosines[starts + WHOLE_ROW]
    spans = np.column_stack([places, own, ends])[has_phrases].tolist()
    columns.phrases.update((place, cosines[start:end]) for place, start, end in spans)
    if one.question.terms is not None:
        for column, row in ((columns.names, NAMES_ROW), (columns.term_whole, WHOLE_ROW)):
            column[places] = (rows[starts + row] @ one.question.terms) * scales[starts + row]
    return columns


def _guess(columns: _Columns, slots: Sequence[int], one: _Compared) -> None:
    base, slope = _GUESS
    for column in (columns.phrase, columns.centre, columns.whole):
        column[:] = base + slope * one.quote_words.scores[slots]
    if one.term_words is not None:
        for column in (columns.names, columns.term_whole):
            column[:] = base + slope * one.term_words.scores[slots]
