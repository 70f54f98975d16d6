"""Jobs are queued with the rows of the caller, and never twice."""

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.queue import defer_once

pytestmark = pytest.mark.django_db

NAME = "autopack.retry_stalled_jobs"


def _defer(key: str) -> bool:
    return defer_once(NAME, lock=f"of:{key}", queueing_lock=key, timestamp=7)


def test_what_waits_already_is_not_queued_again_and_the_transaction_goes_on() -> None:
    with transaction.atomic():
        assert _defer("a")
        assert not _defer("a")
        assert _defer("b")
    jobs = ProcrastinateJob.objects.order_by("id")
    assert [(job.lock, job.queueing_lock) for job in jobs] == [("of:a", "a"), ("of:b", "b")]
    assert {(job.task_name, job.queue_name, job.args["timestamp"]) for job in jobs} == {(NAME, "default", 7)}


def test_a_transaction_that_is_rolled_back_queues_nothing() -> None:
    with transaction.atomic():
        _defer("a")
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
