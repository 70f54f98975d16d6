"""The rows of a CI run: who runs it, what each step did, how it ended.

A worker holds a CI run by its `lease_id`. Every write names the lease, so a worker that was thought dead and
comes back late changes nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor, system_actor
from autopack.errors import WrongState
from autopack.worker import STALLED_AFTER_SECONDS
from runs_app.choices import CiKind, CiRunState, CiStepState, EventKind, Severity, WaitingFor
from runs_app.ci.types import SandboxReport, StepResult, StepSpec, TestFailure
from runs_app.errors import CiIsLocal, CommitMismatch
from runs_app.models import CiLogChunk, CiRun, CiStepRun, Phase, Run
from runs_app.services.driving import drive_run
from runs_app.services.issues import IssueReport, record_issues_locked
from runs_app.services.recording import lock_run, move_ci_run, record_event

RUNNER = system_actor("ci")
"""Who runs steps on our own workers."""
STALE_AFTER = timedelta(seconds=STALLED_AFTER_SECONDS)
"""A worker beats every second; one that has not for this long is gone."""
MAX_RESTARTS = 5


class LeaseLost(Exception):
    """The CI run was cancelled, or belongs to another worker now."""


def begin_ci(ci_run_pk: int, *, sandbox: SandboxReport, actor: Actor) -> CiRun | None:
    """Take a queued CI run, or one whose worker is gone, under a new lease. None: there is nothing to do."""
    with transaction.atomic():
        run, ci_run = _lock(ci_run_pk)
        now = timezone.now()
        if ci_run.status == CiRunState.RUNNING and _is_stale(ci_run):
            _take_over(run, ci_run, actor=actor)
        if ci_run.status == CiRunState.QUEUED:
            move_ci_run(
                run,
                ci_run,
                CiRunState.RUNNING,
                actor=actor,
                lease_id=uuid.uuid4(),
                isolation=sandbox.isolation,
                started_at=ci_run.started_at or now,
                heartbeat_at=now,
            )
            if (run.isolation, run.isolation_reason) != (sandbox.isolation, sandbox.reason[:500]):
                run.isolation, run.isolation_reason = sandbox.isolation, sandbox.reason[:500]
                run.save(update_fields=["isolation", "isolation_reason"])
            return ci_run
    if ci_run.status not in CiRunState.live():
        drive_run(run.pk)
    return None


def _is_stale(ci_run: CiRun) -> bool:
    return ci_run.heartbeat_at is None or ci_run.heartbeat_at <= timezone.now() - STALE_AFTER


def _take_over(run: Run, ci_run: CiRun, *, actor: Actor) -> None:
    """The worker died: what it was running is void and the profile starts again, within limits."""
    ci_run.step_runs.filter(state=CiStepState.RUNNING).update(
        state=CiStepState.ERRORED, detail="The worker was lost; run again.", completed_at=timezone.now()
    )
    if ci_run.restarts >= MAX_RESTARTS:
        move_ci_run(
            run,
            ci_run,
            CiRunState.ERRORED,
            actor=actor,
            completed_at=timezone.now(),
            detail=f"The worker was lost {ci_run.restarts + 1} times while running this.",
        )
        return
    move_ci_run(
        run,
        ci_run,
        CiRunState.QUEUED,
        actor=actor,
        restarts=ci_run.restarts + 1,
        detail="The worker was lost; run again.",
    )


def beat(ci_run: CiRun) -> bool:
    """Say that the worker lives. False: the lease is lost, stop."""
    return bool(_held(ci_run).update(heartbeat_at=timezone.now()))


def begin_step(ci_run: CiRun, index: int, step: StepSpec) -> CiStepRun:
    """Open the row of the next try of a step. Raises LeaseLost."""
    with transaction.atomic():
        run, locked = _lock(ci_run.pk)
        _guard(ci_run)
        earlier = ci_run.step_runs.filter(step_index=index).count()
        step_run = CiStepRun.objects.create(
            ci_run=ci_run,
            step_index=index,
            try_number=earlier + 1,
            name=step.name,
            command=" ".join(step.argv),
            started_at=timezone.now(),
        )
        _record_step(run, locked, step_run, before="")
        return step_run


def append_log(ci_run: CiRun, step_run: CiStepRun, content: bytes) -> None:
    """Add output to a step's log. Raises LeaseLost."""
    with transaction.atomic():
        _guard(ci_run)
        CiLogChunk.objects.create(step_run=step_run, offset=step_run.log_bytes, content=content)
        step_run.log_bytes += len(content)
        step_run.save(update_fields=["log_bytes"])


def end_step(ci_run: CiRun, step_run: CiStepRun, result: StepResult) -> None:
    """Write down how a try ended. Raises LeaseLost."""
    with transaction.atomic():
        run, locked = _lock(ci_run.pk)
        _guard(ci_run)
        before = step_run.state
        step_run.state = result.outcome.upper()
        step_run.exit_code = result.exit_code
        step_run.detail = result.detail
        step_run.is_log_truncated = result.is_output_truncated
        step_run.duration_seconds = result.duration_seconds
        step_run.completed_at = timezone.now()
        if result.junit is not None:
            step_run.junit = {
                "tests": result.junit.tests,
                "failures": result.junit.failures,
                "errors": result.junit.errors,
                "skipped": result.junit.skipped,
                "failed": [{"key": t.key, "name": t.name, "message": t.message} for t in result.junit.failed],
            }
        step_run.save()
        _record_step(run, locked, step_run, before=before)


def _record_step(run: Run, ci_run: CiRun, step_run: CiStepRun, *, before: str) -> None:
    record_event(
        run,
        EventKind.CI_STEP,
        actor=RUNNER,
        phase=ci_run.candidate.attempt.phase,
        subject=step_run.name,
        before=before,
        after=step_run.state,
        payload={"ci_run": ci_run.pk, "try": step_run.try_number, "detail": step_run.detail},
    )


def finish_ci(
    ci_run: CiRun,
    state: CiRunState,
    *,
    detail: str,
    is_flaky: bool = False,
    failures: Sequence[TestFailure] = (),
    flaky_tests: Sequence[str] = (),
    actor: Actor,
) -> None:
    """End a CI run and settle its candidate. Failing tests become issues. Raises LeaseLost."""
    with transaction.atomic():
        run, locked = _lock(ci_run.pk)
        _guard(ci_run)
        move_ci_run(
            run, locked, state, actor=actor, detail=detail, is_flaky=is_flaky, completed_at=timezone.now()
        )
        phase = locked.candidate.attempt.phase
        record_issues_locked(
            run, phase, _list_issues(locked, failures=failures, flaky_tests=flaky_tests), actor=actor
        )
    drive_run(run.pk)


def _list_issues(
    ci_run: CiRun, *, failures: Sequence[TestFailure], flaky_tests: Sequence[str]
) -> list[IssueReport]:
    evidence = ({"ci_run": ci_run.pk, "commit": ci_run.commit},)
    failed = [
        IssueReport(
            issue_key=f"test:{failure.key}"[:300],
            # Minor, because it did not get through: a phase completes on a green candidate alone.
            severity=Severity.MINOR,
            source="test",
            category="test_failure",
            description=failure.message,
            evidence_refs=evidence,
        )
        for failure in failures
    ]
    flaky = [
        IssueReport(
            issue_key=f"flaky:{key}"[:300],
            severity=Severity.MINOR,
            source="ci",
            category="flaky_test",
            description="Failed, then passed on the same commit.",
            evidence_refs=evidence,
        )
        for key in flaky_tests
    ]
    return failed + flaky


def report_ci_result(
    phase: Phase,
    *,
    commit: str,
    state: CiRunState,
    detail: str,
    failures: Sequence[TestFailure],
    report: Mapping[str, Any],
    actor: Actor,
) -> tuple[CiRun, bool]:
    """What an external verifier found on a candidate (`ci: external`). The first report counts; the same
    again changes nothing. Returns the CI run and whether it was such a repeat.

    Raises CiIsLocal, CommitMismatch, and WrongState for a report that contradicts the first or comes after
    the CI run was cancelled.
    """
    with transaction.atomic():
        run = lock_run(phase.run_id)
        if run.ci_kind != CiKind.EXTERNAL:
            raise CiIsLocal(
                f"Project {run.project.project_id} is tested by Autopack's own runner; "
                "set `ci: external` in its configuration to report results."
            )
        ci_run = (
            CiRun.objects.filter(candidate__attempt__phase=phase)
            .select_related("candidate__attempt__phase__tier")
            .order_by("-id")
            .first()
        )
        if ci_run is None or ci_run.commit != commit:
            expected = ci_run.commit if ci_run else None
            raise CommitMismatch(
                f"Commit {commit} is not the candidate under test ({expected or 'there is none'}).",
                state=phase.state,
                allowed=[],
                expected_commit=expected,
            )
        is_repeat = ci_run.status == state
        if not is_repeat and ci_run.status != CiRunState.QUEUED:
            raise WrongState(
                f"The CI run of commit {commit} is {ci_run.state} already; {state} is not recorded.",
                state=ci_run.state,
                allowed=[],
            )
        if not is_repeat:
            now = timezone.now()
            move_ci_run(
                run,
                ci_run,
                state,
                actor=actor,
                detail=detail,
                report=dict(report),
                reported_by=actor.name,
                started_at=now,
                completed_at=now,
            )
            locked = ci_run.candidate.attempt.phase
            if locked.waiting_for == WaitingFor.VERIFIER:
                locked.waiting_for, locked.waiting_reason = WaitingFor.NOTHING, ""
                locked.save(update_fields=["waiting_for", "waiting_reason"])
            issues = _list_issues(ci_run, failures=failures, flaky_tests=())
            record_issues_locked(run, locked, issues, actor=actor)
    drive_run(run.pk)
    return CiRun.objects.get(pk=ci_run.pk), is_repeat


def _held(ci_run: CiRun) -> Any:
    return CiRun.objects.filter(pk=ci_run.pk, lease_id=ci_run.lease_id, state=CiRunState.RUNNING)


def _guard(ci_run: CiRun) -> None:
    """The row stays locked until the caller's write is done, so that nobody takes over in between."""
    if not _held(ci_run).select_for_update(of=("self",)).exists():
        raise LeaseLost(f"CI run {ci_run.pk} was cancelled or taken over.")


def _lock(ci_run_pk: int) -> tuple[Run, CiRun]:
    run_pk = CiRun.objects.values_list("candidate__attempt__phase__run_id", flat=True).get(pk=ci_run_pk)
    run = lock_run(run_pk)
    ci_run = CiRun.objects.select_related("candidate__attempt__phase__tier").get(pk=ci_run_pk)
    return run, ci_run
