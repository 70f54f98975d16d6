"""What lookup says of the wishes and vetoes that name no feature."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_app.choices import LookupBand
from catalog_app.lookup.results import LookupAnswer, LookupPart, LookupState
from catalog_app.models import FeatureCatalog
from catalog_app.planning.headings import is_worth_asking, settle, under_heading
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Match, Resolution
from catalog_app.selectors.lookup import LookupOutcome, look_up

MOST_LOOKUPS = 1_000
"""Requests that one plan looks up. Further ones have to name their feature, or are built new."""
MOST_MATCHES = 5


@dataclass(frozen=True, slots=True)
class Resolved:
    """`resolutions` by the key of the wish or veto. `engine` and `state` are those of the lookup; "" and None
    where nothing had to be looked up."""

    resolutions: Mapping[str, Resolution]
    engine: str = ""
    state: LookupState | None = None

    @property
    def slugs(self) -> set[str]:
        """Every feature that could be meant."""
        return {match.slug for found in self.resolutions.values() for match in found.matches}


def resolve(catalog: FeatureCatalog, request: PlanRequest) -> Resolved:
    """Look up what names no feature, in one go."""
    wanted = {wish.key: LookupPart(wish.quote, wish.terms) for wish in request.wishes if not wish.slug}
    wanted |= {veto.key: LookupPart(veto.quote, veto.terms) for veto in request.vetoes if not veto.slug}
    if not wanted:
        return Resolved({})
    keys = list(wanted)
    asked, rest = keys[:MOST_LOOKUPS], keys[MOST_LOOKUPS:]
    outcome = look_up(catalog, [wanted[key] for key in asked], limit=MOST_MATCHES)
    resolutions = {key: _resolution(answer) for key, answer in zip(asked, outcome.answers, strict=True)}
    with_headings, under_headings = _look_up_with_headings(catalog, request, resolutions)
    resolutions |= with_headings
    not_asked = Resolution(
        LookupBand.NONE,
        reason=f"It was not looked up: one plan looks up {MOST_LOOKUPS:,} requests. Name its feature.",
    )
    engines = dict.fromkeys(_name_engine(each) for each in (outcome, under_headings) if each)
    return Resolved({**resolutions, **dict.fromkeys(rest, not_asked)}, ", then ".join(engines), outcome.state)


def _look_up_with_headings(
    catalog: FeatureCatalog, request: PlanRequest, found: Mapping[str, Resolution]
) -> tuple[dict[str, Resolution], LookupOutcome | None]:
    """What becomes of wishes under a heading which may say more than they do, and what found it."""
    wishes = [wish for wish in request.wishes if wish.key in found and is_worth_asking(wish, found[wish.key])]
    if not wishes:
        return {}, None
    parts = [LookupPart(under_heading(wish), wish.terms) for wish in wishes]
    outcome = look_up(catalog, parts, limit=MOST_MATCHES)
    return {
        wish.key: settle(wish, found[wish.key], _resolution(answer))
        for wish, answer in zip(wishes, outcome.answers, strict=True)
    }, outcome


def _name_engine(outcome: LookupOutcome) -> str:
    """What found things, as far as it was built: a plan is a function of what it names."""
    if not outcome.gaps:
        return outcome.engine
    state = outcome.state
    return f"{outcome.engine}, {state.done_count} of {state.total_count} texts, gaps {outcome.gaps}"


def _resolution(answer: LookupAnswer) -> Resolution:
    return Resolution(
        band=answer.band,
        matches=tuple(
            Match(
                slug=candidate.slug,
                title=candidate.title,
                confidence=candidate.confidence,
                instead=candidate.instead,
                evidence=tuple(evidence.text for evidence in candidate.evidence),
            )
            for candidate in answer.candidates
        ),
        reason=answer.reason,
    )
