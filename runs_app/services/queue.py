"""Work for the worker, deferred in the caller's transaction: it is queued if and only if the rows commit."""

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

from runs_app.models import CiRun, Run

EXECUTE_CI = "runs_app.execute_ci"
DRIVE_RUN = "runs_app.drive_run"


def defer_ci(run: Run, ci_run: CiRun) -> bool:
    """Queue a CI run. The lock is per integration branch: CI runs of different runs go in parallel. False: it
    is queued already."""
    return _defer(EXECUTE_CI, lock=f"branch:{run.pk}", queueing_lock=f"ci:{ci_run.pk}", ci_run_id=ci_run.pk)


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
