"""One way forward: whatever a run has open between its rows and git is settled here, and only here.

`drive_run` reads the rows, does the next git operation an intent asks for, writes its outcome, and goes on
until there is nothing to do. Every step is idempotent, so a request, a task, the sweeper and a restart may
all call it; the branch lock keeps them from doing the same work at once (DESIGN §4, "Two stores, one truth").
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from autopack.actors import Actor, system_actor
from autopack.git.errors import GitError
from runs_app.adapters import get_adapter, repository_of
from runs_app.choices import AttemptState, RunState, WaitingFor
from runs_app.gitops.errors import BranchConflict, BranchMoved
from runs_app.models import Attempt, Phase, Run
from runs_app.services import candidates, settling, snapshots
from runs_app.services.candidates import as_text
from runs_app.services.endings import fail_run
from runs_app.services.recording import hold_branch, lock_run, move_run

logger = logging.getLogger(__name__)

DRIVER = system_actor("autopack")


def drive_run(run_pk: int, *, is_patient: bool = True) -> bool:
    """Settle everything the run has open. Returns False if another process is at it already (only when not
    patient) or if git could not serve; the sweeper comes back to it."""
    with hold_branch(run_pk, is_patient=is_patient) as is_held:
        if not is_held:
            return False
        while True:
            try:
                if not _take_step(run_pk):
                    return True
            except (BranchMoved, BranchConflict) as error:
                _fail_for_foreign_write(run_pk, error)
            except (GitError, OSError) as error:
                logger.warning("run %s: git could not serve: %s", run_pk, error)
                _note_waiting(run_pk, str(error))
                return False


def _take_step(run_pk: int) -> bool:
    """Do one thing; False when there is nothing left to do for now.

    Looks lightly, and reads rows in full only for the one thing: every result comes by here several times.
    """
    state = RunState(Run.objects.values_list("state", flat=True).get(pk=run_pk))
    if state == RunState.PLAN_BOOTSTRAP:
        run = _read_run(run_pk)
        base = candidates.object_id(run.base_commit)
        get_adapter().ensure_integration_branch(repository_of(run), run.run_id, base=base)
        open_run(run_pk, actor=DRIVER)
        return True
    match _find_open_attempt(run_pk):
        case attempt_pk, AttemptState.SUBMITTED:
            candidates.make_candidate(*_read_attempt(attempt_pk, "patch"), actor=DRIVER)
            return True
        case attempt_pk, AttemptState.SNAPSHOTTING:
            snapshots.make_snapshot(*_read_attempt(attempt_pk, "candidate"), actor=DRIVER)
            return True
        case attempt_pk, _:
            return settling.settle_candidate(attempt_pk, actor=DRIVER)
    if state.is_final:
        _drop_candidates(_read_run(run_pk))
    return False


def _find_open_attempt(run_pk: int) -> tuple[int, AttemptState] | None:
    """An intent before a candidate: an auditor's patch is made while the candidate it corrects is tested."""
    states = [AttemptState.SUBMITTED, AttemptState.SNAPSHOTTING, AttemptState.CANDIDATE]
    found = (
        Attempt.objects.filter(phase__run=run_pk, state__in=states)
        .order_by("number")
        .values_list("pk", "state")
    )
    by_urgency = sorted(found, key=lambda row: states.index(AttemptState(row[1])))
    return (by_urgency[0][0], AttemptState(by_urgency[0][1])) if by_urgency else None


def _read_run(run_pk: int) -> Run:
    return Run.objects.select_related("project").get(pk=run_pk)


def _read_attempt(attempt_pk: int, what: str) -> tuple[Run, Attempt]:
    """An attempt with its phase and its patch or candidate, and the run."""
    attempt = Attempt.objects.select_related("phase", what).get(pk=attempt_pk)
    run = _read_run(attempt.phase.run_id)
    attempt.phase.run = run
    return run, attempt


@transaction.atomic
def open_run(run_pk: int, *, actor: Actor) -> None:
    """The branch exists: freeze the strategy (it was planned with the rows) and queue the phases (v7 §3)."""
    run = lock_run(run_pk)
    if run.status != RunState.PLAN_BOOTSTRAP:
        return
    now = timezone.now()
    move_run(run, RunState.RUN_CREATED, actor=actor, tip_commit=run.base_commit)
    move_run(
        run,
        RunState.PHASE_QUEUEING,
        actor=actor,
        started_at=now,
        deadline_at=now + timedelta(minutes=run.max_duration_minutes),
    )


@transaction.atomic
def _fail_for_foreign_write(run_pk: int, error: GitError) -> None:
    """The branch or tag that was asked for is somebody else's: what was intended did not happen."""
    run = lock_run(run_pk)
    reason = f"The integration branch was changed outside Autopack: {error}"
    for attempt in Attempt.objects.filter(phase__run=run, state=AttemptState.SNAPSHOTTING):
        snapshots.abandon_snapshot(attempt.pk, code=error.code, detail=reason, actor=DRIVER)
    # Abandoning took the next event numbers.
    run.refresh_from_db(fields=["event_count"])
    if run.is_live:
        fail_run(
            run,
            RunState.DONE_FAILED_POLICY_VIOLATION,
            actor=DRIVER,
            code=error.code,
            reason=reason,
        )


@transaction.atomic
def _note_waiting(run_pk: int, reason: str) -> None:
    """Said of a phase that waits for nobody else, or whose snapshot it is."""
    run = lock_run(run_pk)
    stuck = Q(attempts__state=AttemptState.SNAPSHOTTING) | Q(
        attempts__state=AttemptState.SUBMITTED, waiting_for__in=[WaitingFor.NOTHING, WaitingFor.GIT]
    )
    phase = Phase.objects.filter(stuck, run=run).first()
    if phase is not None and run.is_live:
        Phase.objects.filter(pk=phase.pk).update(waiting_for=WaitingFor.GIT, waiting_reason=as_text(reason))


def _drop_candidates(run: Run) -> None:
    """A run that is over needs its candidate refs no more; what was good is on the branch."""
    if run.has_candidate_refs:
        get_adapter().drop_candidates(repository_of(run), run.run_id)
        Run.objects.filter(pk=run.pk).update(has_candidate_refs=False)
