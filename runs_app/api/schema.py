"""What the enumerations of the OpenAPI document are called; the settings name each of these."""

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
