"""Green and approved: the branch moves to the tested commit and is tagged (DESIGN §4.7)."""

import time

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.adapters import get_adapter, repository_of
from runs_app.choices import AttemptState, CiRunState, EventKind, PhaseState, RunState, TierState
from runs_app.gitops.types import SnapshotRequest
from runs_app.models import Attempt, CiRun, Phase, Run, Snapshot
from runs_app.services.attempts import keep_answer
from runs_app.services.candidates import AUTOPACK, lock_attempt, object_id
from runs_app.services.endings import complete_run
from runs_app.services.phases import find_next_phase
from runs_app.services.recording import move_attempt, move_phase, move_run, move_tier, record_event


def name_tag(run: Run, phase: Phase) -> str:
    """`autopack/{run_id}/{position}-{phase_id}`: sorts in the order of work."""
    return f"autopack/{run.run_id}/{phase.position + 1:03d}-{phase.phase_id}"


def make_snapshot(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    """Advance the branch for a SNAPSHOTTING attempt and write down that it happened. Repeatable."""
    phase = attempt.phase
    tag_name = name_tag(run, phase)
    started = time.perf_counter()
    get_adapter().record_snapshot(
        SnapshotRequest(
            repo=repository_of(run),
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
    move_phase(run, phase, PhaseState.COMPLETE, actor=actor, completed_at=now, verdict_due_at=None)
    record_event(
        run,
        EventKind.SNAPSHOT,
        actor=actor,
        phase=phase,
        payload={"commit": candidate.commit, "tag": tag_name, "is_tested": is_tested},
    )
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
    if find_next_phase(run) is None:
        complete_run(run, actor=actor)
    else:
        move_run(run, RunState.PHASE_QUEUEING, actor=actor)


def _close_tier(run: Run, phase: Phase, *, actor: Actor) -> None:
    unfinished = phase.tier.phases.exclude(state__in=PhaseState.final()).exists()
    if not unfinished and phase.tier.state == TierState.IN_PROGRESS:
        move_tier(run, phase.tier, TierState.COMPLETE, actor=actor)
