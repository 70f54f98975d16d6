"""The worker's tasks: each does one thing, on the queue it should."""

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from runs_app import tasks
from runs_app.models import CiRun
from runs_app.services.ci_runs import MAX_RESTARTS
from tests.support.workshop import Workshop


def _jobs(name: str) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("id"))


def test_a_candidate_queues_its_ci_once_under_a_lock_of_its_own(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    workshop.result("p1", "")
    workshop.result("p1", "")
    (job,) = _jobs("runs_app.execute_ci")
    ci_run = CiRun.objects.get()
    assert job.queue_name == "ci"
    assert (job.lock, job.queueing_lock) == (f"ci:{ci_run.pk}", f"ci:{ci_run.pk}")
    assert job.args == {"ci_run_id": ci_run.pk}


def test_a_refused_patch_queues_nothing(tested_workshop: Workshop) -> None:
    tested_workshop.start(phases=1)
    tested_workshop.result("p1", "no patch")
    assert _jobs("runs_app.execute_ci") == []


def test_the_task_runs_the_profile_to_the_end_and_again_changes_nothing(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    workshop.result("p1", "")
    (job,) = _jobs("runs_app.execute_ci")
    for _ in range(2):
        tasks.run_ci(**job.args)
    run = workshop.run()
    assert (run.state, run.ci_runs_used) == ("DONE_SUCCESS", 1)
    assert CiRun.objects.get().restarts == 0 < MAX_RESTARTS
    (drive,) = _jobs("runs_app.drive_run")
    tasks.settle_run(**drive.args)
    assert not workshop.run().has_candidate_refs


@pytest.mark.parametrize("name", ["runs_app.execute_ci", "runs_app.drive_run", "runs_app.sweep"])
def test_the_tasks_that_are_queued_by_name_exist(name: str) -> None:
    assert app.tasks[name].name == name


def test_the_sweep_has_nothing_to_do_in_an_empty_house(db: None) -> None:
    tasks.sweep_runs(timestamp=0)
