"""How a run ends: success, one of the failures, or a cancellation."""

from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import (
    AttemptState,
    EventKind,
    PhaseState,
    RunState,
    TierState,
)
from runs_app.errors import RunEnded
from runs_app.models import Attempt, IncidentPack, Phase, Run
from runs_app.services import incidents
from runs_app.services.attempts import cancel_ci
from runs_app.services.eligibility import assess_debt, list_quality_obstacles
from runs_app.services.queue import defer_drive
from runs_app.services.recording import (
    move_attempt,
    move_phase,
    move_run,
    move_tier,
    record_event,
)
from runs_app.services.reporting import report_outcome


def complete_run(run: Run, *, actor: Actor) -> None:
    """Every phase is finished: DONE_SUCCESS. It may be promoted if nothing speaks against it (v7 §10)."""
    for tier in run.tiers.filter(state__in=[TierState.PENDING, TierState.IN_PROGRESS]):
        move_tier(run, tier, TierState.COMPLETE, actor=actor)
    move_run(
        run,
        RunState.DONE_SUCCESS,
        actor=actor,
        completed_at=timezone.now(),
        debt_status=assess_debt(run),
        promotion_eligible_to_main=not list_quality_obstacles(run),
    )
    report_outcome(run)
    defer_drive(run)


def fail_run(
    run: Run,
    state: RunState,
    *,
    actor: Actor,
    code: str,
    reason: str,
    phase: Phase | None = None,
) -> None:
    """End a live run as failed: what is open is cancelled, what was to come is skipped, and the evidence is
    kept. The caller holds the run's lock."""
    _cancel_open_work(run, actor=actor, reason=reason)
    failed_tiers: set[int] = set()
    for open_phase in run.phases.exclude(state__in=PhaseState.final()).select_related("tier", "run"):
        is_culprit = open_phase.status in PhaseState.active() or (
            phase is not None and open_phase.pk == phase.pk
        )
        if is_culprit:
            failed_tiers.add(open_phase.tier_id)
        move_phase(
            run,
            open_phase,
            PhaseState.FAILED if is_culprit else PhaseState.SKIPPED,
            actor=actor,
            failure_code=code if is_culprit else "run_ended",
            failure_reason=reason if is_culprit else "",
            completed_at=timezone.now(),
        )
    for tier in run.tiers.filter(state__in=[TierState.PENDING, TierState.IN_PROGRESS]):
        has_started = tier.state == TierState.IN_PROGRESS
        ended = TierState.FAILED if has_started or tier.pk in failed_tiers else TierState.SKIPPED
        move_tier(run, tier, ended, actor=actor)
    if code in {"attempts_used_up", "token_cap", "duration_cap", "phase_token_cap"}:
        record_event(
            run, EventKind.BUDGET, actor=actor, phase=phase, payload={"code": code, "detail": reason}
        )
    move_run(
        run,
        state,
        actor=actor,
        completed_at=timezone.now(),
        debt_status=assess_debt(run),
        failure_code=code,
        failure_reason=reason,
    )
    IncidentPack.objects.create(run=run, content=incidents.gather_incident(run), created_at=timezone.now())
    report_outcome(run)
    defer_drive(run)


def cancel_run_locked(run: Run, *, actor: Actor, reason: str) -> None:
    """v7 knows no cancelled state: a person ended the run, so it needs a person's review."""
    if not run.is_live:
        raise RunEnded(f"Run {run.run_id} has ended already.", state=run.state, allowed=[])
    fail_run(
        run,
        RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW,
        actor=actor,
        code="cancelled",
        reason=reason or f"Cancelled by {actor.name}.",
    )


def _cancel_open_work(run: Run, *, actor: Actor, reason: str) -> None:
    """A snapshot that may have happened in git is left to be settled (see `snapshots`)."""
    open_attempts = Attempt.objects.filter(phase__run=run, state__in=AttemptState.open())
    for attempt in open_attempts.select_related("phase"):
        cancel_ci(run, attempt, detail="The run ended.", actor=actor)
        if attempt.status != AttemptState.SNAPSHOTTING:
            move_attempt(
                run,
                attempt,
                AttemptState.CANCELLED,
                actor=actor,
                outcome_code="run_ended",
                outcome_detail=reason,
            )
