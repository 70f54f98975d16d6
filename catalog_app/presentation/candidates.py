"""A candidate of a curation run as one row of the inbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog_app.choices import CandidateState, LicenseDecision
from catalog_app.curation.drafts import Edits, edits_from_json, proposal_from_json, revise
from catalog_app.curation.proposals import Proposal
from catalog_app.licensing import Decision, PolicyTerms, ProblemLevel, compare_licenses, decide, parse_license
from catalog_app.models import CurationCandidate


@dataclass(frozen=True)
class CandidateRow:
    """`terms` are those of the catalog's policy as it is now."""

    candidate: CurationCandidate
    terms: PolicyTerms

    @property
    def state(self) -> CandidateState:
        return CandidateState(self.candidate.state)

    @property
    def is_open(self) -> bool:
        """A curator may decide it."""
        return self.state in CandidateState.decidable()

    @property
    def is_live(self) -> bool:
        return self.state in CandidateState.live()

    @property
    def is_failed(self) -> bool:
        return self.state is CandidateState.FAILED

    @property
    def is_looked_at(self) -> bool:
        return bool(self.candidate.commit)

    @cached_property
    def edits(self) -> Edits:
        return edits_from_json(self.candidate.edits)

    @cached_property
    def proposal(self) -> Proposal:
        """As it is edited."""
        return revise(proposal_from_json(self.candidate.proposal), self.edits)

    @property
    def target(self) -> str:
        """The feature that it is to become a further source of; empty for a feature of its own."""
        return self.edits.feature or ""

    @property
    def name(self) -> str:
        """Short, for a heading: owner and name, or the path."""
        return self.candidate.url_key.removeprefix("file:") or self.candidate.url

    @property
    def stars(self) -> int | None:
        stars: int | None = self._fact("stars", int)
        return stars

    @property
    def language(self) -> str:
        return self._fact("language", str) or ""

    @property
    def is_archived(self) -> bool:
        return self._fact("is_archived", bool) or False

    @cached_property
    def decision(self) -> Decision:
        """What the policy says of what was found."""
        return decide(self.candidate.effective_license, self.terms)

    @property
    def outcome(self) -> LicenseDecision:
        return self.decision.outcome

    @property
    def quality_parts(self) -> Sequence[Mapping[str, Any]]:
        # Any: stored JSON.
        parts: Sequence[Mapping[str, Any]] = self.candidate.quality.get("parts", [])
        return parts

    @property
    def evidence(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.candidate.evidence.get("evidence", [])
        return found

    @property
    def nested(self) -> Sequence[tuple[str, str]]:
        return sorted(self.candidate.evidence.get("nested", {}).items())

    @property
    def remarks(self) -> Sequence[str]:
        """What a curator should know of the licence that would be declared."""
        declared = parse_license(self.proposal.license)
        said = [
            f"Licence: {problem.detail}."
            + (f" {' or '.join(problem.suggestions)}?" if problem.suggestions else "")
            for problem in declared.problems
            if problem.level is not ProblemLevel.NOTE
        ]
        if said or not self.is_looked_at or self.proposal.paths:
            return said
        comparison = compare_licenses(declared.expression, self.candidate.detected_license)
        return [] if comparison.is_match else [f"It would be a mismatch. {comparison.detail}"]

    def _fact(self, name: str, kind: type[Any]) -> Any:
        # Any: what a list said; of the kind that is asked for, or None.
        value = self.candidate.facts.get(name)
        return value if isinstance(value, kind) else None


def describe_candidates(candidates: Iterable[CurationCandidate], terms: PolicyTerms) -> list[CandidateRow]:
    return [CandidateRow(candidate, terms) for candidate in candidates]
