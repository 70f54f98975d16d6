"""What the worker does by itself: how often, and with the jobs of workers that died."""

from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from runs_app import tasks

NOON = datetime(2026, 1, 1, 12, 3, 2, tzinfo=UTC)


@pytest.fixture
def queue(transactional_db: None) -> None:
    """An empty one: pytest-django does not clear the tables of the queue, which Django does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.mark.parametrize("name", ["runs_app.sweep", "runs_app.retry_stalled_jobs"])
def test_sweepers_are_due_every_five_seconds_of_every_minute(name: str) -> None:
    periodic = [
        task for (task_name, _), task in app.periodic_registry.periodic_tasks.items() if task_name == name
    ]
    assert len(periodic) == 1
    schedule = periodic[0].croniter
    schedule.set_current(NOON.timestamp())
    for _ in range(30):
        before = schedule.get_current(datetime)
        assert schedule.get_next(datetime) - before <= timedelta(seconds=5)


def test_a_job_of_a_dead_worker_is_queued_again(queue: None) -> None:
    _leave_job("doing", queueing_lock="ci:1")
    _retry()
    assert _list_jobs() == [("ci:1", "todo")]


def test_a_job_of_a_living_worker_is_left_to_it(queue: None) -> None:
    _leave_job("doing", queueing_lock="ci:1", silent_seconds=1)
    _retry()
    assert _list_jobs() == [("ci:1", "doing")]


def test_a_dead_job_makes_way_for_the_same_work_queued_anew_and_for_the_jobs_after_it(
    queue: None,
) -> None:
    _leave_job("doing", queueing_lock="ci:1")
    _leave_job("todo", queueing_lock="ci:1")
    _leave_job("doing", queueing_lock="ci:2")
    _retry()
    assert _list_jobs() == [("ci:1", "todo"), ("ci:2", "todo")]


def _retry() -> None:
    async_to_sync(tasks.retry_stalled_jobs.func)(timestamp=0)


def _list_jobs() -> list[tuple[str, str]]:
    return list(
        ProcrastinateJob.objects.order_by("queueing_lock", "id").values_list("queueing_lock", "status")
    )


def _leave_job(status: str, *, queueing_lock: str, silent_seconds: int = 60) -> None:
    """A job as a worker left it that has been silent for so long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') "
            "RETURNING id",
            [silent_seconds],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs "
            "(task_name, queue_name, args, status, lock, queueing_lock, worker_id) "
            "VALUES ('runs_app.execute_ci', 'ci', '{}', %s::procrastinate_job_status, %s, %s, %s)",
            [status, queueing_lock, queueing_lock, worker if status == "doing" else None],
        )
