"""Work for the worker, deferred in the caller's transaction: it is queued if and only if the rows commit."""

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from runs_app.models import CiRun, Run

EXECUTE_CI = "runs_app.execute_ci"
DRIVE_RUN = "runs_app.drive_run"


def defer_ci(ci_run: CiRun) -> bool:
    """Queue a CI run. False: it is queued already.

    The lock is the CI run's own. Phases go in order, so a branch has one candidate under test anyway (one
    that was superseded is cancelled); a lock of the whole branch would keep each candidate waiting, for up to
    the worker's polling interval, until the job of the one before it has been put away.
    """
    return _defer(EXECUTE_CI, lock=f"ci:{ci_run.pk}", queueing_lock=f"ci:{ci_run.pk}", ci_run_id=ci_run.pk)


def defer_drive(run: Run) -> None:
    """Ask the worker to settle what a run has open in git."""
    _defer(DRIVE_RUN, lock=None, queueing_lock=f"drive:{run.pk}", run_pk=run.pk)


def _defer(name: str, *, lock: str | None, queueing_lock: str, **arguments: int) -> bool:
    # A savepoint: procrastinate finds a job that is queued already by a unique violation, which would
    # otherwise end the caller's transaction.
    try:
        with transaction.atomic():
            app.configure_task(name, lock=lock, queueing_lock=queueing_lock).defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return False
    return True
