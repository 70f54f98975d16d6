"""Which stack profile a plan is made for, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_app.planning.mentions import (
    Mention,
    find_mentions,
    has_value,
    normal_value,
    split_values,
)
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.scores import total
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, StackFacts
from catalog_app.planning.spelling import did_you_mean, nearest
from catalog_app.planning.stack_scores import Lack, Support, rate_features, score_stack
from catalog_app.planning.types import PlanWarning, RunnerUp, ScorePart, SlotChoice, StackChoice
from catalog_app.planning.wording import listed

_RUNNERS_UP = 3


@dataclass(frozen=True, slots=True)
class ChosenStack:
    """`facts` is None where the catalog has no stack; `warnings` say what the choice lacks."""

    choice: StackChoice
    facts: StackFacts | None
    warnings: tuple[PlanWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rated:
    stack: StackFacts
    parts: tuple[ScorePart, ...]
    lacks: tuple[Lack, ...]
    missed_slots: int

    @property
    def score(self) -> float:
        return total(self.parts)

    @property
    def rank(self) -> tuple[int, float, str]:
        return (self.missed_slots, -self.score, self.stack.slug)


def choose_stack(
    snapshot: Snapshot,
    project_type: str,
    request: PlanRequest,
    features: Sequence[FeatureFacts],
    *,
    pinned: str = "",
) -> ChosenStack:
    """A pinned profile wins. Then what has the pinned slots, then the score, then the name."""
    vetoes = [f"no {veto.quote}" for veto in request.vetoes if not veto.slug]
    mentions = find_mentions([*request.constraints, *vetoes], snapshot.stacks)
    support = rate_features(snapshot, features)
    rated = sorted(
        (_rate(stack, snapshot, project_type, request, mentions, support) for stack in snapshot.stacks),
        key=lambda each: each.rank,
    )
    if not rated:
        return ChosenStack(_no_stack(request), None)
    best = next((each for each in rated if each.stack.slug == pinned), rated[0])
    is_pinned = best.stack.slug == pinned
    others = [each for each in rated if each is not best]
    choice = StackChoice(
        profile=best.stack.slug,
        title=best.stack.title,
        reason=_reason(best, is_pinned=is_pinned, project_type=project_type, runner_up=others[:1]),
        is_pinned=is_pinned,
        score=best.score,
        parts=best.parts,
        slots=_slots(best.stack, request, mentions),
        runners_up=tuple(_runner_up(each, best) for each in others[:_RUNNERS_UP]),
    )
    return ChosenStack(choice, best.stack, _warnings(best, request, snapshot, is_pinned=is_pinned))


def _rate(
    stack: StackFacts,
    snapshot: Snapshot,
    project_type: str,
    request: PlanRequest,
    mentions: Sequence[Mention],
    support: Support,
) -> _Rated:
    missed = [slot for slot, value in request.slots.items() if not _meets(stack, slot, value)]
    parts, lacks = score_stack(stack, snapshot, project_type, request.slots, missed, mentions, support)
    return _Rated(stack, parts, lacks, len(missed))


def _meets(stack: StackFacts, slot: str, value: str) -> bool:
    return has_value(split_values(stack.slots.get(slot, "")), normal_value(value))


def _reason(best: _Rated, *, is_pinned: bool, project_type: str, runner_up: Sequence[_Rated]) -> str:
    if is_pinned:
        lacks = f" It lacks something: {listed(lack.text for lack in best.lacks)}." if best.lacks else ""
        return f"{best.stack.title} is pinned in the request.{lacks}"
    for_type = f" for {project_type}" if project_type else ""
    reason = f"{best.stack.title} fits best{for_type}, with a score of {best.score:.2f}"
    if not runner_up:
        return f"{reason}; it is the only profile."
    second = runner_up[0]
    if second.score == best.score and second.missed_slots == best.missed_slots:
        return f"{reason}; {second.stack.title} has the same and comes after it by name."
    return f"{reason}; {second.stack.title} follows with {second.score:.2f}."


def _slots(stack: StackFacts, request: PlanRequest, mentions: Sequence[Mention]) -> tuple[SlotChoice, ...]:
    choices = []
    for slot, value in stack.slots.items():
        asked = request.slots.get(slot)
        if asked is None:
            choices.append(SlotChoice(slot, value, _slot_reason(stack, slot, value, mentions)))
        elif _meets(stack, slot, asked):
            choices.append(SlotChoice(slot, value, "Asked for in the request.", is_pinned=True))
        else:
            reason = f"Asked for in the request, in place of the profile's {value}."
            choices.append(SlotChoice(slot, asked, reason, is_pinned=True))
    for slot, asked in sorted(request.slots.items()):
        if slot not in stack.slots:
            reason = "Asked for in the request; the profile has nothing there."
            choices.append(SlotChoice(slot, asked, reason, is_pinned=True))
    return tuple(choices)


def _slot_reason(stack: StackFacts, slot: str, value: str, mentions: Sequence[Mention]) -> str:
    values = split_values(value)
    for mention in mentions:
        if mention.is_wanted and (
            mention.value in values or (slot == "backend" and has_value(values, mention.value))
        ):
            return f"Asked for: “{mention.said}”."
    if value == "none":
        return f"{stack.title} has no {slot} of its own."
    return f"Part of the profile {stack.title}."


def _runner_up(each: _Rated, best: _Rated) -> RunnerUp:
    lacks = tuple(lack.text for lack in each.lacks if lack not in best.lacks)
    if not lacks:
        lacks = tuple(
            f"{mine.name.replace('_', ' ')}: {mine.reason}"
            for mine, other in zip(each.parts, best.parts, strict=True)
            if mine.value < other.value
        )
    if not lacks:
        lacks = (f"It lacks nothing that {best.stack.title} has.",)
    return RunnerUp(each.stack.slug, each.stack.title, each.score, each.parts, lacks)


def _warnings(
    best: _Rated, request: PlanRequest, snapshot: Snapshot, *, is_pinned: bool
) -> tuple[PlanWarning, ...]:
    """Features without a source on the stack are warned of only where somebody else chose the stack: else it
    is the best there is, and each feature says so itself."""
    warnings = [
        PlanWarning("stack_lacks", f"{best.stack.title}: {lack.text}.", (best.stack.slug,))
        for lack in best.lacks
        if is_pinned or lack.part != "features"
    ]
    for slot, value in sorted(request.slots.items()):
        known = sorted(
            {known for stack in snapshot.stacks for known in split_values(stack.slots.get(slot, ""))}
        )
        if known and not has_value(known, normal_value(value)):
            hint = did_you_mean(nearest(value, known)) or f" Known are {listed(known)}."
            text = f"No stack profile has {value} as {slot}.{hint}"
            warnings.append(PlanWarning("unknown_slot_value", text, (slot,)))
        elif not known:
            slots = sorted({name for stack in snapshot.stacks for name in stack.slots})
            hint = did_you_mean(nearest(slot, slots))
            warnings.append(
                PlanWarning("unknown_slot", f"No stack profile has a slot {slot}.{hint}", (slot,))
            )
    return tuple(warnings)


def _no_stack(request: PlanRequest) -> StackChoice:
    slots = tuple(
        SlotChoice(slot, value, "Asked for in the request.", is_pinned=True)
        for slot, value in sorted(request.slots.items())
    )
    return StackChoice("", "", "The catalog has no stack profile to choose from.", False, 0.0, (), slots)
