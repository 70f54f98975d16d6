"""What a run may spend and which checks a phase gets. Pure: request and policy in, frozen strategy out.

The seam of v7 §7: `plan_strategy` is the one place that decides; the ruleset and the backlog become further
inputs of it.
"""

from runs_app.strategy.defaults import (
    PhaseOutline,
    PhaseStrategy,
    RunCaps,
    RunStrategy,
    is_tier_clean,
    plan_strategy,
)

__all__ = [
    "PhaseOutline",
    "PhaseStrategy",
    "RunCaps",
    "RunStrategy",
    "is_tier_clean",
    "plan_strategy",
]
