"""The jobs of runs; each is queued if and only if the caller's rows commit."""

from autopack.queue import defer_once
from runs_app.models import CiRun, Run

EXECUTE_CI = "runs_app.execute_ci"
DRIVE_RUN = "runs_app.drive_run"


def defer_ci(ci_run: CiRun) -> bool:
    """Queue a CI run. False: it is queued already.

    The lock is the CI run's own. Phases go in order, so a branch has one candidate under test anyway (one
    that was superseded is cancelled); a lock of the whole branch would keep each candidate waiting, for up to
    the worker's polling interval, until the job of the one before it has been put away.
    """
    lock = f"ci:{ci_run.pk}"
    return defer_once(EXECUTE_CI, lock=lock, queueing_lock=lock, ci_run_id=ci_run.pk)


def defer_drive(run: Run) -> None:
    """Ask the worker to settle what a run has open in git."""
    defer_once(DRIVE_RUN, lock=None, queueing_lock=f"drive:{run.pk}", run_pk=run.pk)
