"""Green and approved: the branch moves to the tested commit and is tagged (DESIGN §4.7).

A run may end while git is away and a snapshot is open: cancelled, or out of time. Its intent outlives it and
is settled when git is back. If the branch holds the commit, the snapshot is recorded and the run's tip is
there, though the phase stays as the run's end left it; if not, the attempt is cancelled and the branch stays.
"""

import time

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.adapters import get_adapter, repository_of
from runs_app.choices import AttemptState, CiRunState, EventKind, PhaseState, RunState, TierState
from runs_app.gitops.types import SnapshotRequest
from runs_app.lifecycle import PHASE_TRANSITIONS, RUN_TRANSITIONS
from runs_app.models import Attempt, CiRun, Phase, Run, Snapshot
from runs_app.services import budgets
from runs_app.services.attempts import keep_answer
from runs_app.services.candidates import AUTOPACK, lock_attempt, object_id
from runs_app.services.endings import complete_run
from runs_app.services.phases import find_next_phase
from runs_app.services.recording import (
    ensure_change,
    move_attempt,
    move_phase,
    move_run,
    move_tier,
    record_event,
)


def name_tag(run: Run, phase: Phase) -> str:
    """`autopack/{run_id}/{position}-{phase_id}`: sorts in the order of work."""
    return f"autopack/{run.run_id}/{phase.position + 1:03d}-{phase.phase_id}"


def make_snapshot(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    """Advance the branch for a SNAPSHOTTING attempt and write down that it happened. Repeatable.

    Raises IllegalChange before git is touched if the phase cannot become COMPLETE.
    """
    if not _ensure_completable(attempt.pk):
        return
    phase = attempt.phase
    tag_name = name_tag(run, phase)
    adapter, repo = get_adapter(), repository_of(run)
    if not run.is_live and adapter.find_branch(repo, run.integration_branch) != attempt.candidate.commit:
        abandon_snapshot(attempt.pk, code="run_ended", detail=run.failure_reason, actor=actor)
        return
    started = time.perf_counter()
    adapter.record_snapshot(
        SnapshotRequest(
            repo=repo,
            run_id=run.run_id,
            phase_id=phase.phase_id,
            expected=object_id(run.tip_commit),
            commit=object_id(attempt.candidate.commit),
            tag_name=tag_name,
            tag_message=f"{phase.name}\n\nRun {run.run_id}, phase {phase.phase_id}.\n",
            tagger=AUTOPACK,
            tagged_at=attempt.submitted_at or attempt.claimed_at,
        )
    )
    complete_phase(attempt.pk, tag_name, snapshot_seconds=time.perf_counter() - started, actor=actor)


@transaction.atomic
def _ensure_completable(attempt_pk: int) -> bool:
    """What `complete_phase` will ask for, asked while nothing has happened yet."""
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status != AttemptState.SNAPSHOTTING:
        return False
    if run.is_live:
        ensure_change(PHASE_TRANSITIONS, attempt.phase.status, PhaseState.COMPLETE)
        ensure_change(RUN_TRANSITIONS, run.status, RunState.SNAPSHOT_CREATED)
    return True


@transaction.atomic
def abandon_snapshot(attempt_pk: int, *, code: str, detail: str, actor: Actor) -> None:
    """The branch does not hold the commit and is not going to."""
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status == AttemptState.SNAPSHOTTING:
        move_attempt(
            run, attempt, AttemptState.CANCELLED, actor=actor, outcome_code=code, outcome_detail=detail
        )


@transaction.atomic
def complete_phase(attempt_pk: int, tag_name: str, *, snapshot_seconds: float, actor: Actor) -> None:
    """The one place where a phase becomes COMPLETE: its branch holds the commit that CI passed."""
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status != AttemptState.SNAPSHOTTING:
        return
    phase, candidate = attempt.phase, attempt.candidate
    is_tested = CiRun.objects.filter(candidate=candidate, state=CiRunState.PASSED).exists()
    now = timezone.now()
    Snapshot.objects.create(
        phase=phase,
        candidate=candidate,
        commit=candidate.commit,
        parent=candidate.parent,
        tag_name=tag_name,
        is_tested=is_tested,
        created_at=now,
    )
    move_attempt(run, attempt, AttemptState.ACCEPTED, actor=actor, snapshot_seconds=snapshot_seconds)
    record_event(
        run,
        EventKind.SNAPSHOT,
        actor=actor,
        phase=phase,
        payload={"commit": candidate.commit, "tag": tag_name, "is_tested": is_tested},
    )
    if not run.is_live:
        run.tip_commit = candidate.commit
        run.save(update_fields=["tip_commit"])
        return
    move_phase(run, phase, PhaseState.COMPLETE, actor=actor, completed_at=now, verdict_due_at=None)
    if not is_tested and not phase.is_verdict_required:
        # Made in one go with its result: the stored answer is the final one.
        keep_answer(attempt, 200, message="Patch accepted; no CI configured.", commit_sha=candidate.commit)
    _close_tier(run, phase, actor=actor)
    move_run(
        run,
        RunState.SNAPSHOT_CREATED,
        actor=actor,
        tip_commit=candidate.commit,
        phases_complete=run.phases_complete + 1,
    )
    if budgets.fail_if_exceeded(run, phase, actor=actor):
        return
    if find_next_phase(run) is None:
        complete_run(run, actor=actor)
    else:
        move_run(run, RunState.PHASE_QUEUEING, actor=actor)


def _close_tier(run: Run, phase: Phase, *, actor: Actor) -> None:
    unfinished = phase.tier.phases.exclude(state__in=PhaseState.final()).exists()
    if not unfinished and phase.tier.state == TierState.IN_PROGRESS:
        move_tier(run, phase.tier, TierState.COMPLETE, actor=actor)
