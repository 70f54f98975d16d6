"""CI as clients and workers meet it: external reports, local runs, lost workers, logs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet

from autopack.actors import system_actor
from runs_app.adapters import get_adapter
from runs_app.choices import CiRunState
from runs_app.ci.local import LocalCommandRunner
from runs_app.ci.types import Isolation, SandboxReport, StepOutcome, StepResult, StepSpec
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Attempt, CiRun, IncidentPack, Phase, PhaseIssue
from runs_app.services import ci_runs
from runs_app.services.ci_execution import execute_ci, sweep_workspaces
from runs_app.services.ci_runs import LeaseLost
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop, python_step

CI = system_actor("ci")
NO_SANDBOX = SandboxReport(Isolation.NONE, "a test")
STEP = StepSpec("check", ("true",))


def _report(workshop: Workshop, commit: str, status: str = "passed", **body: Any) -> Json:
    whole = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": status} | body
    return workshop.post("runs/r1/phases/p1/ci_result", whole, role="verifier")


@pytest.fixture
def external(workshop: Workshop) -> Workshop:
    workshop.configure(ci_kind="external")
    return workshop


# External verifiers


def test_a_report_for_a_project_with_its_own_runner_is_forbidden(tested_workshop: Workshop) -> None:
    tested_workshop.start(phases=1)
    commit = tested_workshop.result("p1", "").json()["commit_sha"]
    answer = _report(tested_workshop, commit)
    assert (answer.status_code, answer.json()["code"]) == (403, "ci_is_local")
    assert tested_workshop.phase("p1").state == "CI_RUNNING"


def test_a_report_on_another_commit_is_a_conflict_that_names_the_right_one(external: Workshop) -> None:
    external.start(phases=1)
    none = _report(external, "a" * 40)
    assert (none.status_code, none.json()["code"]) == (409, "commit_mismatch")
    commit = external.result("p1", "").json()["commit_sha"]
    other = _report(external, "a" * 40)
    assert (other.status_code, other.json()["expected_commit"]) == (409, commit)
    assert _report(external, commit[:12]).status_code == 422
    assert _report(external, commit, "green").status_code == 422
    assert _report(external, commit, failures=[{"name": "no key"}]).status_code == 422
    assert _report(external, commit, failures=[{"key": "k"}] * 501).status_code == 422
    assert external.phase("p1").waiting_for == "verifier"


def test_a_report_that_contradicts_the_first_is_a_conflict(external: Workshop) -> None:
    external.start(phases=1)
    commit = external.result("p1", "").json()["commit_sha"]
    _report(external, commit)
    answer = _report(external, commit, "failed", failures=[{"key": "tests::test_total"}])
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (
        409,
        "wrong_state",
        "PASSED",
    )
    assert not PhaseIssue.objects.exists()


def test_a_report_decides_once(external: Workshop) -> None:
    external.start(phases=1)
    commit = external.result("p1", "").json()["commit_sha"]
    first = _report(external, commit, steps=[{"name": "unit", "ok": True}], url="https://ci.example/1")
    assert first.json() == {
        "message": "Recorded.",
        "ci_state": "PASSED",
        "commit_sha": commit,
        "phase_state": "COMPLETE",
    }
    second = _report(external, commit)
    assert second.status_code == 200
    assert second.json() == first.json() | {"message": "Already recorded as PASSED."}
    run = external.run()
    assert (run.state, run.promotion_eligible_to_main, run.ci_runs_used) == ("DONE_SUCCESS", True, 1)
    (ci_run,) = external.get("runs/r1/phases/p1/ci").json()
    assert ci_run["report"]["url"] == "https://ci.example/1"


def test_reports_and_verdicts_wait_for_what_follows_on_request(
    external: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    external.start(phases=1)
    commit = external.result("p1", "", status="needs_review").json()["commit_sha"]
    ids, waited = {"run_id": "r1", "phase_id": "p1"}, []

    def wait(phase_pk: int, *, seconds: float) -> Phase:
        waited.append(seconds)
        return Phase(pk=phase_pk, state="COMPLETE")

    monkeypatch.setattr("runs_app.api.phases.wait_for_phase", wait)
    verdict = ids | {"recommendation": "approve", "review_notes": "Read."}
    report = ids | {"commit_sha": commit, "status": "passed"}
    for role, path, body in (("auditor", "auditor_result", verdict), ("verifier", "ci_result", report)):
        answer = external.post(f"runs/r1/phases/p1/{path}", body, role=role, HTTP_PREFER="wait=7")
        assert (answer.status_code, answer.json()["phase_state"]) == (200, "COMPLETE"), path
    assert waited == [7, 7]


def test_red_reports_make_issues_with_stable_keys(external: Workshop) -> None:
    external.start(phases=1)
    failure = {"key": "tests.cart::test_total", "name": "test_total", "message": "assert 1 == 2"}
    for attempt in (1, 2):
        commit = external.result("p1", "", builder_attempts=attempt).json()["commit_sha"]
        _report(external, commit, "failed", failures=[failure], detail="1 failed")
    issue = PhaseIssue.objects.get()
    assert (issue.issue_key, issue.occurrence_count) == ("test:tests.cart::test_total", 2)
    assert (issue.source, issue.severity, issue.description) == ("test", "minor", "assert 1 == 2")
    assert external.run().minor_issues_count == 1
    assert external.run().tiers.get().cleanliness == "clean"
    assert [a.outcome_detail for a in Attempt.objects.all()] == ["1 failed", "1 failed"]


def test_ci_that_cannot_run_is_the_environments_failure(external: Workshop) -> None:
    external.start(phases=1)
    commit = external.result("p1", "").json()["commit_sha"]
    assert _report(external, commit, "errored", detail="No machine.").json()["phase_state"] == "FAILED"
    run = external.run()
    assert (run.state, run.failure_code, run.failure_reason) == (
        "DONE_FAILED_ENVIRONMENT",
        "ci_errored",
        "No machine.",
    )


def test_a_report_after_the_run_was_cancelled_has_no_effect(external: Workshop) -> None:
    external.start(phases=1)
    commit = external.result("p1", "").json()["commit_sha"]
    external.post("runs/r1/cancel", {"reason": "Enough."}, role="operator")
    answer = _report(external, commit)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert answer.json()["state"] == "CANCELLED"
    assert external.run().state == "DONE_FAILED_REQUIRES_HUMAN_REVIEW"


# Which steps


def test_strict_without_steps_of_its_own_runs_the_normal_ones(tested_workshop: Workshop) -> None:
    plan = tested_workshop.plan(phases=1)
    plan["phases"][0]["ci_profile"] = "strict"
    tested_workshop.post("runs/start", plan, role="planner")
    tested_workshop.result("p1", "")
    ci_run = CiRun.objects.get()
    assert (ci_run.profile, [step["name"] for step in ci_run.steps]) == ("strict", ["check"])


def test_a_phase_without_steps_makes_the_whole_run_untested(workshop: Workshop) -> None:
    workshop.configure(ci_kind="local", ci_strict=[python_step("pass")])
    assert workshop.start(phases=1).json()["is_ci_configured"] is False
    assert workshop.result("p1", "").json()["phase_state"] == "COMPLETE"
    run = workshop.run()
    assert (run.state, run.promotion_eligible_to_main) == ("DONE_SUCCESS", False)
    refused = workshop.post("runs/r1/promote", {}, role="operator")
    assert [e["code"] for e in refused.json()["errors"]] == ["not_tested"]


# The local runner, on real processes


JUNIT = (
    "open('report.xml', 'w').write('<testsuite name=\"s\"><testcase classname=\"C\" name=\"t\">"
    "<failure message=\"broken\"/></testcase></testsuite>')"
)  # fmt: skip


def test_a_red_junit_report_becomes_issues_and_its_end_is_in_the_incident_pack(workshop: Workshop) -> None:
    code = f"{JUNIT}; import sys; sys.stdout.buffer.write(b'caf\\xe9 \\x00 end'); sys.exit(1)"
    workshop.configure(ci_kind="local", ci_normal=[python_step(code, junit="report.xml")])
    plan = workshop.plan(phases=1)
    plan["phases"][0]["max_builder_attempts"] = 1
    workshop.post("runs/start", plan, role="planner")
    workshop.result("p1", "")
    workshop.run_ci()
    assert workshop.run().state == "DONE_FAILED_BUDGET_EXHAUSTED"
    (key,) = PhaseIssue.objects.values_list("issue_key", flat=True)
    assert key.startswith("test:")
    assert "C" in key
    pack = IncidentPack.objects.get().content
    step = pack["failed_phases"][0]["attempts"][0]["ci_runs"][0]["steps"][0]
    assert step["exit_code"] == 1
    assert "caf\ufffd \ufffd end" in step["log_tail"]
    context = workshop.get("runs/r1/phases/p1/context").json()
    assert "end" in context["last_ci_log_tail"]


def test_a_flaky_pass_is_green_and_recorded(workshop: Workshop) -> None:
    code = f"{JUNIT}; import os, sys; seen = os.path.exists('seen'); open('seen', 'w'); sys.exit(not seen)"
    workshop.configure(ci_kind="local", ci_normal=[python_step(code, junit="report.xml", retries=1)])
    workshop.start(phases=1)
    workshop.result("p1", "")
    workshop.run_ci()
    assert workshop.phase("p1").state == "COMPLETE"
    assert CiRun.objects.get().is_flaky
    issue = PhaseIssue.objects.get()
    assert (issue.category, issue.severity, issue.issue_key[:6]) == ("flaky_test", "minor", "flaky:")
    tries = workshop.get("runs/r1/phases/p1/ci").json()[0]["steps"]
    assert [(step["try_number"], step["state"]) for step in tries] == [(1, "FAILED"), (2, "PASSED")]


# Lost workers and leases, without processes


class Worker:
    """Holds a CI run as a real worker does."""

    def __init__(self, pk: int) -> None:
        found = ci_runs.begin_ci(pk, sandbox=NO_SANDBOX, actor=CI)
        assert found is not None
        self.ci_run = found
        self.step = ci_runs.begin_step(found, 0, STEP)

    def pass_all(self) -> None:
        ci_runs.end_step(self.ci_run, self.step, StepResult(StepOutcome.PASSED, 0.1, exit_code=0))
        ci_runs.finish_ci(self.ci_run, CiRunState.PASSED, detail="", actor=CI)

    def late_writes(self) -> Iterator[Any]:
        yield lambda: ci_runs.begin_step(self.ci_run, 1, STEP)
        yield lambda: ci_runs.append_log(self.ci_run, self.step, b"late")
        yield lambda: ci_runs.end_step(self.ci_run, self.step, StepResult(StepOutcome.PASSED, 1))
        yield lambda: ci_runs.finish_ci(self.ci_run, CiRunState.PASSED, detail="", actor=CI)


def _queued(workshop: Workshop, **run: Any) -> int:
    workshop.start(phases=1, **run)
    workshop.result("p1", "")
    return CiRun.objects.values_list("pk", flat=True).get()


def test_a_running_ci_run_is_not_taken_from_a_living_worker(tested_workshop: Workshop, clock: Clock) -> None:
    pk = _queued(tested_workshop)
    worker = Worker(pk)
    clock.advance(seconds=9)
    assert ci_runs.begin_ci(pk, sandbox=NO_SANDBOX, actor=CI) is None
    assert ci_runs.beat(worker.ci_run)
    clock.advance(seconds=9)
    assert ci_runs.begin_ci(pk, sandbox=NO_SANDBOX, actor=CI) is None
    worker.pass_all()
    assert tested_workshop.phase("p1").state == "COMPLETE"
    assert ci_runs.begin_ci(pk, sandbox=NO_SANDBOX, actor=CI) is None, "a finished one is not begun again"


def test_the_steps_of_a_lost_worker_are_void_and_run_again(tested_workshop: Workshop, clock: Clock) -> None:
    pk = _queued(tested_workshop)
    lost = Worker(pk)
    ci_runs.append_log(lost.ci_run, lost.step, b"half a li")
    clock.advance(seconds=11)
    assert sweep()["ci_runs"] in (0, 1), "the first job may still wait in the queue"
    successor = Worker(pk)
    assert successor.step.try_number == 2
    lost.step.refresh_from_db()
    assert (lost.step.state, lost.step.detail) == ("ERRORED", "The worker was lost; run again.")
    assert not ci_runs.beat(lost.ci_run)
    for write in lost.late_writes():
        with pytest.raises(LeaseLost):
            write()
    lost.step.refresh_from_db()
    assert (lost.step.state, lost.step.log_bytes) == ("ERRORED", len(b"half a li"))
    successor.pass_all()
    assert tested_workshop.phase("p1").state == "COMPLETE"
    assert CiRun.objects.get().restarts == 1
    assert tested_workshop.run().ci_runs_used == 1


def test_workers_lost_again_and_again_are_the_environments_failure(
    tested_workshop: Workshop, clock: Clock
) -> None:
    pk = _queued(tested_workshop)
    for _ in range(ci_runs.MAX_RESTARTS + 1):
        Worker(pk)
        clock.advance(seconds=11)
    assert ci_runs.begin_ci(pk, sandbox=NO_SANDBOX, actor=CI) is None
    run = tested_workshop.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_ENVIRONMENT", "ci_errored")
    assert "6 times" in run.failure_reason


def test_a_cancelled_run_takes_the_lease_from_the_worker(tested_workshop: Workshop) -> None:
    worker = Worker(_queued(tested_workshop))
    answer = tested_workshop.post("runs/r1/cancel", {}, role="operator")
    assert answer.json()["state"] == "DONE_FAILED_REQUIRES_HUMAN_REVIEW"
    assert not ci_runs.beat(worker.ci_run)
    for write in worker.late_writes():
        with pytest.raises(LeaseLost):
            write()
    assert CiRun.objects.get().state == "CANCELLED"


def test_ci_that_is_cancelled_while_a_step_runs_stops_quietly(tested_workshop: Workshop) -> None:
    pk = _queued(tested_workshop)

    class CancelledMeanwhile(LocalCommandRunner):
        def run_step(self, *args: Any, **kwargs: Any) -> StepResult:
            tested_workshop.post("runs/r1/cancel", {}, role="operator")
            return StepResult(StepOutcome.CANCELLED, 0.1)

    execute_ci(pk, runner=CancelledMeanwhile(tested_workshop.scratch), git=get_adapter())
    assert CiRun.objects.get().state == "CANCELLED"
    assert sweep_workspaces() == 0


def test_the_workspace_of_a_ci_run_that_begins_during_a_sweep_stays(
    tested_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = _queued(tested_workshop)
    root = settings.AUTOPACK_HOME / "workspaces"
    abandoned = root / "ci-0-gone"
    abandoned.mkdir(parents=True)
    made: list[Path] = []
    look = QuerySet.values_list

    def begin_after(rows: Any, *names: Any, **options: Any) -> Any:
        found = list(look(rows, *names, **options))
        if rows.model is CiRun and not made:
            begun = CiRun.objects.get(pk=pk)
            CiRun.objects.filter(pk=pk).update(state="RUNNING")
            made.append(root / f"ci-{pk}-{begun.lease_id}")
            made[0].mkdir()
        return found

    monkeypatch.setattr(QuerySet, "values_list", begin_after)
    assert sweep_workspaces() == 1
    monkeypatch.undo()
    assert made[0].is_dir()
    assert not abandoned.exists()
    assert sweep_workspaces() == 0


def test_a_commit_that_cannot_be_laid_out_is_the_environments_failure(
    tested_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = _queued(tested_workshop)

    class BrokenDisk(LocalGitCliAdapter):
        def materialise(self, *args: Any) -> None:
            raise OSError(28, "No space left on device")

    with BrokenDisk() as git:
        execute_ci(pk, runner=LocalCommandRunner(tested_workshop.scratch), git=git)
    run = tested_workshop.run()
    assert run.state == "DONE_FAILED_ENVIRONMENT"
    assert "No space left" in run.failure_reason


def test_a_ci_run_that_nobody_took_up_is_queued_again(tested_workshop: Workshop, clock: Clock) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    _queued(tested_workshop)
    assert sweep()["ci_runs"] == 0
    ProcrastinateJob.objects.filter(task_name="runs_app.execute_ci").delete()
    clock.advance(seconds=11)
    assert sweep()["ci_runs"] == 1
    assert sweep()["ci_runs"] == 0, "it waits in the queue now"


def test_steps_that_cannot_be_read_are_the_environments_failure(tested_workshop: Workshop) -> None:
    pk = _queued(tested_workshop)
    CiRun.objects.update(steps=[{"name": 5}])
    tested_workshop.run_ci()
    assert CiRun.objects.get(pk=pk).state == "ERRORED"
    assert tested_workshop.run().state == "DONE_FAILED_ENVIRONMENT"
