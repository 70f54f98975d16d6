"""Budgets: what is spent is booked, and what is used up ends the run (v7 §9)."""

from django.db.models import F

from autopack.actors import Actor
from runs_app.choices import AttemptState, RunState
from runs_app.models import Phase, Run, Tier
from runs_app.services.endings import fail_run


def spend_tokens(run: Run, phase: Phase, tokens: int) -> None:
    """Book tokens on phase, tier and run."""
    if tokens <= 0:
        return
    run.tokens_used += tokens
    run.save(update_fields=["tokens_used"])
    phase.tokens_used += tokens
    phase.save(update_fields=["tokens_used"])
    Tier.objects.filter(pk=phase.tier_id).update(tokens_used=F("tokens_used") + tokens)


def spend_ci_run(run: Run, phase: Phase) -> None:
    """Book one CI run on phase, tier and run."""
    run.ci_runs_used += 1
    run.save(update_fields=["ci_runs_used"])
    phase.ci_runs_used += 1
    phase.save(update_fields=["ci_runs_used"])
    Tier.objects.filter(pk=phase.tier_id).update(ci_runs_used=F("ci_runs_used") + 1)


def find_exceeded(run: Run, phase: Phase) -> tuple[str, str] | None:
    """Code and reason of the first token cap that is exceeded."""
    if run.tokens_used > run.token_cap:
        return "token_cap", f"The run used {run.tokens_used:,} of {run.token_cap:,} tokens."
    cap = phase.incident_token_cap
    if cap is not None and phase.tokens_used > cap:
        return "phase_token_cap", f"Phase {phase.phase_id} used {phase.tokens_used:,} of {cap:,} tokens."
    return None


def fail_if_exceeded(run: Run, phase: Phase, *, actor: Actor) -> str:
    """End the run if a cap is exceeded. Returns the reason, or an empty string.

    Not while a snapshot is being made: what git may have done already is written down first, and
    `complete_phase` asks again.
    """
    exceeded = find_exceeded(run, phase)
    is_in_snapshot = phase.attempts.filter(state=AttemptState.SNAPSHOTTING).exists()
    if exceeded is None or is_in_snapshot:
        return ""
    code, reason = exceeded
    fail_run(run, RunState.DONE_FAILED_BUDGET_EXHAUSTED, actor=actor, phase=phase, code=code, reason=reason)
    return reason
