"""The v7 state machines, pure (v7 §3, DESIGN §4)."""

from runs_app.lifecycle.transitions import (
    ATTEMPT_TRANSITIONS,
    CI_RUN_TRANSITIONS,
    PHASE_TRANSITIONS,
    RUN_TRANSITIONS,
    TIER_TRANSITIONS,
    IllegalTransition,
    ensure_transition,
    list_allowed,
)

__all__ = [
    "ATTEMPT_TRANSITIONS",
    "CI_RUN_TRANSITIONS",
    "PHASE_TRANSITIONS",
    "RUN_TRANSITIONS",
    "TIER_TRANSITIONS",
    "IllegalTransition",
    "ensure_transition",
    "list_allowed",
]
