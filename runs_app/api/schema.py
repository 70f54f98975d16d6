"""The OpenAPI document: which addresses it has and what its enumerations are called."""

from typing import Any

from runs_app import choices

RUN_STATES = choices.RunState.pairs()
PHASE_STATES = choices.PhaseState.pairs()
TIER_STATES = choices.TierState.pairs()
ATTEMPT_STATES = choices.AttemptState.pairs()
CI_RUN_STATES = choices.CiRunState.pairs()
CI_STEP_STATES = choices.CiStepState.pairs()
EVENT_KINDS = choices.EventKind.pairs()
CI_KINDS = choices.CiKind.pairs()
CI_PROFILES = choices.CiProfile.pairs()
SEVERITIES = choices.Severity.pairs()
BUILDER_STATUSES = choices.BuilderStatus.pairs()


def leave_out_aliases(endpoints: list[tuple[Any, ...]], **_: Any) -> list[tuple[Any, ...]]:
    """The same routes answer without the prefix for v7 clients; one description is enough."""
    return [endpoint for endpoint in endpoints if str(endpoint[0]).startswith("/api/v1/")]
