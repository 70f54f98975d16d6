"""What a plan may cost, from tables. Pure.

Nothing in the tables is measured: they are this planner's estimates, and the basis says so.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from autopack.task_categories import DOCS, HIGH_RISK, REUSE, SCHEMA, SECURITY, TESTS
from catalog_app.choices import CiProfile, Complexity
from catalog_app.planning.snapshot import ReuseRecord, Snapshot
from catalog_app.planning.tiers import Tier, is_standalone, standing
from catalog_app.planning.types import Budget, Decisions, PlannedFeature, PlannedPhase
from catalog_app.planning.wording import listed, one_line

_NEW = {Complexity.LOW: 40_000, Complexity.MEDIUM: 110_000, Complexity.HIGH: 220_000}
_TABLES = {Complexity.LOW: 20_000, Complexity.MEDIUM: 35_000, Complexity.HIGH: 80_000}
_REUSE = {Complexity.LOW: 45_000, Complexity.MEDIUM: 75_000, Complexity.HIGH: 120_000}
_SERVICE = {Complexity.LOW: 30_000, Complexity.MEDIUM: 45_000, Complexity.HIGH: 60_000}
_DOCS = 70_000
_JOURNEYS = 50_000
_JOURNEY = 10_000
_SECURITY_FACTOR = Decimal("1.25")
_STANDALONE_FACTOR = Decimal("1.5")
"""Of building anew what others run as a product of its own."""

_TOKENS_A_MINUTE = 9_000
_MINUTES_A_PHASE = 5
_CI_MINUTES = {CiProfile.NORMAL: 3, CiProfile.STRICT: 6}
_CAP_FACTOR = 2
"""A phase that takes more than this times its estimate is an incident (v7 §9)."""


class Work(Protocol):
    """What says how much a phase takes: what kind of work it is, for which features (keys)."""

    @property
    def task_category(self) -> str: ...
    @property
    def complexity(self) -> Complexity: ...
    @property
    def features(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Estimator:
    """`features` and `outcomes` (how earlier reuse of a feature's source went) by key of the feature."""

    features: Mapping[str, PlannedFeature]
    outcomes: Mapping[str, ReuseRecord]
    multiplier: Decimal
    _known: dict[Hashable, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def tokens(self, phase: Work) -> int:
        """In whole thousands, at least one."""
        # Asked for time and again: to split runs, for their caps, and for the budget.
        work = (phase.task_category, phase.complexity, phase.features)
        if work not in self._known:
            thousands = self._raw(phase) * self.multiplier / 1000
            self._known[work] = max(1, int(thousands.to_integral_value(ROUND_HALF_UP))) * 1000
        return self._known[work]

    def minutes(self, phase: PlannedPhase) -> int:
        return _MINUTES_A_PHASE + self.tokens(phase) // _TOKENS_A_MINUTE + _CI_MINUTES[phase.ci_profile]

    def ci_runs(self, phase: PlannedPhase) -> int:
        """Those with a high risk are expected to need a second one."""
        return 2 if phase.task_category in HIGH_RISK else 1

    def with_cap(self, phase: PlannedPhase) -> PlannedPhase:
        return replace(phase, incident_token_cap=_CAP_FACTOR * self.tokens(phase))

    def _raw(self, phase: Work) -> Decimal:
        """A phase without features of the plan counts as one piece of its complexity."""
        features = [self.features[key] for key in phase.features if key in self.features]
        complexities = [each.complexity for each in features] or [phase.complexity]
        if phase.task_category == REUSE:
            return self._reuse(features[0]) if features else Decimal(_REUSE[phase.complexity])
        if phase.task_category == TESTS:
            return Decimal(_JOURNEYS + _JOURNEY * len(features))
        if phase.task_category == DOCS:
            return Decimal(_DOCS)
        if phase.task_category == SCHEMA and all(standing(each).tier > Tier.DATA for each in features):
            return Decimal(sum(_TABLES[each] for each in complexities))
        total = Decimal(sum(_NEW[each] for each in complexities))
        if any(is_standalone(each) for each in features):
            total *= _STANDALONE_FACTOR
        return total * _SECURITY_FACTOR if phase.task_category == SECURITY and features else total

    def _reuse(self, feature: PlannedFeature) -> Decimal:
        table = _SERVICE if is_standalone(feature) else _REUSE
        record = self.outcomes.get(feature.key)
        return table[feature.complexity] * (retry_factor(record) if record else Decimal(1))


def make_estimator(decisions: Decisions, snapshot: Snapshot) -> Estimator:
    """Stacks that the catalog does not have cost as much as the usual one."""
    multipliers = {stack.slug: stack.budget_multiplier for stack in snapshot.stacks}
    return Estimator(
        features={each.key: each for each in decisions.features},
        outcomes=_find_outcomes(decisions.features, snapshot),
        multiplier=multipliers.get(decisions.stack.profile, Decimal(1)),
    )


def retry_factor(record: ReuseRecord) -> Decimal:
    """From 1 for a source that always worked to nearly 2 for one that never did."""
    return 1 + Decimal(record.tried - record.completed) / (record.tried + 1)


def make_budget(
    phases: Sequence[PlannedPhase],
    all_new: Iterable[Work],
    estimator: Estimator,
    decisions: Decisions,
) -> Budget:
    """`all_new` are the phases that the same features would make without reuse."""
    tokens_reuse = sum(estimator.tokens(each) for each in phases if each.task_category == REUSE)
    tokens_new = sum(estimator.tokens(each) for each in phases if each.task_category != REUSE)
    tokens = tokens_reuse + tokens_new
    tokens_if_all_new = sum(map(estimator.tokens, all_new))
    return Budget(
        tokens=tokens,
        tokens_reuse=tokens_reuse,
        tokens_new=tokens_new,
        tokens_if_all_new=tokens_if_all_new,
        minutes=sum(map(estimator.minutes, phases)),
        ci_runs=sum(map(estimator.ci_runs, phases)),
        basis=tuple(_basis(estimator, decisions, tokens_if_all_new - tokens)),
    )


def _basis(estimator: Estimator, decisions: Decisions, saved: int) -> Iterable[str]:
    yield (
        "The numbers are estimates from the planner's tables, by kind and complexity; nothing in them was "
        f"measured. To build a feature of low, medium or high complexity: {_row(_NEW)} tokens, for "
        f"security {_SECURITY_FACTOR} times that, and for its tables {_row(_TABLES)}. To take one over: "
        f"{_row(_REUSE)}; to run one as a service beside the application: {_row(_SERVICE)}."
    )
    yield (
        f"End-to-end tests: {_JOURNEYS:,} tokens and {_JOURNEY:,} for each feature. Documentation: {_DOCS:,}."
    )
    if decisions.stack.profile:
        yield f"The stack {one_line(decisions.stack.profile)} multiplies tokens by {estimator.multiplier}."
    if saved > 0:
        yield f"Reuse saves about {saved:,} tokens against building everything new."
    elif any(each.source for each in decisions.features):
        yield (
            f"Reuse costs about {-saved:,} tokens more than building everything new: what is taken over is "
            "small. It is taken for what has been tried by others."
        )
    yield _describe_outcomes(estimator)
    yield (
        f"Time counts one phase after the other: {_MINUTES_A_PHASE} minutes for each, one for every "
        f"{_TOKENS_A_MINUTE:,} tokens, and {_CI_MINUTES[CiProfile.NORMAL]} for CI "
        f"({_CI_MINUTES[CiProfile.STRICT]} where it is strict). Phases with a high risk count two runs of "
        "CI."
    )
    yield f"A phase that takes more than {_CAP_FACTOR} times its estimate is stopped as an incident."


def _describe_outcomes(estimator: Estimator) -> str:
    if not estimator.outcomes:
        return "No outcomes of earlier reuse were known for the sources that were chosen."
    told = [
        f"{one_line(estimator.features[key].title)}: {record.completed} of {record.tried} completed, "
        f"counted {retry_factor(record):.2f} times"
        for key, record in estimator.outcomes.items()
    ]
    return f"Earlier reuse of the chosen sources: {listed(told)}."


def _find_outcomes(features: Iterable[PlannedFeature], snapshot: Snapshot) -> dict[str, ReuseRecord]:
    found = {}
    for each in features:
        if each.source is not None:
            record = snapshot.outcomes.get((each.slug, each.source.repo_id, each.source.paths))
            if record is not None and record.tried > 0:
                found[each.key] = record
    return found


def _row(table: Mapping[Complexity, int]) -> str:
    return ", ".join(f"{table[each]:,}" for each in Complexity)
