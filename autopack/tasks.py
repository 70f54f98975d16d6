"""What the worker does for all apps."""

from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from autopack.worker import STALLED_AFTER_SECONDS

EVERY_FIVE_SECONDS = "* * * * * */5"
"""Seconds are the last field, not the first."""


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(name="autopack.retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=False)
async def retry_stalled_jobs(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    """Give the jobs of dead workers, with their locks, to the living."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            await app.job_manager.retry_job(job)
        except exceptions.UniqueViolation:
            # The same work has been queued anew, and waits for the lock that the dead one holds.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
