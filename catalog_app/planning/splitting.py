"""A plan in parts that fit a run (v7 §9). Pure."""

from collections.abc import Sequence

from catalog_app.planning.budget import Estimator
from catalog_app.planning.drafts import PhasePlan
from catalog_app.planning.types import PlannedPhase, PlannedRun, PlannedTier
from catalog_app.planning.wording import one_line

MAX_PHASES = 25
MAX_TOKENS = 5_000_000
"""v7 §9: what a run may have and take."""

_EXPECTED_TOKENS = 4_000_000
"""What a run is planned to take at most; the rest is left for second attempts."""

_FEWEST_PHASES = 10
"""A run ends at a tier's border rather than inside the tier, unless it would have fewer phases."""

_MARGIN_PERCENT = 150
_MIN_TOKENS = 100_000
_MIN_MINUTES = 30


def split_runs(plan: PhasePlan, title: str, estimator: Estimator) -> tuple[PlannedRun, ...]:
    """Each has at least one phase, and follows the one before."""
    tiers = {tier.tier_id: tier for tier in plan.tiers}
    parts = _split(plan.phases, estimator)
    return tuple(
        _make_run(number, part, tiers, _title(title, number, part, tiers, len(parts)), estimator)
        for number, part in enumerate(parts, 1)
    )


def _split(phases: Sequence[PlannedPhase], estimator: Estimator) -> list[Sequence[PlannedPhase]]:
    parts = []
    start = 0
    while start < len(phases):
        end = start + _fitting(phases[start : start + MAX_PHASES], estimator)
        if end < len(phases):
            end = _last_border(phases, start, end)
        parts.append(phases[start:end])
        start = end
    return parts


def _fitting(phases: Sequence[PlannedPhase], estimator: Estimator) -> int:
    """How many of the phases a run can be expected to finish; at least one."""
    total = 0
    for count, phase in enumerate(phases):
        total += estimator.tokens(phase)
        if total > _EXPECTED_TOKENS and count > 0:
            return count
    return len(phases)


def _last_border(phases: Sequence[PlannedPhase], start: int, end: int) -> int:
    """The last end of a tier that leaves enough phases, else the end that was given."""
    for index in range(end, start + _FEWEST_PHASES - 1, -1):
        if phases[index - 1].tier_id != phases[index].tier_id:
            return index
    return end


def _make_run(
    number: int,
    phases: Sequence[PlannedPhase],
    tiers: dict[str, PlannedTier],
    title: str,
    estimator: Estimator,
) -> PlannedRun:
    tokens = sum(map(estimator.tokens, phases)) * _MARGIN_PERCENT // 100
    minutes = sum(map(estimator.minutes, phases)) * _MARGIN_PERCENT // 100
    return PlannedRun(
        number=number,
        title=title,
        tiers=tuple(tiers[tier_id] for tier_id in dict.fromkeys(phase.tier_id for phase in phases)),
        phases=tuple(estimator.with_cap(phase) for phase in phases),
        token_cap=min(MAX_TOKENS, max(_MIN_TOKENS, _round_up(tokens, 10_000))),
        max_duration_minutes=max(_MIN_MINUTES, _round_up(minutes, 15)),
    )


def _title(
    title: str, number: int, phases: Sequence[PlannedPhase], tiers: dict[str, PlannedTier], count: int
) -> str:
    app = one_line(title, 100) or "Application"
    if count == 1:
        return app
    first, last = tiers[phases[0].tier_id].name, tiers[phases[-1].tier_id].name
    what = one_line(first if first == last else f"{first} to {last}", 70)
    return f"{app}, part {number} of {count}: {what}"


def _round_up(value: int, step: int) -> int:
    return -(-value // step) * step
