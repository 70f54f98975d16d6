"""What an operator does to a run: cancel it, correct a phase."""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import AttemptRole, AttemptState, PhaseState, RunState, TierState
from runs_app.errors import IllegalChange
from runs_app.lifecycle import PHASE_TRANSITIONS, list_allowed
from runs_app.models import Phase, Run
from runs_app.services import budgets
from runs_app.services.attempts import cancel_ci
from runs_app.services.driving import drive_run
from runs_app.services.endings import cancel_run_locked, complete_run, fail_run
from runs_app.services.phases import find_next_phase, open_attempt, queue_again
from runs_app.services.recording import (
    hold_branch,
    lock_run,
    move_attempt,
    move_phase,
    move_tier,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """v7 `update_status`. None leaves a count as it is; `tokens_used` is the phase's new total."""

    state: PhaseState
    tokens_used: int | None = None


def cancel_run(run: Run, *, actor: Actor, reason: str = "") -> Run:
    """End a live run. What is open in git is settled first, so nothing is half done; but a run that cannot be
    settled, for whatever reason, can be ended all the same: its snapshot is settled when git is back (see
    `snapshots`). Raises RunEnded."""
    with hold_branch(run.pk):
        try:
            drive_run(run.pk)
        except Exception:
            logger.exception("run %s could not be settled before its cancellation", run.run_id)
        with transaction.atomic():
            cancel_run_locked(lock_run(run.pk), actor=actor, reason=reason)
    return Run.objects.select_related("project").get(pk=run.pk)


def update_phase_status(phase: Phase, update: StatusUpdate, *, actor: Actor) -> Phase:
    """Correct a phase by hand, along the transition table. GATE, CI_RUNNING and COMPLETE are reached by a
    result, a candidate and a snapshot alone. The same state again changes nothing. What is open in git is
    settled first. Raises IllegalChange."""
    drive_run(phase.run_id)
    with transaction.atomic():
        run = lock_run(phase.run_id)
        phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
        if phase.status != update.state:
            _correct(run, phase, update.state, actor=actor)
        if update.tokens_used is not None:
            phase.refresh_from_db()
            budgets.spend_tokens(run, phase, update.tokens_used - phase.tokens_used)
            if run.is_live:
                budgets.fail_if_exceeded(run, phase, actor=actor)
    drive_run(run.pk)
    return Phase.objects.select_related("tier", "run__project").get(pk=phase.pk)


def list_corrections(run: Run, phase: Phase) -> list[str]:
    """The states that `update_status` accepts now."""
    if not run.is_live:
        return []
    if phase.attempts.filter(state__in=AttemptState.unsettled()).exists():
        return []
    by_hand = {PhaseState.QUEUED, PhaseState.FAILED, PhaseState.SKIPPED}
    following = find_next_phase(run)
    if following is not None and following.pk == phase.pk and run.status == RunState.PHASE_QUEUEING:
        by_hand.add(PhaseState.EXECUTING)
    return [state for state in list_allowed(PHASE_TRANSITIONS, phase.status) if state in by_hand]


def _correct(run: Run, phase: Phase, state: PhaseState, *, actor: Actor) -> None:
    allowed = list_corrections(run, phase)
    if state not in allowed:
        raise IllegalChange(
            f"Phase {phase.phase_id} is {phase.state}; it cannot be set to {state}. "
            "COMPLETE, GATE and CI_RUNNING are reached by results and CI alone.",
            state=phase.state,
            allowed=allowed,
        )
    match state:
        case PhaseState.EXECUTING:
            open_attempt(run, phase, actor=actor, is_implicit=True)
        case PhaseState.QUEUED:
            _end_attempts(run, phase, actor=actor)
            queue_again(run, phase, actor=actor)
        case PhaseState.SKIPPED:
            move_phase(run, phase, PhaseState.SKIPPED, actor=actor, completed_at=timezone.now())
            _close_after_skip(run, phase, actor=actor)
        case _:
            fail_run(
                run,
                RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW,
                actor=actor,
                phase=phase,
                code="failed_by_operator",
                reason=f"{actor.name} set phase {phase.phase_id} to FAILED.",
            )


def _end_attempts(run: Run, phase: Phase, *, actor: Actor) -> None:
    """What an operator takes away costs no attempt, and at least one is left to queue the phase for."""
    for attempt in phase.attempts.filter(state__in=AttemptState.open()).select_related("phase"):
        cancel_ci(run, attempt, detail="An operator queued the phase again.", actor=actor)
        move_attempt(run, attempt, AttemptState.CANCELLED, actor=actor, outcome_code="queued_again")
        if attempt.role == AttemptRole.AUDITOR:
            phase.auditor_attempts = max(0, phase.auditor_attempts - 1)
        else:
            phase.builder_attempts -= 1
    phase.builder_attempts = min(phase.builder_attempts, phase.max_builder_attempts - 1)
    phase.save(update_fields=["builder_attempts", "auditor_attempts"])


def _close_after_skip(run: Run, phase: Phase, *, actor: Actor) -> None:
    tier = phase.tier
    states = set(tier.phases.values_list("state", flat=True))
    if states <= {s.value for s in PhaseState.final()}:
        move_tier(
            run,
            tier,
            TierState.SKIPPED if states == {PhaseState.SKIPPED} else TierState.COMPLETE,
            actor=actor,
        )
    if run.status == RunState.PHASE_QUEUEING and find_next_phase(run) is None:
        complete_run(run, actor=actor)
