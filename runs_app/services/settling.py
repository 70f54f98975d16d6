"""What becomes of a candidate once CI and the auditor have spoken (DESIGN §4.5 to §4.8)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import (
    AttemptState,
    CiRunState,
    Recommendation,
    RunState,
    WaitingFor,
)
from runs_app.models import Attempt, CiRun, Phase, Run, Verdict
from runs_app.services.candidates import lock_attempt
from runs_app.services.endings import fail_run
from runs_app.services.phases import retry_or_fail
from runs_app.services.recording import move_attempt


@transaction.atomic
def settle_candidate(attempt_pk: int, *, actor: Actor) -> bool:
    """Decide on a CANDIDATE from what is stored. Returns whether something changed.

    Red: another attempt or the end. Green without a needed verdict, or approved: SNAPSHOTTING, the intent to
    advance the branch. Revised or escalated: another attempt. Otherwise it waits, and says for whom. A
    verdict that comes while CI runs counts when CI is done. A correction that is in the gate comes first.
    """
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status != AttemptState.CANDIDATE:
        return False
    if attempt.phase.attempts.filter(state=AttemptState.SUBMITTED).exists():
        # It was stored after the caller looked: looking again finds it.
        return True
    ci_run = CiRun.objects.filter(candidate__attempt=attempt).order_by("-id").first()
    if ci_run is None or ci_run.status in CiRunState.live():
        return False
    match ci_run.status:
        case CiRunState.FAILED:
            _end_red(run, attempt, ci_run, actor=actor)
            return True
        case CiRunState.PASSED | CiRunState.NOT_CONFIGURED:
            return _settle_green(run, attempt, actor=actor)
        case _:
            _end_without_ci(run, attempt, ci_run, actor=actor)
            return True


def _find_verdict(attempt: Attempt) -> Verdict | None:
    """The latest effective verdict on exactly this candidate; a new attempt has none."""
    return Verdict.objects.filter(candidate__attempt=attempt, is_effective=True).order_by("-id").first()


def _settle_green(run: Run, attempt: Attempt, *, actor: Actor) -> bool:
    phase, verdict = attempt.phase, _find_verdict(attempt)
    if verdict is not None and verdict.recommendation != Recommendation.APPROVE:
        _reject(run, attempt, verdict, actor=actor)
        return True
    if phase.is_verdict_required and verdict is None:
        return _wait_for_auditor(run, phase)
    move_attempt(run, attempt, AttemptState.SNAPSHOTTING, actor=actor)
    return True


def _wait_for_auditor(run: Run, phase: Phase) -> bool:
    if phase.waiting_for == WaitingFor.AUDITOR:
        return False
    phase.waiting_for = WaitingFor.AUDITOR
    phase.waiting_reason = "CI is green; the phase waits for an auditor's verdict on this commit."
    phase.verdict_due_at = timezone.now() + timedelta(seconds=run.verdict_timeout_seconds)
    phase.save(update_fields=["waiting_for", "waiting_reason", "verdict_due_at"])
    return False


def _end_red(run: Run, attempt: Attempt, ci_run: CiRun, *, actor: Actor) -> None:
    reason = ci_run.detail or "CI failed."
    move_attempt(run, attempt, AttemptState.RED, actor=actor, outcome_code="ci_failed", outcome_detail=reason)
    retry_or_fail(run, attempt.phase, actor=actor, reason=reason)


def _reject(run: Run, attempt: Attempt, verdict: Verdict, *, actor: Actor) -> None:
    is_escalated = verdict.recommendation == Recommendation.ESCALATE
    reason = f"The auditor ({verdict.auditor_name}) said {verdict.recommendation}: {verdict.review_notes}"
    move_attempt(
        run,
        attempt,
        AttemptState.REJECTED,
        actor=actor,
        outcome_code=f"auditor_{verdict.recommendation}",
        outcome_detail=reason,
    )
    retry_or_fail(
        run,
        attempt.phase,
        actor=actor,
        reason=reason,
        exhausted=(
            RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW
            if is_escalated
            else RunState.DONE_FAILED_BUDGET_EXHAUSTED
        ),
    )


def _end_without_ci(run: Run, attempt: Attempt, ci_run: CiRun, *, actor: Actor) -> None:
    """CI could not be run at all: the machine's fault, so no attempt of the builder pays for it."""
    reason = ci_run.detail or f"CI ended as {ci_run.state}."
    move_attempt(
        run, attempt, AttemptState.FAILED, actor=actor, outcome_code="ci_errored", outcome_detail=reason
    )
    fail_run(
        run,
        RunState.DONE_FAILED_ENVIRONMENT,
        actor=actor,
        phase=attempt.phase,
        code="ci_errored",
        reason=reason,
    )


@transaction.atomic
def expire_verdict(phase_pk: int, *, actor: Actor) -> bool:
    """A verdict that is overdue fails the run (DESIGN §4), unless there is one that nobody has acted on yet.
    Returns whether this call did."""
    attempt = Attempt.objects.filter(phase_id=phase_pk, state=AttemptState.CANDIDATE).first()
    if attempt is None:
        return False
    run, attempt = lock_attempt(attempt.pk)
    phase = attempt.phase
    is_waiting = attempt.status == AttemptState.CANDIDATE and phase.waiting_for == WaitingFor.AUDITOR
    if not is_waiting or phase.verdict_due_at is None or phase.verdict_due_at > timezone.now():
        return False
    if _find_verdict(attempt) is not None:
        return False
    fail_run(
        run,
        RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW,
        actor=actor,
        phase=phase,
        code="verdict_overdue",
        reason=f"No auditor gave a verdict on phase {phase.phase_id} in time.",
    )
    return True
