"""Decisions as phases and runs, with what they may cost. Pure."""

from dataclasses import dataclass

from catalog_app.choices import CiProfile, FeatureDecision
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Snapshot
from catalog_app.planning.types import Budget, Decisions, PlannedPhase, PlannedRun, PlannedTier


@dataclass(frozen=True, slots=True)
class LaidOut:
    runs: tuple[PlannedRun, ...]
    budget: Budget


def lay_out(request: PlanRequest, decisions: Decisions, snapshot: Snapshot) -> LaidOut:  # noqa: ARG001
    """One phase for each planned feature, in their order."""
    planned = [feature for feature in decisions.features if feature.decision in FeatureDecision.planned()]
    phases = tuple(
        PlannedPhase(
            phase_id=f"F{index + 1}",
            phase_index=index,
            tier_id="T1",
            name=feature.title[:200],
            description=feature.description,
            task_category="feature_scaffolding",
            complexity=feature.complexity,
            builder_mode="",
            ci_profile=CiProfile.NORMAL,
            acceptance_criteria=(),
            allowed_paths=(),
            depends_on=(),
            incident_token_cap=0,
            features=(feature.key,),
        )
        for index, feature in enumerate(planned)
    )
    tier = PlannedTier("T1", 0, "Features", "")
    run = PlannedRun(1, request.title, (tier,), phases, 0, 0)
    return LaidOut((run,) if phases else (), Budget(0, 0, 0, 0, 0, 0, ()))
