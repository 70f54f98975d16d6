"""What one plan has otherwise than another. Pure.

Features are the same by key, or else by slug; phases by id. Scores and reasons are not compared, nor is the
digest of the request: one that says the same otherwise is no change.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.interchange.entries import Json
from catalog_app.planning.document import as_json
from catalog_app.planning.types import PlanDocument, PlannedFeature, PlannedPhase
from catalog_app.planning.wording import listed

_MOST_TITLES = 3
"""Of phases that share a line."""


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` as people read them; empty where there was or is nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Item:
    """A feature by its key, a phase or a question by its id."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class ChangedItem:
    key: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class MovedPhase:
    """A phase that stands in another tier or run, or before one that it stood behind."""

    key: str
    title: str
    before: str
    after: str
    is_shifted: bool = False
    """It is in the same tier as before."""


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """`plan` has what is said of the plan as a whole, `inputs` what it was made from, `budget` the figures.
    Vetoes, warnings and leftovers are their texts."""

    plan: tuple[Change, ...] = ()
    stack: tuple[Change, ...] = ()
    features_added: tuple[Item, ...] = ()
    features_removed: tuple[Item, ...] = ()
    features_changed: tuple[ChangedItem, ...] = ()
    phases_added: tuple[Item, ...] = ()
    phases_removed: tuple[Item, ...] = ()
    phases_moved: tuple[MovedPhase, ...] = ()
    phases_changed: tuple[ChangedItem, ...] = ()
    questions_opened: tuple[Item, ...] = ()
    questions_closed: tuple[Item, ...] = ()
    notes_added: tuple[str, ...] = ()
    notes_removed: tuple[str, ...] = ()
    budget: tuple[Change, ...] = ()
    inputs: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == PlanDiff()

    def as_json(self) -> Json:
        return as_json(self)


def diff_documents(before: PlanDocument, after: PlanDocument) -> PlanDiff:
    features = _pair_features(before.features, after.features)
    phases_before, phases_after = _phases(before), _phases(after)
    questions_before = {each.id: each.text for each in before.questions}
    questions_after = {each.id: each.text for each in after.questions}
    notes_before, notes_after = Counter(_notes(before)), Counter(_notes(after))
    return PlanDiff(
        plan=_changes(_plan_facts(before), _plan_facts(after)),
        stack=_changes(_stack_facts(before), _stack_facts(after)),
        features_added=tuple(Item(new.key, new.title) for old, new in features if old is None and new),
        features_removed=tuple(Item(old.key, old.title) for old, new in features if new is None and old),
        features_changed=tuple(_changed_features(features)),
        phases_added=_only_in(phases_after, phases_before),
        phases_removed=_only_in(phases_before, phases_after),
        phases_moved=tuple(_moved(before, after)),
        phases_changed=tuple(_changed_phases(phases_before, phases_after)),
        questions_opened=tuple(
            Item(key, text) for key, text in questions_after.items() if questions_before.get(key) != text
        ),
        questions_closed=tuple(
            Item(key, text) for key, text in questions_before.items() if questions_after.get(key) != text
        ),
        notes_added=tuple((notes_after - notes_before).elements()),
        notes_removed=tuple((notes_before - notes_after).elements()),
        budget=_changes(_budget_facts(before), _budget_facts(after)),
        inputs=_changes(_input_facts(before), _input_facts(after)),
    )


def describe(diff: PlanDiff) -> tuple[str, ...]:
    """A sentence for each difference, the most important first; texts of people are in it as they are."""
    return tuple(_describe(diff))


def _describe(diff: PlanDiff) -> Iterator[str]:
    for change in (*diff.plan, *diff.stack):
        yield f"{_upper(change.name)}: {_from_to(change)}."
    yield from (f"Feature added: {each.title}." for each in diff.features_added)
    yield from (f"Feature removed: {each.title}." for each in diff.features_removed)
    for changed in diff.features_changed:
        details = "; ".join(f"{change.name} {_from_to(change)}" for change in changed.changes)
        yield f"{changed.title}: {details}."
    yield from (f"New question: {each.title}" for each in diff.questions_opened)
    yield from (f"No longer asked: {each.title}" for each in diff.questions_closed)
    yield from (f"Phase added: {each.title}." for each in diff.phases_added)
    yield from (f"Phase removed: {each.title}." for each in diff.phases_removed)
    yield from _describe_moved(diff.phases_moved)
    yield from _describe_changed(diff.phases_changed)
    yield from (f"Now noted: {text}" for text in diff.notes_added)
    yield from (f"No longer noted: {text}" for text in diff.notes_removed)
    for change in diff.budget:
        yield f"{_upper(change.name)}: {_from_to(change)}."
    for change in diff.inputs:
        yield f"Made from another {change.name}."


def _describe_moved(moved: Sequence[MovedPhase]) -> Iterator[str]:
    """Those that only stand elsewhere within their tier, or in the run after, are moved by others: one line
    has them all."""
    shifted = [each for each in moved if each.is_shifted]
    for each in moved:
        if not each.is_shifted or len(shifted) == 1:
            yield f"Phase moved: {each.title}, from {each.before} to {each.after}."
    if len(shifted) > 1:
        titles = listed((each.title for each in shifted), most=_MOST_TITLES)
        yield f"{len(shifted)} phases moved within their tier: {titles}."


def _describe_changed(changed: Sequence[ChangedItem]) -> Iterator[str]:
    for names, titles in group_alike(changed):
        number = "Phase" if len(titles) == 1 else f"{len(titles)} phases"
        yield f"{number} changed: {listed(titles, most=_MOST_TITLES)} ({', '.join(names)})."


def group_alike(changed: Sequence[ChangedItem]) -> list[tuple[tuple[str, ...], list[str]]]:
    """What is changed, and the titles of all in which it is exactly that."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in changed:
        groups.setdefault(tuple(change.name for change in item.changes), []).append(item.title)
    return list(groups.items())


def _from_to(change: Change) -> str:
    if not change.before:
        return f"now {change.after}"
    return f"{change.before} → {change.after or 'nothing'}"


def _in_words(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(as_json(value), sort_keys=True, ensure_ascii=False)


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys((*before, *after))
        if before.get(name, "") != after.get(name, "")
    )


def _plan_facts(plan: PlanDocument) -> dict[str, str]:
    return {
        "title": plan.title,
        "summary": plan.summary,
        "mode": plan.mode.label,
        "project type": plan.project_type.label,
        "conditions": "; ".join(plan.constraints),
        **{f"parameter {name}": _in_words(value) for name, value in plan.parameters.items()},
    }


def _stack_facts(plan: PlanDocument) -> dict[str, str]:
    stack = plan.stack
    return {"stack": stack.title or stack.profile, **{each.slot: each.value for each in stack.slots}}


def _budget_facts(plan: PlanDocument) -> dict[str, str]:
    budget = plan.budget
    return {
        "tokens": f"{budget.tokens:,}",
        "minutes": f"{budget.minutes:,}",
        "CI runs": f"{budget.ci_runs:,}",
        "runs": f"{len(plan.runs):,}",
    }


def _input_facts(plan: PlanDocument) -> dict[str, str]:
    inputs = plan.inputs
    return {
        "catalog": f"{inputs.catalog} {inputs.catalog_digest}",
        "licence policy": f"{inputs.policy} {inputs.policy_digest}",
        "record of earlier reuse": inputs.outcomes_digest,
        "version of lookup": inputs.lookup_engine,
        "version of the planner": inputs.planner,
    }


def _feature_facts(feature: PlannedFeature) -> dict[str, str]:
    source = feature.source
    return {
        "decision": feature.decision.label.lower(),
        "feature": feature.slug or feature.title,
        "source": " ".join((source.repo_id, *source.paths)) if source else "",
        "commit": source.pinned_commit[:12] if source else "",
        "licence": source.license if source else "",
        "source's state": source.verdict.label.lower() if source else "",
        "strength": feature.strength.label.lower(),
        "conditions": "; ".join(feature.constraints),
        "merged into": feature.merged_into,
    }


def _phase_facts(phase: PlannedPhase) -> dict[str, str]:
    return {
        "name": phase.name,
        "category": phase.task_category,
        "complexity": phase.complexity.label.lower(),
        "builder mode": phase.builder_mode,
        "CI profile": phase.ci_profile.label.lower(),
        "description": phase.description,
        "acceptance criteria": "\n".join(phase.acceptance_criteria),
        "allowed paths": "\n".join(phase.allowed_paths),
        "what it depends on": ", ".join(phase.depends_on),
        "token cap": f"{phase.incident_token_cap:,}",
        "what it waits for": phase.blocked,
        "specification": _in_words(phase.spec),
    }


def _pair_features(
    before: Sequence[PlannedFeature], after: Sequence[PlannedFeature]
) -> list[tuple[PlannedFeature | None, PlannedFeature | None]]:
    """In the order of `after`, then what is no longer there."""
    by_key = {each.key: each for each in before}
    new_keys = {each.key for each in after}
    by_slug: dict[str, PlannedFeature] = {}
    for each in before:
        if each.slug and each.key not in new_keys:
            by_slug.setdefault(each.slug, each)
    pairs: list[tuple[PlannedFeature | None, PlannedFeature | None]] = []
    left = dict.fromkeys(by_key)
    for each in after:
        old = by_key.get(each.key) or by_slug.pop(each.slug, None)
        if old is not None:
            left.pop(old.key, None)
        pairs.append((old, each))
    return pairs + [(by_key[key], None) for key in left]


def _changed_features(
    pairs: Iterable[tuple[PlannedFeature | None, PlannedFeature | None]],
) -> Iterator[ChangedItem]:
    for old, new in pairs:
        if old is not None and new is not None:
            changes = _changes(_feature_facts(old), _feature_facts(new))
            if changes:
                yield ChangedItem(new.key, new.title, changes)


def _phases(plan: PlanDocument) -> dict[str, PlannedPhase]:
    return {phase.phase_id: phase for run in plan.runs for phase in run.phases}


def _only_in(phases: Mapping[str, PlannedPhase], others: Mapping[str, PlannedPhase]) -> tuple[Item, ...]:
    return tuple(Item(key, phase.name) for key, phase in phases.items() if key not in others)


def _changed_phases(
    before: Mapping[str, PlannedPhase], after: Mapping[str, PlannedPhase]
) -> Iterator[ChangedItem]:
    for key, phase in after.items():
        if key in before and (changes := _changes(_phase_facts(before[key]), _phase_facts(phase))):
            yield ChangedItem(key, phase.name, changes)


def _moved(before: PlanDocument, after: PlanDocument) -> Iterator[MovedPhase]:
    """Those in another tier or run; and of the others those that were overtaken."""
    places_before, places_after = _places(before), _places(after)
    kept = [key for key in places_after if key in places_before]
    ranks = {key: rank for rank, key in enumerate(key for key in places_before if key in places_after)}
    phases = _phases(after)
    furthest = -1
    for key in kept:
        is_overtaken = ranks[key] < furthest
        furthest = max(furthest, ranks[key])
        (tier_before, run_before), (tier_after, run_after) = places_before[key], places_after[key]
        if places_before[key] != places_after[key]:
            yield MovedPhase(
                key,
                phases[key].name,
                f"{tier_before} in run {run_before}",
                f"{tier_after} in run {run_after}",
                is_shifted=tier_before == tier_after,
            )
        elif is_overtaken:
            yield MovedPhase(key, phases[key].name, "an earlier place", "a later one", is_shifted=True)


def _places(plan: PlanDocument) -> dict[str, tuple[str, int]]:
    """The tier and the run of each phase."""
    places = {}
    for run in plan.runs:
        names = {tier.tier_id: tier.name for tier in run.tiers}
        for phase in run.phases:
            places[phase.phase_id] = names.get(phase.tier_id, phase.tier_id), run.number
    return places


def _notes(plan: PlanDocument) -> Iterator[str]:
    yield from (f"{veto.quote}: {veto.effect}" for veto in plan.vetoes)
    yield from (warning.text for warning in plan.warnings)
    yield from (f"{leftover.text}: {leftover.why}" for leftover in plan.leftovers)
