"""What a worker that died had in hand is given to another, once."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack import tasks
from autopack.queue import defer_once
from autopack.worker import STALLED_AFTER_SECONDS

pytestmark = pytest.mark.django_db


def _take(job: ProcrastinateJob, *, seconds_ago: float) -> None:
    """As a worker does that was last heard of then. Procrastinate's models are read-only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))"
            " RETURNING id",
            [seconds_ago],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job.pk]
        )


def _queue() -> ProcrastinateJob:
    defer_once("runs_app.drive_run", lock=None, queueing_lock="drive:1", run_pk=1)
    job: ProcrastinateJob = ProcrastinateJob.objects.latest("id")
    return job


@async_to_sync
async def _recover() -> None:
    await tasks.retry_stalled_jobs(timestamp=0)


def test_the_job_of_a_living_worker_is_left_to_it() -> None:
    job = _queue()
    _take(job, seconds_ago=STALLED_AFTER_SECONDS / 2)
    _recover()
    job.refresh_from_db()
    assert job.status == "doing"


def test_the_job_of_a_dead_worker_waits_for_another() -> None:
    job = _queue()
    _take(job, seconds_ago=STALLED_AFTER_SECONDS * 2)
    _recover()
    job.refresh_from_db()
    assert job.status == "todo"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_was_queued_anew_in_between_is_put_away() -> None:
    dead = _queue()
    _take(dead, seconds_ago=STALLED_AFTER_SECONDS * 2)
    anew = _queue()
    assert anew.pk != dead.pk
    _recover()
    assert [job.pk for job in ProcrastinateJob.objects.all()] == [anew.pk]
