"""How well features fit one request.

Everything is compared with the quote: a feature's nearest phrase, the middle of its phrases, all that it says
of itself, and the words that both have. Terms are the caller's names for it, so they are compared with the
feature's names. The sums are of cosines and of shares of words; they are added, not ranked and fused, since
how good the best is says whether anything fits at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.index import (
    FIRST_PHRASE,
    NAMES_ROW,
    WHOLE_ROW,
    CatalogIndex,
    IndexedFeature,
    PackedVectors,
    own_rows,
)
from catalog_app.lookup.results import LookupPart
from catalog_app.lookup.texts import join_terms
from catalog_app.lookup.wordindex import FoundWords, Scores

PHRASE: Final = 0.4
CENTRE: Final = 0.4
WHOLE: Final = 0.2
WORDS: Final = 0.25
QUOTE_SHARE: Final = 0.35
"""Of the quote, where there are terms; the rest is theirs."""
TERM_WORDS: Final = 0.2

_LOOKED_AT = 80
"""Features that are compared in full, by the overview; and half as many by their words."""
_GUESS = (0.12, 0.9)
"""A feature whose vectors are still missing: what its cosines would be by its words, roughly."""


@dataclass(frozen=True, slots=True)
class Question:
    """A part with its vectors; they are None without an encoder."""

    part: LookupPart
    quote: Array | None = None
    terms: Array | None = None

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
    """The features that were looked at, best first; equal ones by slug. `unknown` and `term_unknown` are the
    shares of the words that nothing in the catalog has."""

    fits: Sequence[Fit]
    unknown: float = 1.0
    term_unknown: float = 1.0
    has_vectors: bool = False
    has_terms: bool = False


@dataclass(frozen=True, slots=True)
class _Compared:
    """One question against the overview and the words of the whole catalog."""

    question: Question
    quote_words: FoundWords
    term_words: FoundWords | None
    near: list[Array] = field(default_factory=list)


def rank(index: CatalogIndex, questions: Sequence[Question]) -> list[Ranking]:
    """For each question the features that fit it best."""
    if not index.feature_count:
        return [Ranking((), has_terms=question.has_terms) for question in questions]
    compared = [_compare_words(index, question) for question in questions]
    _compare_overview(index, compared)
    return [_rank_one(index, one) for one in compared]


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
    if asked and index.overview.size:
        found = index.compare(np.stack([vector for _, vector in asked]))
        for (one, _), cosines in zip(asked, found, strict=True):
            one.near.append(cosines)


def _rank_one(index: CatalogIndex, one: _Compared) -> Ranking:
    slots = _choose_slots(index, one)
    fits = _fit_all(index, slots, one) if one.near else [_fit_words(index, slot, one) for slot in slots]
    fits.sort(key=lambda fit: (-fit.score, fit.slug))
    return Ranking(
        fits,
        unknown=one.quote_words.unknown,
        term_unknown=one.term_words.unknown if one.term_words else 1.0,
        has_vectors=bool(one.near),
        has_terms=one.term_words is not None,
    )


def _choose_slots(index: CatalogIndex, one: _Compared) -> list[int]:
    """Those that are worth a full look."""
    chosen: set[int] = set()
    for cosines in one.near:
        chosen.update(_best(cosines, _LOOKED_AT))
    few = _LOOKED_AT // 2 if one.near else _LOOKED_AT
    for found in (one.quote_words, one.term_words):
        if found is not None:
            chosen.update(slot for slot in _best(found.scores, few) if found.scores[slot] > 0)
    return sorted(slot for slot in chosen if index.features[slot] is not None)


def _best(scores: Scores, count: int) -> list[int]:
    if len(scores) <= count:
        return list(range(len(scores)))
    return [int(slot) for slot in np.argpartition(-scores, count)[:count]]


def _fit_words(index: CatalogIndex, slot: int, one: _Compared) -> Fit:
    """By words alone."""
    words, term_words = _words_of(slot, one)
    return Fit(
        slot=slot,
        slug=index.feature(slot).texts.slug,
        score=round(_join(words, term_words, one), 4),
        words=words,
        quote_score=words,
        term_words=term_words,
        term_score=term_words,
    )


def _fit_all(index: CatalogIndex, slots: Sequence[int], one: _Compared) -> list[Fit]:
    features = [index.feature(slot) for slot in slots]
    cosines = iter(_cosines([f.vectors for f in features if f.vectors is not None], one.question))
    return [
        _fit(slot, feature, _Cosines() if feature.vectors is None else next(cosines), one)
        for slot, feature in zip(slots, features, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Cosines:
    """Of each text of one feature with the quote and with the terms; None where there are no vectors."""

    quote: Array | None = None
    terms: Array | None = None


def _cosines(packed: Sequence[PackedVectors], question: Question) -> list[_Cosines]:
    if not packed or question.quote is None:
        return []
    rows = np.concatenate(packed).astype(np.float32)
    ends = np.cumsum([len(vectors) for vectors in packed])[:-1]
    quote = np.split(rows @ question.quote, ends)
    if question.terms is None:
        return [_Cosines(cosines) for cosines in quote]
    return [_Cosines(*both) for both in zip(quote, np.split(rows @ question.terms, ends), strict=True)]


def _fit(slot: int, feature: IndexedFeature, cosines: _Cosines, one: _Compared) -> Fit:
    words, term_words = _words_of(slot, one)
    phrase_index = -1
    if cosines.quote is None:
        phrase = centre = whole = _guess(words)
    else:
        own = own_rows(cosines.quote)
        phrase, whole = float(own.max()), float(cosines.quote[WHOLE_ROW])
        # The cosine with the middle is the mean of the cosines over the length of the mean.
        centre = float(own.mean()) / feature.centre_length
        if len(cosines.quote) > FIRST_PHRASE:
            phrase_index = int(own.argmax())
    if cosines.terms is None:
        names = term_whole = _guess(term_words) if one.term_words else 0.0
    else:
        names, term_whole = float(cosines.terms[NAMES_ROW]), float(cosines.terms[WHOLE_ROW])
    quote_score = PHRASE * phrase + CENTRE * centre + WHOLE * whole + WORDS * words
    term_score = (names + term_whole) / 2 + TERM_WORDS * term_words
    return Fit(
        slot=slot,
        slug=feature.texts.slug,
        score=round(_join(quote_score, term_score, one), 4),
        phrase=phrase,
        phrase_index=phrase_index,
        centre=centre,
        whole=whole,
        words=words,
        quote_score=quote_score,
        term_names=names,
        term_whole=term_whole,
        term_words=term_words,
        term_score=term_score,
    )


def _words_of(slot: int, one: _Compared) -> tuple[float, float]:
    of_terms = float(one.term_words.scores[slot]) if one.term_words else 0.0
    return float(one.quote_words.scores[slot]), of_terms


def _join(quote_score: float, term_score: float, one: _Compared) -> float:
    if one.term_words is None:
        return quote_score
    return QUOTE_SHARE * quote_score + (1 - QUOTE_SHARE) * term_score


def _guess(words: float) -> float:
    base, slope = _GUESS
    return base + slope * words
