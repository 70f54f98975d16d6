"""Which queues the worker works on."""

from procrastinate.contrib.django import app

from autopack.worker import CI_QUEUE, OTHER_CONCURRENCY, OTHER_QUEUE, SCAN_QUEUE, plan_lanes


def test_long_work_has_lanes_of_its_own() -> None:
    assert plan_lanes(ci_concurrency=3, scan_concurrency=5) == {
        CI_QUEUE: 3,
        SCAN_QUEUE: 5,
        OTHER_QUEUE: OTHER_CONCURRENCY,
    }


def test_every_task_is_on_a_queue_that_has_a_lane() -> None:
    ours = [task for task in app.tasks.values() if not task.name.startswith("builtin:")]
    assert len(ours) > 5
    assert {task.queue for task in ours} <= set(plan_lanes(ci_concurrency=1, scan_concurrency=1))
