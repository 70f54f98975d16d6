"""Two templates side by side, line by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.choices import FeatureDecision
from catalog_app.planning.types import PlanDocument, PlannedFeature

Pair = tuple[PlanDocument, PlanDocument]


@dataclass(frozen=True, slots=True)
class Line:
    """What both sides say of one thing; an empty cell for nothing. `sub` is the name of a thing that has
    one."""

    label: str
    cells: tuple[str, str]
    sub: str = ""

    @property
    def is_different(self) -> bool:
        return self.cells[0] != self.cells[1]


@dataclass(frozen=True, slots=True)
class LineGroup:
    title: str
    lines: Sequence[Line]


def compare_plans(plans: Pair, *, outcomes: Sequence[Line] = ()) -> list[LineGroup]:
    """What they are, how their runs went (given), what they are built on, and every feature of either."""
    groups = [
        LineGroup("Plan", _compare_sizes(plans)),
        LineGroup("Outcomes", outcomes),
        LineGroup("Stack", _compare_stacks(plans)),
        LineGroup("Features", _compare_features(plans)),
    ]
    return [group for group in groups if group.lines]


def summarise(groups: Sequence[LineGroup]) -> str:
    """Such as `3 of 8 features are the same.`"""
    lines = [line for group in groups if group.title == "Features" for line in group.lines]
    same = sum(not line.is_different for line in lines)
    shared = sum(all(line.cells) for line in lines)
    if not lines:
        return "Neither has a feature."
    if same == len(lines):
        return f"All {same} features are the same."
    if not shared:
        return "No feature is in both."
    return f"{shared} of {len(lines)} features are in both, {same or 'none'} of them made in the same way."


def _compare_sizes(plans: Pair) -> list[Line]:
    facts: list[tuple[str, Callable[[PlanDocument], str]]] = [
        ("Project type", lambda plan: plan.project_type.label),
        ("Mode", lambda plan: plan.mode.words),
        ("Features reused", lambda plan: _count(plan, FeatureDecision.REUSE)),
        ("Features built new", lambda plan: _count(plan, FeatureDecision.BUILD_NEW)),
        ("Runs", lambda plan: str(len(plan.runs))),
        ("Phases", lambda plan: str(sum(len(run.phases) for run in plan.runs))),
        ("Tokens, estimated", lambda plan: f"{plan.budget.tokens:,}"),
        ("Minutes, estimated", lambda plan: f"{plan.budget.minutes:,}"),
    ]
    return [Line(label, (read(plans[0]), read(plans[1]))) for label, read in facts]


def _count(plan: PlanDocument, decision: FeatureDecision) -> str:
    return str(sum(feature.decision is decision for feature in plan.features))


def _compare_stacks(plans: Pair) -> list[Line]:
    slots = [{choice.slot: choice.value for choice in plan.stack.slots} for plan in plans]
    names = dict.fromkeys([*slots[0], *slots[1]])
    lines = [Line("Profile", (plans[0].stack.title, plans[1].stack.title))]
    lines += [Line(name, (slots[0].get(name, ""), slots[1].get(name, ""))) for name in names]
    return [line for line in lines if any(line.cells)]


def _compare_features(plans: Pair) -> list[Line]:
    """What both have first, then what one of them has, each in the order of its plan."""
    sides = [_planned(plan) for plan in plans]
    both = [key for key in sides[0] if key in sides[1]]
    rest = [key for side in sides for key in side if key not in both]
    return [_compare_feature(key, sides) for key in (*both, *rest)]


def _compare_feature(key: str, sides: Sequence[Mapping[str, PlannedFeature]]) -> Line:
    found = [side.get(key) for side in sides]
    shown = next(feature for feature in found if feature is not None)
    return Line(shown.title, (_tell(found[0]), _tell(found[1])), sub=shown.slug)


def _planned(plan: PlanDocument) -> dict[str, PlannedFeature]:
    """By the slug; what the catalog does not have, by its title."""
    return {
        feature.slug or f" {feature.title.casefold()}": feature
        for feature in plan.features
        if feature.decision in FeatureDecision.planned()
    }


def _tell(feature: PlannedFeature | None) -> str:
    if feature is None:
        return ""
    if feature.decision is FeatureDecision.REUSE and feature.source is not None:
        return f"Reuse {feature.source.repo_id}"
    return feature.decision.words
