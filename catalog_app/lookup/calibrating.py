"""Fitting the models of `judging` to labelled requests. Pure, and the same for the same requests.

What is chosen is chosen on requests that the model has not seen: the requests are dealt into folds, and each
fold is judged by a model of the others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.judging import Model, kind_of, measure, share_out, signals_for
from catalog_app.lookup.scoring import Ranking

NONE_SHARE: Final = 0.15
"""Of requests in life, how many no feature answers; the labelled ones have more of them."""
MOST_FALSE_REJECTS: Final = {"quote": 0.04, "terms": 0.02}
MATCH_PRECISION: Final = 0.97
"""Of the best candidates that are called a match, so many shall be the right one."""
_FOLDS = 5
_ROUNDS = 10
_RIDGE = 3e-3
_STEPS = 60
_PLACES = 6

_Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A ranking and the slug that was meant; "" for nothing in the catalog."""

    ranking: Ranking
    gold: str


@dataclass(frozen=True, slots=True)
class FittedModel:
    """`f1` and `false_rejects` are of requests that were not fitted to, at `NONE_SHARE`."""

    model: Model
    f1: float
    false_rejects: float


def fit_model(labelled: Sequence[Labelled]) -> FittedModel:
    """Of rankings of one kind, none of them empty."""
    kind = kind_of(labelled[0].ranking)
    signals = np.array([measure(one.ranking) for one in labelled])
    is_none = np.array([one.gold == "" for one in labelled], dtype=np.float64)
    importance = np.where(is_none == 1, _share_weight(is_none), 1.0)
    means, deviations = signals.mean(axis=0), signals.std(axis=0)
    # A signal that never varies says nothing, and is no reason to divide by nothing.
    deviations[deviations < 10.0**-_PLACES] = 1.0
    scaled = (signals - means) / deviations
    unseen = _judge_unseen(scaled, is_none, importance)
    reject_at, f1, false_rejects = _choose_rejection(
        unseen, is_none, importance, MOST_FALSE_REJECTS[kind.removesuffix("_by_words")]
    )
    weights = _fit_logistic(scaled, is_none, importance)
    sharpness = _fit_sharpness(labelled)
    model = Model(
        signals=signals_for(kind),
        means=_rounded(means),
        deviations=_rounded(deviations),
        weights=_rounded(weights[:-1]),
        bias=round(float(weights[-1]), _PLACES),
        sharpness=sharpness,
        reject_at=reject_at,
        match_at=_choose_match(labelled, unseen, importance, sharpness, reject_at),
    )
    return FittedModel(model, round(f1, 4), round(false_rejects, 4))


def write_models(fitted: Mapping[str, FittedModel]) -> dict[str, Any]:
    """For JSON; Any: what it holds."""
    return {kind: asdict(one.model) for kind, one in sorted(fitted.items())}


def _share_weight(is_none: _Numbers) -> float:
    count = is_none.sum()
    return float(NONE_SHARE / (1 - NONE_SHARE) * (len(is_none) - count) / count)


def _fit_logistic(signals: _Numbers, is_none: _Numbers, importance: _Numbers) -> _Numbers:
    """Newton's method with a penalty for large weights; the last one is the constant."""
    rows = np.column_stack([signals, np.ones(len(signals))])
    penalty = np.diag([_RIDGE * importance.sum()] * signals.shape[1] + [1e-9])
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chances = _logistic(rows, weights)
        curve = (rows * (importance * chances * (1 - chances))[:, None]).T @ rows + penalty
        slope = rows.T @ (importance * (chances - is_none)) + penalty @ weights
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def _logistic(rows: _Numbers, weights: _Numbers) -> _Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30))))


def _judge_unseen(signals: _Numbers, is_none: _Numbers, importance: _Numbers) -> _Numbers:
    """For each request the chance of "nothing", by models that were not fitted to it."""
    rows = np.column_stack([signals, np.ones(len(signals))])
    chances = np.zeros(len(signals))
    dealer = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        folds = dealer.permutation(len(signals)) % _FOLDS
        for fold in range(_FOLDS):
            seen, held = folds != fold, folds == fold
            weights = _fit_logistic(signals[seen], is_none[seen], importance[seen])
            chances[held] += _logistic(rows[held], weights) / _ROUNDS
    return chances


def _choose_rejection(
    chances: _Numbers, is_none: _Numbers, importance: _Numbers, most_false: float
) -> tuple[float, float, float]:
    """The threshold, with its F1 and the share of false rejects.

    Of chances that are right, F1 is best at half of the best F1; that is steadier than to search for it. It
    is raised while it rejects more than it may.
    """
    tried = [_try_rejection(step / 100, chances, is_none, importance) for step in range(5, 96)]
    start = max(f1 for _, f1, _ in tried) / 2
    allowed = [one for one in tried if one[0] >= start and one[2] <= most_false]
    return allowed[0] if allowed else tried[-1]


def _try_rejection(
    threshold: float, chances: _Numbers, is_none: _Numbers, importance: _Numbers
) -> tuple[float, float, float]:
    rejected = chances >= threshold
    right = (importance * is_none * rejected).sum()
    wrong = ((1 - is_none) * rejected).sum()
    missed = (importance * is_none * ~rejected).sum()
    f1 = float(2 * right / (2 * right + wrong + missed)) if right else 0.0
    return threshold, f1, float(wrong / (1 - is_none).sum())


def _fit_sharpness(labelled: Sequence[Labelled]) -> float:
    """The one under which the wanted features are likeliest."""

    def surprise(sharpness: float) -> float:
        total = 0.0
        for one in labelled:
            fits = one.ranking.fits[:10]
            place = next((index for index, fit in enumerate(fits) if fit.slug == one.gold), None)
            if place is not None:
                total -= math.log(share_out([fit.score for fit in fits], sharpness)[place])
        return total

    return float(min(range(2, 101), key=lambda sharpness: surprise(float(sharpness))))


def _choose_match(
    labelled: Sequence[Labelled], unseen: _Numbers, importance: _Numbers, sharpness: float, reject_at: float
) -> float:
    """The lowest confidence from which on the best candidate is right as often as is wanted."""
    found = []
    for one, none, weight in zip(labelled, unseen, importance, strict=True):
        if none < reject_at:
            fits = one.ranking.fits[:10]
            confidence = (1 - none) * share_out([fit.score for fit in fits], sharpness)[0]
            found.append((confidence, weight, fits[0].slug == one.gold))
    for step in range(50, 96):
        threshold = step / 100
        said = [(weight, is_right) for confidence, weight, is_right in found if confidence >= threshold]
        right = sum(weight for weight, is_right in said if is_right)
        if said and right >= MATCH_PRECISION * sum(weight for weight, _ in said):
            return threshold
    return 0.95


def _rounded(values: _Numbers) -> tuple[float, ...]:
    return tuple(round(float(value), _PLACES) for value in values)
