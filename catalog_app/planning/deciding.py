"""What becomes of each wish: reuse, new work, or a question. Pure."""

from collections.abc import Mapping, Sequence

from catalog_app.choices import Complexity, FeatureDecision, FeatureOrigin
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Resolution, Snapshot
from catalog_app.planning.types import (
    Decisions,
    PlannedFeature,
    PlanWarning,
    ProjectTypeChoice,
    StackChoice,
)


def decide(
    request: PlanRequest,
    snapshot: Snapshot,  # noqa: ARG001
    resolutions: Mapping[str, Resolution],  # noqa: ARG001
    *,
    warnings: Sequence[PlanWarning] = (),
) -> Decisions:
    """Everything of a plan but its phases. Total; `warnings` are ones that are known already."""
    features = tuple(
        PlannedFeature(
            key=wish.key,
            quotes=(wish.quote,),
            slug="",
            title=wish.quote,
            description="",
            category="",
            complexity=Complexity.MEDIUM,
            strength=wish.strength,
            origin=FeatureOrigin.UNMATCHED,
            confidence=0.0,
            decision=FeatureDecision.BUILD_NEW,
            reason="No feature of the catalog fits.",
            constraints=wish.constraints,
            places=wish.places,
        )
        for wish in request.wishes
    )
    project_type = ProjectTypeChoice(request.project_type, False, ())
    stack = StackChoice("", "", "The catalog has no stack profile.", False, 0.0, (), ())
    return Decisions(project_type, stack, features, (), (), tuple(warnings))
