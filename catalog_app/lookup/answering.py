"""Parts in, answers out: the one way into this package."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from catalog_app.choices import LookupBand
from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.evidence import describe_evidence, describe_instead
from catalog_app.lookup.foreign import load_direction
from catalog_app.lookup.index import CatalogIndex
from catalog_app.lookup.judging import Judgement, Model, calibration_digest, judge, load_models
from catalog_app.lookup.results import MOST_CANDIDATES, Candidate, LookupAnswer, LookupPart
from catalog_app.lookup.scoring import Question, Ranking, rank
from catalog_app.lookup.texts import join_terms

VERSION: Final = 1
"""Of how features are scored; it moves when the same vectors give other answers."""
_CLOSE = 0.15
"""A candidate with that share of the first one's confidence could as well be meant."""


class RequestEncoder(Protocol):
    """What is needed of an encoder to answer."""

    @property
    def engine(self) -> str: ...

    def encode_requests(self, texts: Sequence[str]) -> list[Array]: ...


def name_engine(encoder: RequestEncoder | None) -> str:
    """Everything that the answers depend on beside the catalog."""
    return f"{encoder.engine if encoder else 'words'}+lookup/{VERSION}.{calibration_digest()}"


def answer(
    index: CatalogIndex,
    parts: Sequence[LookupPart],
    *,
    encoder: RequestEncoder | None,
    limit: int = MOST_CANDIDATES,
    models: Mapping[str, Model] | None = None,
) -> list[LookupAnswer]:
    """One for each part, with at most `limit` candidates. Without an encoder only words are compared."""
    models = models or load_models()
    questions = ask(parts, encoder)
    return [
        _answer(index, question.part, ranking, judge(ranking, models), min(limit, MOST_CANDIDATES))
        for question, ranking in zip(questions, rank(index, questions), strict=True)
    ]


def ask(parts: Sequence[LookupPart], encoder: RequestEncoder | None) -> list[Question]:
    """The parts with their vectors."""
    if encoder is None:
        return [Question(part) for part in parts]
    texts = [part.quote for part in parts]
    texts += [terms for part in parts if (terms := join_terms(part.terms))]
    vectors = iter(encoder.encode_requests(texts))
    quotes = [next(vectors) for _ in parts]
    direction = load_direction()
    return [
        Question(
            part,
            quote,
            next(vectors) if join_terms(part.terms) else None,
            foreign=float(quote @ direction),
        )
        for part, quote in zip(parts, quotes, strict=True)
    ]


def _answer(
    index: CatalogIndex, part: LookupPart, ranking: Ranking, judgement: Judgement, limit: int
) -> LookupAnswer:
    candidates: list[Candidate] = []
    for fit, confidence in zip(ranking.fits[:limit], judgement.confidences, strict=False):
        texts = index.feature(fit.slot).texts
        is_close = bool(candidates) and confidence >= _CLOSE * candidates[0].confidence
        candidates.append(
            Candidate(
                slug=texts.slug,
                title=texts.title,
                description=texts.description,
                confidence=confidence,
                score=fit.score,
                evidence=describe_evidence(index, part, fit, ranking),
                instead=describe_instead(texts) if is_close else "",
            )
        )
    return LookupAnswer(part, judgement.band, tuple(candidates), _explain(judgement, candidates))


def _explain(judgement: Judgement, candidates: Sequence[Candidate]) -> str:
    if not candidates:
        return "Nothing in the catalog has anything in common with this."
    best = candidates[0]
    if judgement.band is LookupBand.NONE:
        chance = _percent(judgement.chance_of_none)
        return f"Nothing in the catalog fits ({chance} sure). The nearest is {best.title}."
    if judgement.band is LookupBand.MATCH:
        return f"{best.title} fits ({_percent(best.confidence)} sure)."
    likely = [c for c in candidates if c.confidence >= _CLOSE * best.confidence][:4]
    named = ", ".join(f"{c.title} ({_percent(c.confidence)})" for c in likely)
    nothing = _percent(judgement.chance_of_none)
    return f"Not sure what is meant: {named}; with {nothing} nothing of the catalog."


def _percent(share: float) -> str:
    return f"{min(99, max(1, round(share * 100)))}%"
