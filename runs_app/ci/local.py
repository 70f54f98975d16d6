"""CI steps as processes of this machine."""

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from runs_app.ci import junit, probing, sandbox, supervised
from runs_app.ci.errors import CannotHide, CannotStart, ReportError
from runs_app.ci.output import HEAD_BYTES, TAIL_BYTES, StepOutput
from runs_app.ci.protocols import OutputSink
from runs_app.ci.redaction import Redactor, list_secret_values
from runs_app.ci.scratch import Scratch, scratch_folder
from runs_app.ci.types import Isolation, JUnitReport, SandboxReport, StepOutcome, StepResult, StepSpec

CANCEL_POLL_SECONDS = 1.0

_OUTCOMES = {
    "timed_out": StepOutcome.TIMED_OUT,
    "stopped": StepOutcome.CANCELLED,
    "errored": StepOutcome.ERRORED,
}


class LocalCommandRunner:
    """A `CiRunner` that runs steps as supervised processes, in the best sandbox this machine allows.

    A step gets `DEFAULT_PATH`, a HOME and a temporary folder of its own (fresh for every try, removed after
    it, outside the workspace), LANG, CI, USER and its own `env`, and nothing of the worker's environment.
    Its program is looked up on its own PATH. Its output is redacted and capped (see `output`).

    `scratch_root` must exist and be ours; `secret_values` are redacted besides the secrets in `step.env`.
    `isolation` overrides what probing finds; for tests.
    """

    def __init__(
        self,
        scratch_root: Path,
        *,
        secret_values: Iterable[str] = (),
        head_bytes: int = HEAD_BYTES,
        tail_bytes: int = TAIL_BYTES,
        isolation: Isolation | None = None,
    ) -> None:
        self._scratch_root = scratch_root
        self._secret_values = tuple(secret_values)
        self._head_bytes = head_bytes
        self._tail_bytes = tail_bytes
        self._isolation = isolation

    def describe_sandbox(self, hidden_paths: Sequence[Path]) -> SandboxReport:
        """Which isolation steps get here; `hidden_paths` of the report are those that really are hidden."""
        choice = self._choose()
        is_isolated = choice.isolation is not Isolation.NONE
        hidden = tuple(str(path) for path in hidden_paths) if is_isolated else ()
        return SandboxReport(isolation=choice.isolation, reason=choice.reason, hidden_paths=hidden)

    def run_step(
        self,
        step: StepSpec,
        *,
        workspace: Path,
        hidden_paths: Sequence[Path],
        sink: OutputSink,
        is_cancelled: Callable[[], bool],
    ) -> StepResult:
        """See `CiRunner`. What `sink` and `is_cancelled` raise passes through, after the step is dead."""
        started = time.monotonic()
        redactor = Redactor((*self._secret_values, *list_secret_values(step.env)))
        try:
            result = self._run(step, workspace, hidden_paths, redactor, sink, is_cancelled)
        except (CannotStart, CannotHide) as error:
            result = _errored(str(error))
        return replace(
            result,
            duration_seconds=time.monotonic() - started,
            detail=redactor.redact(result.detail),
            junit=_redact_report(result.junit, redactor),
        )

    def _run(
        self,
        step: StepSpec,
        workspace: Path,
        hidden_paths: Sequence[Path],
        redactor: Redactor,
        sink: OutputSink,
        is_cancelled: Callable[[], bool],
    ) -> StepResult:
        choice = self._choose()
        if not workspace.is_dir():
            return _errored(f"the workspace {workspace} is not there")
        with scratch_folder(self._scratch_root) as scratch:
            mark = secrets.token_hex(16)
            env = _make_environment(step, scratch, choice.isolation, mark)
            if problem := _find_missing_program(step, env["PATH"]):
                return _errored(problem)
            before = junit.mark_report(workspace, step.junit_path) if step.junit_path else None
            command = supervised.Command(
                argv=("/bin/sh", "-c", *step.argv) if step.is_shell else step.argv,
                env=env,
                workspace=workspace,
                timeout_seconds=step.timeout_seconds,
                mark=mark,
            )
            job = supervised.make_job(
                command,
                choice.isolation,
                scratch=scratch,
                hidden_paths=hidden_paths,
                bubblewrap=choice.bubblewrap,
            )
            output = StepOutput(sink, redactor, head_bytes=self._head_bytes, tail_bytes=self._tail_bytes)
            with supervised.SupervisedCommand(job, mark=mark) as running:
                canceller = _Canceller(is_cancelled, running.stop)

                def tick() -> None:
                    output.tick()
                    canceller.tick()

                ending = running.follow(output.feed, tick)
            output.finish()
            result = _judge(ending, step)
            if step.junit_path and result.outcome in (StepOutcome.PASSED, StepOutcome.FAILED):
                result = _attach_report(result, workspace, step.junit_path, before)
        return replace(result, output_bytes=output.total_bytes, is_output_truncated=output.is_truncated)

    def _choose(self) -> probing.Choice:
        if self._isolation is None:
            return probing.choose_isolation()
        bubblewrap = probing.find_bubblewrap() if self._isolation is Isolation.BUBBLEWRAP else ""
        return probing.Choice(self._isolation, "chosen by the caller", bubblewrap)


class _Canceller:
    """Asks about once a second and stops once."""

    def __init__(self, is_cancelled: Callable[[], bool], stop: Callable[[], None]) -> None:
        self._is_cancelled = is_cancelled
        self._stop = stop
        self._asks_at = 0.0

    def tick(self) -> None:
        now = time.monotonic()
        if now < self._asks_at:
            return
        self._asks_at = now + CANCEL_POLL_SECONDS
        if self._is_cancelled():
            self._asks_at = float("inf")
            self._stop()


def _make_environment(step: StepSpec, scratch: Scratch, isolation: Isolation, mark: str) -> dict[str, str]:
    tmp = str(scratch.tmp) if isolation is Isolation.NONE else "/tmp"  # noqa: S108 - private in a sandbox
    return {
        "PATH": sandbox.DEFAULT_PATH,
        "HOME": str(scratch.home.resolve()),
        "TMPDIR": tmp,
        "LANG": "C.UTF-8",
        "CI": "true",
        "USER": "ci",
        "LOGNAME": "ci",
        "SHELL": "/bin/sh",
        **dict(step.env),
        supervised.MARK_VARIABLE: mark,
    }


def _find_missing_program(step: StepSpec, path: str) -> str:
    """A program that this machine lacks is its fault; a script that the candidate lacks is not."""
    name = step.argv[0]
    if step.is_shell or "/" in name or shutil.which(name, path=path):
        return ""
    return f"no program {name!r} on this machine (PATH is {path}; a step's env can set another)"


def _judge(ending: supervised.Ending, step: StepSpec) -> StepResult:
    if ending.outcome == "exited":
        code = ending.exit_code
        outcome = StepOutcome.PASSED if code == 0 else StepOutcome.FAILED
        return StepResult(outcome, 0.0, exit_code=code, detail=_describe_code(code or 0))
    detail = ending.detail
    if ending.outcome == "timed_out":
        detail = f"killed after {step.timeout_seconds} s"
    elif ending.outcome == "stopped":
        detail = "cancelled"
    return StepResult(_OUTCOMES[ending.outcome], 0.0, exit_code=ending.exit_code, detail=detail)


def _describe_code(code: int) -> str:
    if code == 0:
        return ""
    meanings = {126: "not executable", 127: "not found", 134: "SIGABRT", 137: "SIGKILL", 139: "SIGSEGV"}
    meanings |= {130: "SIGINT", 143: "SIGTERM"}
    return f"exit code {code} ({meanings[code]})" if code in meanings else f"exit code {code}"


def _attach_report(
    result: StepResult, workspace: Path, path: str, before: junit.ReportMark | None
) -> StepResult:
    """A report that cannot be used is said so, and changes no outcome."""
    try:
        return replace(result, junit=junit.read_report(workspace, path, before=before))
    except ReportError as error:
        return replace(result, detail="; ".join(filter(None, (result.detail, f"no test report: {error}"))))


def _redact_report(report: JUnitReport | None, redactor: Redactor) -> JUnitReport | None:
    if report is None:
        return None
    failed = tuple(
        replace(
            test,
            key=redactor.redact(test.key),
            name=redactor.redact(test.name),
            message=redactor.redact(test.message),
        )
        for test in report.failed
    )
    return replace(report, failed=failed)


def _errored(detail: str) -> StepResult:
    return StepResult(StepOutcome.ERRORED, 0.0, detail=detail)
