"""Which source a feature is taken from. Nothing that the policy does not allow is ever chosen. Pure."""

from dataclasses import dataclass

from catalog_app.briefing.types import Pin
from catalog_app.choices import FeatureDecision, PlanMode, SourceVerdict
from catalog_app.licensing.duties import attribution_duties
from catalog_app.planning.admission import Admission, admit
from catalog_app.planning.fitness import why_not_unasked
from catalog_app.planning.scores import score_source, total
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, SourceFacts, StackFacts
from catalog_app.planning.spelling import did_you_mean, nearest
from catalog_app.planning.types import ScorePart, SourceOption
from catalog_app.planning.wording import listed


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """`options` are all sources, best first, the chosen one first of all. `pin_problem` says why a pinned
    source is not among those that may be chosen; `is_pin_known` whether the feature has it at all."""

    decision: FeatureDecision
    source: SourceOption | None
    options: tuple[SourceOption, ...]
    reason: str
    pin_problem: str = ""
    is_pin_known: bool = True


@dataclass(frozen=True, slots=True)
class _Rated:
    """`misfit`: why it is not taken unless somebody pins it."""

    facts: SourceFacts
    parts: tuple[ScorePart, ...]
    score: float
    admission: Admission
    misfit: str

    @property
    def rank(self) -> tuple[int, bool, float, int, str, tuple[str, ...]]:
        """What may be chosen first, of these what fits, then what needs nothing done, then the score. Equal
        ones by name."""
        facts = self.facts
        is_out, needs_work = not self.admission.is_admitted, bool(self.admission.to_do)
        reluctance = 2 * is_out + bool(self.misfit)
        return (reluctance, needs_work, -self.score, facts.position, facts.repo_id, facts.paths)

    def as_option(self, verdict: SourceVerdict, why: str) -> SourceOption:
        facts = self.facts
        return SourceOption(
            repo_id=facts.repo_id,
            repo_url=facts.repo_url,
            paths=facts.paths,
            pinned_commit=facts.pinned_commit,
            license=facts.license,
            decision=facts.decision,
            status=facts.status,
            is_whitelisted=facts.is_whitelisted,
            verdict=verdict,
            score=self.score,
            parts=self.parts,
            why=why,
            remedy=" ".join(self.admission.to_do),
            duties=tuple(duty.text for duty in attribution_duties(facts.license)),
            notes=facts.notes,
        )


def choose_source(
    feature: FeatureFacts,
    snapshot: Snapshot,
    mode: PlanMode,
    stack: StackFacts | None,
    *,
    pin: Pin | None = None,
    is_built_new: bool = False,
) -> SourceChoice:
    """The best source that may be used, or building new with the reason. A pin decides among those that may
    be used; one that may not be used is a problem, and the choice is made as if there were no pin."""
    rated = sorted(
        (_rate(feature, facts, snapshot, mode, stack) for facts in feature.sources),
        key=lambda each: each.rank,
    )
    if is_built_new:
        options = tuple(_as_not_chosen(each) for each in rated)
        return SourceChoice(FeatureDecision.BUILD_NEW, None, options, "Built new, as the request says.")
    pinned = [each for each in rated if pin and _is_pinned(each.facts, pin)]
    problem = _pin_problem(feature, pin, pinned) if pin else ""
    is_pin_good = bool(pinned) and not problem
    admitted = [
        each
        for each in (pinned if is_pin_good else rated)
        if each.admission.is_admitted and (is_pin_good or not each.misfit)
    ]
    if not admitted:
        options = tuple(_as_not_chosen(each) for each in rated)
        reason = _why_new(feature, rated)
        return SourceChoice(FeatureDecision.BUILD_NEW, None, options, reason, problem, bool(pinned))
    best = admitted[0]
    others = [each for each in rated if each is not best]
    chosen = _as_chosen(best, admitted, is_pinned=is_pin_good)
    options = (chosen, *(_as_not_chosen(each) for each in others))
    return SourceChoice(
        FeatureDecision.REUSE, chosen, options, chosen.why, problem, bool(pinned) or pin is None
    )


def _rate(
    feature: FeatureFacts, facts: SourceFacts, snapshot: Snapshot, mode: PlanMode, stack: StackFacts | None
) -> _Rated:
    parts = score_source(feature, facts, snapshot, stack)
    admission = admit(feature, facts, snapshot, mode, stack)
    return _Rated(facts, parts, total(parts), admission, why_not_unasked(feature, facts, stack))


def _as_chosen(best: _Rated, admitted: list[_Rated], *, is_pinned: bool) -> SourceOption:
    to_do = best.admission.to_do
    verified = ", once it is verified" if to_do else ""
    if is_pinned:
        why = "Pinned in the request; it may be reused"
    elif len(admitted) == 1:
        why = "The only source that may be reused"
    else:
        why = f"The best of {len(admitted)} sources that may be reused"
    why = f"{why}{verified}. It scores {best.score:.2f}."
    if to_do:
        why = f"{why} {best.admission.why}"
    verdict = SourceVerdict.BLOCKED if to_do else SourceVerdict.CHOSEN
    return best.as_option(verdict, why)


def _as_not_chosen(each: _Rated) -> SourceOption:
    if each.admission.is_admitted:
        score = f"It scores {each.score:.2f}."
        start = f"May be reused, but {_inner(each.misfit)}" if each.misfit else "May be reused as well."
        why = " ".join(part for part in (start, score, each.admission.why) if part)
        return each.as_option(SourceVerdict.USABLE, why)
    return each.as_option(SourceVerdict.EXCLUDED, each.admission.why)


def _is_pinned(facts: SourceFacts, pin: Pin) -> bool:
    return facts.repo_id == pin.repo_id and (
        pin.paths is None or sorted(set(pin.paths)) == sorted(set(facts.paths))
    )


def _pin_problem(feature: FeatureFacts, pin: Pin, pinned: list[_Rated]) -> str:
    where = pin.repo_id if pin.paths is None else f"{pin.repo_id} ({listed(pin.paths) or 'all of it'})"
    if not pinned:
        known = list(dict.fromkeys(source.repo_id for source in feature.sources))
        near = nearest(pin.repo_id, known)
        hint = did_you_mean(near) if near != pin.repo_id else ""
        sources = f"Its sources are in {listed(known)}." if known else "It has no source at all."
        return f"{feature.title} has no source {where}.{hint} {sources}"
    if any(each.admission.is_admitted for each in pinned):
        return ""
    first = pinned[0].admission
    return (
        f"{feature.title} is pinned to {where}, which may not be reused: {first.why} {' '.join(first.to_do)}"
    )


def _why_new(feature: FeatureFacts, rated: list[_Rated]) -> str:
    if not rated:
        return f"The catalog has no source for {feature.title}."
    closest = rated[0]
    if closest.misfit and closest.admission.is_admitted:
        return f"None of its sources fits. The closest is {closest.facts.repo_id}: {closest.misfit}"
    if len(rated) == 1:
        return f"Its only source, {closest.facts.repo_id}, may not be reused: {closest.admission.why}"
    return (
        f"None of its {len(rated)} sources may be reused. The closest is {closest.facts.repo_id}: "
        f"{closest.admission.why}"
    )


def _inner(sentence: str) -> str:
    """A sentence as the rest of another one."""
    return sentence[:1].lower() + sentence[1:]
