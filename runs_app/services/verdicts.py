"""Auditors: asking for one, and what they say (v7 §2, DESIGN §4.6)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import (
    AttemptRole,
    AttemptState,
    EventKind,
    PhaseState,
    Recommendation,
    RunState,
    WaitingFor,
)
from runs_app.errors import CommitMismatch, PhaseComplete, RunEnded
from runs_app.models import Attempt, Candidate, Phase, Run, Verdict
from runs_app.services import budgets
from runs_app.services.attempts import store_patch
from runs_app.services.driving import drive_run
from runs_app.services.issues import IssueReport, record_issues_locked
from runs_app.services.phases import find_next_phase, next_number, open_attempt, send_to_gate
from runs_app.services.recording import lock_run, record_event


@dataclass(frozen=True, slots=True)
class AuditorResult:
    """`patches` are exact bytes, applied in order on top of the candidate through the governed path.

    `reviewed_commit` is the candidate that was reviewed; empty means the one that is there now.
    """

    recommendation: Recommendation
    review_notes: str
    patches: tuple[bytes, ...] = ()
    issues: tuple[IssueReport, ...] = ()
    confidence: str = ""
    tokens_used: int = 0
    reviewed_commit: str = ""

    @property
    def digest(self) -> str:
        """Equal for the same words with the same patches."""
        words = (self.recommendation.value, self.review_notes, self.issues, self.confidence, self.tokens_used)
        parts = [repr(words).encode(), self.reviewed_commit.encode(), *self.patches]
        return hashlib.sha256(b"\0".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()


@transaction.atomic
def request_audit(
    phase: Phase, *, review_focus: str, auditor_profile: str, context: Mapping[str, Any], actor: Actor
) -> Phase:
    """From now on the phase needs a verdict before its snapshot. Raises PhaseComplete, RunEnded."""
    run = lock_run(phase.run_id)
    phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
    if phase.status == PhaseState.COMPLETE:
        raise PhaseComplete(f"Phase {phase.phase_id} is complete already.", state=phase.state, allowed=[])
    if not run.is_live:
        raise RunEnded(f"Run {run.run_id} has ended.", state=run.state, allowed=[])
    if phase.attempts.filter(state=AttemptState.SNAPSHOTTING).exists():
        raise PhaseComplete(
            f"Phase {phase.phase_id} is green and being snapshotted.", state=phase.state, allowed=[]
        )
    phase.is_verdict_required = True
    phase.review_focus = review_focus or phase.review_focus
    phase.auditor_profile = auditor_profile or phase.auditor_profile or "orchestrator_review"
    phase.save(update_fields=["is_verdict_required", "review_focus", "auditor_profile"])
    record_event(
        run,
        EventKind.AUDIT_REQUESTED,
        actor=actor,
        phase=phase,
        payload={
            "review_focus": phase.review_focus,
            "auditor_profile": phase.auditor_profile,
            **dict(context),
        },
    )
    return phase


def submit_auditor_result(phase: Phase, result: AuditorResult, *, actor: Actor) -> Verdict:
    """Take a verdict and its patches. `answer` of the returned row is what the auditor is told.

    On a complete phase or an ended run it is stored without effect. A repeat gives the stored answer.
    Raises CommitMismatch if another candidate has taken the place of the reviewed one.
    """
    repeated = _find_repeat(phase, result, actor=actor)
    if repeated is not None:
        drive_run(phase.run_id)
        return repeated
    reviewed = _find_reviewed(phase, result, actor=actor)
    made: list[Candidate] = []
    refused: list[dict[str, Any]] = []
    has_paid = False
    for index, patch in enumerate(result.patches):
        attempt = _intend_patch(phase, result, index, patch, has_paid=has_paid, actor=actor)
        if not isinstance(attempt, Attempt):
            refused.append({"index": index, "code": "not_applied", "detail": attempt, "errors": []})
            continue
        has_paid = True
        drive_run(phase.run_id)
        candidate = Candidate.objects.filter(attempt=attempt).first()
        if candidate is not None:
            made.append(candidate)
        else:
            refused.append({"index": index, **_describe_refusal(attempt)})
    # Approval goes to what the auditor made of it; a correction answers its own "revise".
    bound = made[-1] if made and result.recommendation != Recommendation.REVISE else reviewed
    commits = [candidate.commit for candidate in made]
    verdict = _store_verdict(phase, result, bound, commits=commits, refused=refused, actor=actor)
    drive_run(phase.run_id)
    verdict.phase.refresh_from_db()
    verdict.answer |= {"phase_state": verdict.phase.state}
    verdict.save(update_fields=["answer"])
    return verdict


def _find_repeat(phase: Phase, result: AuditorResult, *, actor: Actor) -> Verdict | None:
    """The last word of the same auditor, if it is this one and was on what there is to judge now: the same
    candidate still, or what its own patches made of it."""
    latest = phase.verdicts.filter(auditor=actor.identity).order_by("-id").first()
    if latest is None or latest.request_digest != result.digest:
        return None
    current = Candidate.objects.filter(attempt__phase=phase).order_by("-attempt__number").first()
    if current is None:
        return latest
    is_current = latest.candidate_id == current.pk or current.commit in latest.answer["commit_shas"]
    return latest if is_current else None


def _list_unanswered(phase: Phase, result: AuditorResult, *, actor: Actor) -> QuerySet[Attempt]:
    """The attempts that patches of this very result have become, before the process that applied them died
    without storing the verdict."""
    digests = [_digest_patch(result, index) for index in range(len(result.patches))]
    attempts = phase.attempts.filter(
        role=AttemptRole.AUDITOR, holder=actor.identity, result_digest__in=digests
    )
    answered = (
        phase.verdicts.filter(auditor=actor.identity, request_digest=result.digest).order_by("-id").first()
    )
    return attempts if answered is None else attempts.filter(submitted_at__gt=answered.created_at)


def _find_reviewed(phase: Phase, result: AuditorResult, *, actor: Actor) -> Candidate | None:
    """The candidate the verdict is on: the one there is, or the one that unanswered patches corrected."""
    of_phase = Candidate.objects.filter(attempt__phase=phase)
    first = _list_unanswered(phase, result, actor=actor).order_by("number").first()
    if first is not None:
        return of_phase.filter(commit=first.base_commit).first()
    candidate = of_phase.filter(attempt__state__in=AttemptState.tested()).first()
    phase.refresh_from_db()
    is_current = candidate is not None and candidate.commit == result.reviewed_commit
    if is_current or not result.reviewed_commit or phase.status in PhaseState.final():
        return candidate
    expected = candidate.commit if candidate else None
    raise CommitMismatch(
        f"Commit {result.reviewed_commit} is not the candidate under review ({expected or 'there is none'}).",
        state=phase.state,
        allowed=[],
        expected_commit=expected,
    )


def _digest_patch(result: AuditorResult, index: int) -> str:
    return hashlib.sha256(f"{result.digest}:{index}".encode()).hexdigest()


def _describe_refusal(attempt: Attempt) -> dict[str, Any]:
    attempt.refresh_from_db()
    return {
        "code": attempt.outcome_code or "not_settled",
        "detail": attempt.outcome_detail or "git could not serve yet; it is tried again.",
        "errors": list(attempt.refusals.values("code", "path", "line", "detail")),
    }


@transaction.atomic
def _intend_patch(
    phase: Phase, result: AuditorResult, index: int, patch: bytes, *, has_paid: bool, actor: Actor
) -> Attempt | str:
    """Store one suggested patch, to be made a candidate; or why it cannot be applied.

    All patches of one result cost one auditor attempt together: `has_paid` says that an earlier one has.
    """
    run = lock_run(phase.run_id)
    phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
    digest = _digest_patch(result, index)
    made = _list_unanswered(phase, result, actor=actor).filter(result_digest=digest).first()
    if made is not None:
        return made
    base = (
        Candidate.objects.filter(attempt__phase=phase)
        .order_by("-attempt__number")
        .select_related("attempt")
        .first()
    )
    obstacle = _find_obstacle(run, phase, base, has_paid=has_paid)
    if obstacle or base is None:
        return obstacle
    attempt = _open_auditor_attempt(run, phase, has_paid=has_paid, actor=actor)
    attempt.base_commit = base.commit
    attempt.parent_commit = run.tip_commit
    attempt.result_digest = digest
    attempt.submitted_at = timezone.now()
    attempt.save(update_fields=["base_commit", "parent_commit", "result_digest", "submitted_at"])
    store_patch(attempt, patch)
    send_to_gate(run, attempt, actor=actor)
    return attempt


def _find_obstacle(run: Run, phase: Phase, base: Candidate | None, *, has_paid: bool) -> str:
    """Why an auditor's patch cannot be applied now; empty if it can."""
    if not run.is_live or phase.status in PhaseState.final():
        return "The phase is finished; suggestions are recorded, not applied."
    if base is None:
        return "There is no candidate to correct."
    if not has_paid and phase.auditor_attempts >= phase.max_auditor_attempts:
        return f"The phase's {phase.max_auditor_attempts} auditor attempts are used up."
    if phase.attempts.filter(state=AttemptState.SUBMITTED).exists():
        return "Another patch for this phase is in the gate."
    is_correctable = base.attempt.status == AttemptState.CANDIDATE and phase.status == PhaseState.CI_RUNNING
    following = find_next_phase(run)
    is_open_again = (
        phase.status == PhaseState.QUEUED
        and run.status == RunState.PHASE_QUEUEING
        and following is not None
        and following.pk == phase.pk
    )
    return "" if is_correctable or is_open_again else f"The phase is in {phase.state}: somebody works on it."


def _open_auditor_attempt(run: Run, phase: Phase, *, has_paid: bool, actor: Actor) -> Attempt:
    """On a red candidate the auditor takes the phase like a builder; beside one under test it does not move
    the phase: the correction takes its place only when it is a commit."""
    if phase.status == PhaseState.QUEUED:
        return open_attempt(
            run, phase, actor=actor, role=AttemptRole.AUDITOR, is_implicit=True, is_free=has_paid
        )
    now = timezone.now()
    attempt = Attempt.objects.create(
        phase=phase,
        number=next_number(phase),
        role=AttemptRole.AUDITOR,
        holder=actor.identity,
        holder_name=actor.name,
        is_implicit_claim=True,
        claimed_at=now,
        lease_expires_at=now,
    )
    if not has_paid:
        phase.auditor_attempts += 1
        phase.save(update_fields=["auditor_attempts"])
    return attempt


@transaction.atomic
def _store_verdict(
    phase: Phase,
    result: AuditorResult,
    candidate: Candidate | None,
    *,
    commits: list[str],
    refused: list[dict[str, Any]],
    actor: Actor,
) -> Verdict:
    run = lock_run(phase.run_id)
    phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
    repeated = _find_repeat(phase, result, actor=actor)
    if repeated is not None:
        return repeated
    is_effective = run.is_live and phase.status not in PhaseState.final()
    verdict = Verdict.objects.create(
        phase=phase,
        candidate=candidate,
        recommendation=result.recommendation,
        review_notes=result.review_notes,
        confidence=result.confidence,
        tokens_used=result.tokens_used,
        is_effective=is_effective,
        request_digest=result.digest,
        answer={
            "message": _describe_effect(is_effective, candidate),
            "recommendation": str(result.recommendation),
            "patches_applied": len(commits),
            "commit_shas": commits,
            "patches_refused": refused,
            "phase_state": phase.state,
        },
        auditor=actor.identity,
        auditor_name=actor.name,
        created_at=timezone.now(),
    )
    if is_effective and candidate is not None:
        _end_waiting(phase, candidate)
    record_issues_locked(run, phase, result.issues, actor=actor)
    record_event(
        run,
        EventKind.VERDICT,
        actor=actor,
        phase=phase,
        payload={
            "recommendation": str(result.recommendation),
            "commit": candidate.commit if candidate else None,
            "is_effective": is_effective,
        },
    )
    if is_effective:
        budgets.spend_tokens(run, phase, result.tokens_used)
        budgets.fail_if_exceeded(run, phase, actor=actor)
    return verdict


def _end_waiting(phase: Phase, candidate: Candidate) -> None:
    """Nobody waits for an auditor who has spoken: the verdict counts even if this process dies now."""
    is_open = Attempt.objects.filter(pk=candidate.attempt_id, state=AttemptState.CANDIDATE).exists()
    if is_open and phase.waiting_for == WaitingFor.AUDITOR:
        phase.waiting_for, phase.waiting_reason, phase.verdict_due_at = WaitingFor.NOTHING, "", None
        phase.save(update_fields=["waiting_for", "waiting_reason", "verdict_due_at"])


def _describe_effect(is_effective: bool, candidate: Candidate | None) -> str:
    if not is_effective:
        return "Recorded without effect: the phase is finished."
    if candidate is None:
        return "Recorded without effect: there is no candidate under test to judge."
    return "Verdict recorded."
