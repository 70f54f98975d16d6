"""Builder results: stored, gated, turned into a candidate, answered (DESIGN §4.2 to §4.5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import WrongState
from runs_app.choices import AttemptRole, AttemptState, BuilderStatus, PhaseState, RunState
from runs_app.errors import (
    GateRefused,
    GitUnavailable,
    IdempotencyKeyReused,
    LeaseExpired,
    NotYourClaim,
    OverBudget,
    PhaseComplete,
    PhaseNotReady,
    RunEnded,
)
from runs_app.models import Attempt, Phase, Run
from runs_app.services import budgets
from runs_app.services.attempts import keep_answer, store_patch
from runs_app.services.claims import find_own_claim
from runs_app.services.driving import drive_run
from runs_app.services.issues import IssueReport, record_issues_locked
from runs_app.services.phases import find_next_phase, open_attempt, retry_or_fail, send_to_gate
from runs_app.services.recording import lock_run, move_attempt
from runs_app.services.waiting import wait_for

HOLD_SECONDS = 60
"""How long a result for the next phase is held while the phase before it is in CI (DESIGN §4)."""
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class BuilderResult:
    """What a builder reports. `patch` is the exact bytes; empty means "no change was needed".

    `builder_attempts` is the client's own count: a higher one than the stored result came with asks for a new
    attempt even for equal bytes. `result_key` is the Idempotency-Key.
    """

    status: BuilderStatus
    patch: bytes = b""
    claim_id: UUID | None = None
    result_key: str = ""
    builder_attempts: int | None = None
    tokens_used: int = 0
    notes: str = ""
    probe_results: tuple[Mapping[str, Any], ...] = ()
    suggested_issues: tuple[IssueReport, ...] = ()
    reported: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Equal for the same bytes with the same status."""
        return hashlib.sha256(self.status.encode() + b"\0" + self.patch).hexdigest()


def submit_builder_result(
    phase: Phase, result: BuilderResult, *, actor: Actor, hold_seconds: float | None = None
) -> Attempt:
    """Take a result and bring it as far as it goes at once: to a candidate commit, or further without CI.

    Returns the attempt with its stored answer. Raises GateRefused (every reason), the conflicts of DESIGN §4,
    or GitUnavailable when the result is stored but git could not serve it yet.
    """
    held: list[PhaseNotReady] = []

    def take() -> Attempt | None:
        try:
            return _take_result(phase, result, actor=actor)
        except PhaseNotReady as error:
            if not error.is_in_ci:
                raise
            held[:] = [error]
            return None

    attempt = wait_for(take, seconds=HOLD_SECONDS if hold_seconds is None else hold_seconds)
    if attempt is None:
        raise held[0]
    drive_run(phase.run_id)
    return read_answer(attempt)


def read_answer(attempt: Attempt) -> Attempt:
    """The attempt with the answer it got; a stored refusal is raised again as it was."""
    attempt = Attempt.objects.select_related("phase__run__project", "phase__tier").get(pk=attempt.pk)
    answer = attempt.answer
    if attempt.answer_status == 200:
        return attempt
    if attempt.answer_status == 422:
        raise GateRefused(answer["detail"], errors=answer["errors"], phase_state=answer["phase_state"])
    if attempt.answer_status == 409:
        raise OverBudget(answer["detail"], state=answer["phase_state"], allowed=[])
    if attempt.status in AttemptState.unsettled():
        raise GitUnavailable(
            f"The result is stored as attempt {attempt.number}, but git could not serve it yet: "
            f"{attempt.phase.waiting_reason or 'it is busy'}. It is tried again; ask again later.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )
    raise RunEnded(
        f"The run ended before attempt {attempt.number} was settled.",
        state=attempt.phase.run.state,
        allowed=[],
    )


@transaction.atomic
def _take_result(phase: Phase, result: BuilderResult, *, actor: Actor) -> Attempt:
    run = lock_run(phase.run_id)
    phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
    repeated = _find_repeat(phase, result, actor=actor)
    if repeated is not None:
        return repeated
    attempt = _find_claim(run, phase, result, actor=actor)
    phase = attempt.phase
    _store_result(attempt, result)
    record_issues_locked(run, phase, result.suggested_issues, actor=actor)
    budgets.spend_tokens(run, phase, result.tokens_used)
    if result.status == BuilderStatus.FAILED:
        _end_failed(run, attempt, actor=actor)
    elif exceeded := budgets.find_exceeded(run, phase):
        _end_over_budget(run, attempt, reason=exceeded[1], actor=actor)
    else:
        if result.status == BuilderStatus.NEEDS_REVIEW:
            phase.is_verdict_required = True
            phase.save(update_fields=["is_verdict_required"])
        send_to_gate(run, attempt, actor=actor)
    return attempt


def _find_repeat(phase: Phase, result: BuilderResult, *, actor: Actor) -> Attempt | None:
    """The attempt that already carried this result, if this is a repeat of it."""
    of_builder = phase.attempts.filter(role=AttemptRole.BUILDER)
    if result.result_key:
        keyed = of_builder.filter(holder=actor.identity, result_key=result.result_key).first()
        if keyed is not None:
            if keyed.result_digest != result.digest:
                raise IdempotencyKeyReused(
                    "This Idempotency-Key came with another result before. Use a new key for a new result."
                )
            return keyed
    latest = of_builder.filter(submitted_at__isnull=False).order_by("-number").first()
    if latest is None or latest.result_digest != result.digest:
        return None
    if result.claim_id is not None:
        return latest if latest.claim_id == result.claim_id else None
    is_claimed_anew = of_builder.filter(
        state=AttemptState.CLAIMED, holder=actor.identity, number__gt=latest.number
    ).exists()
    counted: int = latest.reported.get("builder_attempts", phase.builder_attempts)
    is_counted_higher = result.builder_attempts is not None and result.builder_attempts > counted
    return None if is_claimed_anew or is_counted_higher else latest


def _find_claim(run: Run, phase: Phase, result: BuilderResult, *, actor: Actor) -> Attempt:
    """The claim this result belongs to; a v7 client without one claims implicitly when the phase is next."""
    if phase.status == PhaseState.COMPLETE:
        raise PhaseComplete(
            f"Phase {phase.phase_id} is complete; its commit cannot be changed.",
            state=phase.state,
            allowed=[],
        )
    if not run.is_live:
        raise RunEnded(f"Run {run.run_id} has ended.", state=run.state, allowed=[])
    if result.claim_id is not None:
        return find_own_claim(phase, result.claim_id, actor=actor)
    claimed = (
        phase.attempts.filter(state=AttemptState.CLAIMED).select_related("phase__tier", "phase__run").first()
    )
    if claimed is not None:
        if claimed.holder != actor.identity:
            raise NotYourClaim(
                f"Phase {phase.phase_id} is claimed by {claimed.holder_name} until "
                f"{claimed.lease_expires_at.isoformat()}.",
                state=phase.state,
            )
        if claimed.lease_expires_at <= timezone.now():
            raise LeaseExpired("Your lease on this phase has ended. Claim it again.", state=claimed.state)
        return claimed
    if phase.status in PhaseState.final():
        raise WrongState(
            f"Phase {phase.phase_id} is {phase.state}; it takes no more results.",
            state=phase.state,
            allowed=[],
        )
    if phase.status != PhaseState.QUEUED:
        raise WrongState(
            f"Phase {phase.phase_id} is in {phase.state}; it takes a new result when it is QUEUED again.",
            state=phase.state,
            allowed=[],
        )
    following = find_next_phase(run)
    if following is None or following.pk != phase.pk or run.status != RunState.PHASE_QUEUEING:
        raise _not_ready(run, phase, following)
    return open_attempt(run, following, actor=actor, is_implicit=True)


def _not_ready(run: Run, phase: Phase, following: Phase | None) -> PhaseNotReady:
    """Worth holding only where Autopack itself is about to make the phase the next one."""
    is_in_ci = following is not None and following.status in PhaseState.machine_driven()
    if following is not None and is_in_ci:
        waiting = run.phases.filter(state=PhaseState.QUEUED).order_by("position").first()
        is_in_ci = waiting is not None and waiting.pk == phase.pk
    error = PhaseNotReady(
        f"Phase {phase.phase_id} is not next: {following.phase_id if following else 'nothing'} is. "
        "Phases go strictly in order.",
        state=phase.state,
        allowed=[],
        next_phase=following.phase_id if following else None,
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
    error.is_in_ci = is_in_ci
    return error


def _store_result(attempt: Attempt, result: BuilderResult) -> None:
    attempt.submitted_at = timezone.now()
    attempt.result_key = result.result_key
    attempt.result_digest = result.digest
    attempt.builder_status = result.status
    attempt.tokens_used = result.tokens_used
    attempt.notes = result.notes
    attempt.probe_results = [dict(probe) for probe in result.probe_results]
    attempt.reported = dict(result.reported)
    attempt.save(
        update_fields=[
            "submitted_at",
            "result_key",
            "result_digest",
            "builder_status",
            "tokens_used",
            "notes",
            "probe_results",
            "reported",
        ]
    )
    store_patch(attempt, result.patch)


def _end_failed(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    reason = attempt.notes or f"The builder reported attempt {attempt.number} as failed."
    move_attempt(
        run, attempt, AttemptState.FAILED, actor=actor, outcome_code="builder_failed", outcome_detail=reason
    )
    retry_or_fail(run, attempt.phase, actor=actor, reason=reason)
    if run.is_live:
        budgets.fail_if_exceeded(run, attempt.phase, actor=actor)
    attempt.phase.refresh_from_db()
    keep_answer(attempt, 200, message="Attempt recorded as failed.", commit_sha=None)


def _end_over_budget(run: Run, attempt: Attempt, *, reason: str, actor: Actor) -> None:
    move_attempt(
        run, attempt, AttemptState.FAILED, actor=actor, outcome_code="over_budget", outcome_detail=reason
    )
    budgets.fail_if_exceeded(run, attempt.phase, actor=actor)
    attempt.phase.refresh_from_db()
    keep_answer(attempt, 409, detail=reason)
