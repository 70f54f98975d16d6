"""From what was decided to tiers, phases, runs and a budget."""

from dataclasses import dataclass
from decimal import Decimal

from catalog_app.choices import CiProfile, Complexity, FeatureDecision
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Snapshot
from catalog_app.planning.types import Budget, Decisions, PlannedPhase, PlannedRun, PlannedTier

MAX_PHASES = 25
MAX_TOKENS = 5_000_000
MAX_MINUTES = 120


@dataclass(frozen=True, slots=True)
class LaidOut:
    runs: tuple[PlannedRun, ...]
    budget: Budget


def lay_out(request: PlanRequest, decisions: Decisions, snapshot: Snapshot) -> LaidOut:
    phases = [
        PlannedPhase(
            phase_id=f"phase-{index + 1}",
            phase_index=index,
            tier_id="features",
            name=feature.title[:200],
            description=feature.description,
            task_category="external_feature_reuse" if feature.source else "feature_scaffolding",
            complexity=Complexity.HIGH if feature.source else feature.complexity,
            builder_mode="scaffolding_heavy",
            ci_profile=CiProfile.STRICT if feature.source else CiProfile.NORMAL,
            acceptance_criteria=(),
            allowed_paths=(),
            depends_on=(),
            incident_token_cap=200_000,
            features=(feature.key,),
        )
        for index, feature in enumerate(
            each for each in decisions.features if each.decision in FeatureDecision.planned()
        )
    ]
    runs = tuple(
        PlannedRun(
            number=number,
            title=request.title,
            tiers=(PlannedTier("features", 0, "Features", ""),),
            phases=tuple(phases[start : start + MAX_PHASES]),
            token_cap=MAX_TOKENS,
            max_duration_minutes=MAX_MINUTES,
        )
        for number, start in enumerate(range(0, len(phases), MAX_PHASES), 1)
    )
    multiplier = {stack.slug: stack.budget_multiplier for stack in snapshot.stacks}.get(
        decisions.stack.profile, Decimal(1)
    )
    tokens = int(100_000 * len(phases) * multiplier)
    return LaidOut(runs, Budget(tokens, 0, tokens, tokens, 20 * len(phases), 2 * len(phases), ()))
