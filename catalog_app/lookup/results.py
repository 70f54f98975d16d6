"""Requests, and what a lookup answers to them. Every number is rounded to four places: an answer is the same
wherever it is given."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from catalog_app.choices import LookupBand

EvidenceKind: TypeAlias = Literal["title", "description", "alias", "phrase", "words", "terms"]

MOST_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class LookupPart:
    """One wish. `quote` is what somebody said, `terms` are names that an engineer would give to it."""

    quote: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something of the feature that matches the request. `text` is that text of the feature; of `words` and
    `terms`, the words that both have in common."""

    kind: EvidenceKind
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One feature that could be meant.

    `confidence` is the probability that it is, calibrated on labelled requests; `score` is what it is ranked
    by. `instead` says when to take it instead of the candidate before it, where the two are close; else "".
    """

    slug: str
    title: str
    description: str
    confidence: float
    score: float
    evidence: tuple[Evidence, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class LookupAnswer:
    """`candidates` are there in every band, best first: whoever asked may know better than the band."""

    part: LookupPart
    band: LookupBand
    candidates: tuple[Candidate, ...]
    reason: str

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


@dataclass(frozen=True, slots=True)
class LookupState:
    """How complete the index was that answered: `done_count` of `total_count` texts had a vector. Without an
    encoder, or without vectors, only words are compared, which finds much less."""

    done_count: int
    total_count: int
    has_encoder: bool

    @property
    def is_complete(self) -> bool:
        return self.has_encoder and self.done_count >= self.total_count

    @property
    def text(self) -> str:
        if not self.has_encoder:
            return "Only words are compared: the encoder's weights are not installed, so that much is missed."
        if not self.is_complete:
            return (
                f"The index is being built: {self.done_count} of {self.total_count} texts are done. "
                "Answers get better until then."
            )
        return "Complete."
