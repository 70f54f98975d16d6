"""How good answers are, against labels. Pure.

Recall and MRR are over requests with one right answer, whatever the band says. "Nothing fits" is judged over
these and those with none: what has no right answer is the positive class, and the band `none` claims it.
Requests with several right answers are counted apart: the share of them among the first ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles

from catalog_app.choices import LookupBand
from catalog_app.lookup.labelled import LabelledRequest
from catalog_app.lookup.results import LookupAnswer

PLACES = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """One request with its answer, and how long it took."""

    request: LabelledRequest
    answer: LookupAnswer
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of 1, milliseconds, and how many requests of each kind they are from. None where there is
    nothing to count: no request of the kind, or for the precisions no claim.

    `false_reject_rate` is the share of requests with one right answer that were said to have none;
    `match_precision` is how often the first candidate is right where the band says that it matches.
    """

    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    mrr: float | None
    no_answer_precision: float | None
    no_answer_recall: float | None
    no_answer_f1: float | None
    false_reject_rate: float | None
    match_precision: float | None
    multi_recall_at_10: float | None
    p50_ms: float | None
    p95_ms: float | None
    single_count: int
    none_count: int
    multi_count: int


def evaluate(answered: Sequence[Answered]) -> Figures:
    single = [one for one in answered if one.request.is_single]
    none = [one for one in answered if one.request.is_none]
    multi = [one for one in answered if len(one.request.gold) > 1]
    ranks = [rank_of(one) for one in single]
    rejected = [one for one in (*single, *none) if one.answer.band is LookupBand.NONE]
    rightly = sum(one.request.is_none for one in rejected)
    matched = [one for one in (*single, *none) if one.answer.band is LookupBand.MATCH]
    milliseconds = [one.milliseconds for one in answered]
    return Figures(
        recall_at_1=_share(sum(rank <= 1 for rank in ranks), len(ranks)),
        recall_at_5=_share(sum(rank <= 5 for rank in ranks), len(ranks)),
        recall_at_10=_share(sum(rank <= 10 for rank in ranks), len(ranks)),
        mrr=round(fmean(1 / rank for rank in ranks), PLACES) if ranks else None,
        no_answer_precision=_share(rightly, len(rejected)),
        no_answer_recall=_share(rightly, len(none)),
        no_answer_f1=_share(2 * rightly, len(rejected) + len(none)) if none else None,
        false_reject_rate=_share(len(rejected) - rightly, len(single)),
        match_precision=_share(sum(rank_of(one) == 1 for one in matched), len(matched)),
        multi_recall_at_10=round(fmean(_found_share(one) for one in multi), PLACES) if multi else None,
        p50_ms=_quantile(milliseconds, 50),
        p95_ms=_quantile(milliseconds, 95),
        single_count=len(single),
        none_count=len(none),
        multi_count=len(multi),
    )


def rank_of(one: Answered) -> float:
    """The place of the first right candidate, from 1; infinite if it is none of them."""
    slugs = [candidate.slug for candidate in one.answer.candidates]
    return min((slugs.index(slug) + 1 for slug in one.request.gold if slug in slugs), default=float("inf"))


def _found_share(one: Answered) -> float:
    found = {candidate.slug for candidate in one.answer.candidates}
    return len(one.request.gold & found) / len(one.request.gold)


def _share(count: int, of: int) -> float | None:
    return round(count / of, PLACES) if of else None


def _quantile(values: Sequence[float], percent: int) -> float | None:
    if len(values) < 2:
        return round(values[0], 2) if values else None
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 2)
