"""Whether anything fits at all, and how sure that is: a logistic model over how the best stands out, and how
foreign the request is.

Its coefficients are in `calibration.json`, which `manage.py calibrate_lookup` writes from labelled requests.
There are four, since without an encoder, or with terms, the same numbers mean something else.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from catalog_app.choices import LookupBand
from catalog_app.lookup.scoring import Ranking

CALIBRATION_FILE: Final = Path(__file__).with_name("calibration.json")

_FOLLOWERS = 10
_QUOTE_SIGNALS = ("top", "margin", "gap", "spread", "phrase", "centre", "whole", "words", "foreign")
_TERM_SIGNALS = ("names", "term_whole", "term_words", "quote_lead", "term_lead")
_WORD_SIGNALS = ("top", "margin", "gap", "spread", "words", "unknown")
_TERM_WORD_SIGNALS = ("term_words", "term_unknown", "quote_lead", "term_lead")


@dataclass(frozen=True, slots=True)
class Model:
    """Of each signal the usual value, how much it varies, and how much it says against a match.

    From `reject_at` on, "nothing fits" is the answer; a best candidate with at least `match_at` confidence is
    a match. `sharpness` is how far apart scores of the wanted and of other features are.
    """

    signals: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    sharpness: float
    reject_at: float
    match_at: float

    @property
    def usual_follower(self) -> float:
        """The score of the tenth feature, mostly: what stands in where a catalog has fewer."""
        return self._mean("top") - self._mean("gap")

    def _mean(self, signal: str) -> float:
        return self.means[self.signals.index(signal)]

    def chance_of_none(self, values: Sequence[float]) -> float:
        total = self.bias
        for value, mean, deviation, weight in zip(
            values, self.means, self.deviations, self.weights, strict=True
        ):
            total += weight * (value - mean) / deviation
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Judgement:
    """`confidences` are those of the ranking's first ones: each the chance that it is what was asked for."""

    band: LookupBand
    chance_of_none: float
    confidences: tuple[float, ...]


def kind_of(ranking: Ranking) -> str:
    """Which of the four models judges it."""
    asked = "terms" if ranking.has_terms else "quote"
    return asked if ranking.has_vectors else f"{asked}_by_words"


def signals_for(kind: str) -> tuple[str, ...]:
    return {
        "quote": _QUOTE_SIGNALS,
        "terms": (*_QUOTE_SIGNALS, *_TERM_SIGNALS),
        "quote_by_words": _WORD_SIGNALS,
        "terms_by_words": (*_WORD_SIGNALS, *_TERM_WORD_SIGNALS),
    }[kind]


def measure(ranking: Ranking, *, usual_follower: float = 0.0) -> tuple[float, ...]:
    """The signals of a ranking that is not empty. One of fewer than ten is filled up with usual followers:
    else the best of a small catalog would always stand out."""
    best, fits = ranking.fits[0], ranking.fits
    scores = [fit.score for fit in fits[:_FOLLOWERS]]
    scores += [min(scores[-1], usual_follower)] * (_FOLLOWERS - len(scores))
    mean = sum(scores) / len(scores)
    values = {
        "top": scores[0],
        "margin": scores[0] - scores[1],
        "gap": scores[0] - scores[-1],
        "spread": math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores)),
        "phrase": best.phrase,
        "centre": best.centre,
        "whole": best.whole,
        "words": best.words,
        "unknown": ranking.unknown,
        "foreign": ranking.foreign,
        "names": best.term_names,
        "term_whole": best.term_whole,
        "term_words": best.term_words,
        "term_unknown": ranking.term_unknown,
        "quote_lead": ranking.quote_score - best.quote_score,
        "term_lead": ranking.term_score - best.term_score,
    }
    return tuple(values[name] for name in signals_for(kind_of(ranking)))


def judge(ranking: Ranking, models: Mapping[str, Model]) -> Judgement:
    """The band of a ranking, and how likely each of its first features is."""
    if not ranking.fits:
        return Judgement(LookupBand.NONE, 1.0, ())
    model = models[kind_of(ranking)]
    none = model.chance_of_none(measure(ranking, usual_follower=model.usual_follower))
    shares = share_out([fit.score for fit in ranking.fits[:_FOLLOWERS]], model.sharpness)
    confidences = tuple(round((1 - none) * share, 4) for share in shares)
    if none >= model.reject_at:
        band = LookupBand.NONE
    else:
        band = LookupBand.MATCH if confidences[0] >= model.match_at else LookupBand.CHOOSE
    return Judgement(band, round(none, 4), confidences)


def share_out(scores: Sequence[float], sharpness: float) -> list[float]:
    """A certainty divided among scores: those near the best get nearly as much."""
    weights = [math.exp(sharpness * (score - scores[0])) for score in scores]
    return [weight / sum(weights) for weight in weights]


@cache
def load_models() -> Mapping[str, Model]:
    """The shipped calibration."""
    return read_models(json.loads(CALIBRATION_FILE.read_bytes())["models"])


@cache
def calibration_digest() -> str:
    return hashlib.sha256(CALIBRATION_FILE.read_bytes()).hexdigest()[:8]


def read_models(written: Mapping[str, Mapping[str, Any]]) -> dict[str, Model]:
    """As `calibrating.write_models` wrote them. Any: what JSON holds."""
    return {kind: _read_model(values) for kind, values in written.items()}


def _read_model(values: Mapping[str, Any]) -> Model:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return Model(**plain)
