"""Running a candidate's profile on this worker: materialise, run every step, report (v7 §10)."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection, connections

from autopack.git.errors import GitError
from autopack.models import Project
from runs_app.choices import CiProfile, CiRunState
from runs_app.ci.config import parse_steps
from runs_app.ci.preflight import FailStep, PassStep, next_action
from runs_app.ci.protocols import CiRunner
from runs_app.ci.scratch import remove_tree, sweep_scratch
from runs_app.ci.types import StepOutcome, StepResult, StepSpec, TestFailure
from runs_app.gitops.protocols import GitAdapter, RepositoryInspector
from runs_app.gitops.types import ObjectId
from runs_app.models import CiRun, CiStepRun, Run
from runs_app.services import ci_runs
from runs_app.services.ci_runs import RUNNER, LeaseLost

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0


@dataclass(slots=True)
class _Findings:
    """What the steps of one profile have shown so far."""

    failures: list[TestFailure] = field(default_factory=list)
    flaky_tests: list[str] = field(default_factory=list)
    is_flaky: bool = False


class _DatabaseSink:
    """Puts a step's output into its log rows."""

    def __init__(self, ci_run: CiRun, step_run: CiStepRun) -> None:
        self._ci_run = ci_run
        self._step_run = step_run

    def write(self, chunk: bytes) -> None:
        ci_runs.append_log(self._ci_run, self._step_run, chunk)


def execute_ci(ci_run_pk: int, *, runner: CiRunner, git: GitAdapter) -> None:
    """Run one CI run to its end. Safe to call again for the same one, also after a crash."""
    repository = Path(
        CiRun.objects.values_list("candidate__attempt__phase__run__repo_path", flat=True).get(pk=ci_run_pk)
    )
    hidden = list_hidden_paths(git)
    ci_run = ci_runs.begin_ci(ci_run_pk, sandbox=runner.describe_sandbox(hidden), actor=RUNNER)
    if ci_run is None:
        return
    try:
        try:
            with _keep_beating(ci_run) as is_lost, _workspace(ci_run) as workspace:
                git.materialise(repository, ObjectId(ci_run.commit), workspace)
                _run_profile(ci_run, runner, workspace, hidden, is_lost)
        except (GitError, OSError) as error:
            detail = f"The commit could not be laid out for CI: {error}"
            _finish(ci_run, CiRunState.ERRORED, detail, _Findings())
    except LeaseLost:
        logger.info("CI run %s was cancelled or taken over", ci_run_pk)


def get_scratch_root() -> Path:
    """Where steps get their HOME and temporary folders."""
    root: Path = settings.AUTOPACK_HOME / "scratch"
    root.mkdir(parents=True, exist_ok=True)
    return root


def list_hidden_paths(git: RepositoryInspector) -> list[Path]:
    """What a step must not see: Autopack's own files, its configuration (which holds the secrets of every
    project's steps), the database's socket, and all repositories with whatever holds their objects."""
    # A live run stays with the repository it started in, also when its project has moved on.
    known = Project.objects.values_list("repo_path").union(Run.objects.live().values_list("repo_path"))
    hidden = [settings.AUTOPACK_HOME, settings.AUTOPACK_CONFIG]
    for (path,) in known:
        hidden += git.list_folders(Path(path))
    socket_folder = str(connection.settings_dict.get("HOST") or "")
    if socket_folder.startswith("/"):
        hidden.append(Path(socket_folder))
    return sorted(set(hidden))


def _run_profile(
    ci_run: CiRun, runner: CiRunner, workspace: Path, hidden: Sequence[Path], is_lost: threading.Event
) -> None:
    steps, problems = parse_steps(ci_run.steps, "ci")
    findings = _Findings()
    if problems:
        _finish(ci_run, CiRunState.ERRORED, "; ".join(str(p) for p in problems), findings)
        return
    for index, step in enumerate(steps):
        failed = _run_step(ci_run, index, step, runner, workspace, hidden, is_lost, findings)
        if failed is not None:
            is_machine = failed.outcome == StepOutcome.ERRORED
            state = CiRunState.ERRORED if is_machine else CiRunState.FAILED
            _finish(ci_run, state, f"{step.name}: {failed.reason}", findings)
            return
    _finish(ci_run, CiRunState.PASSED, "", findings)


def _run_step(
    ci_run: CiRun,
    index: int,
    step: StepSpec,
    runner: CiRunner,
    workspace: Path,
    hidden: Sequence[Path],
    is_lost: threading.Event,
    findings: _Findings,
) -> FailStep | None:
    """All tries of one step. None when it passed."""
    tries: list[StepResult] = []
    while True:
        step_run = ci_runs.begin_step(ci_run, index, step)
        result = runner.run_step(
            step,
            workspace=workspace,
            hidden_paths=hidden,
            sink=_DatabaseSink(ci_run, step_run),
            is_cancelled=is_lost.is_set,
        )
        ci_runs.end_step(ci_run, step_run, result)
        tries.append(result)
        action = next_action(tries, step, is_strict=ci_run.profile == CiProfile.STRICT)
        match action:
            case PassStep():
                findings.is_flaky |= action.is_flaky
                findings.flaky_tests += action.flaky_tests
                return None
            case FailStep():
                findings.flaky_tests += action.flaky_tests
                findings.failures += result.junit.failed if result.junit else ()
                return action


def _finish(ci_run: CiRun, state: CiRunState, detail: str, findings: _Findings) -> None:
    ci_runs.finish_ci(
        ci_run,
        state,
        detail=detail,
        is_flaky=findings.is_flaky,
        failures=findings.failures,
        flaky_tests=findings.flaky_tests,
        actor=RUNNER,
    )


@contextmanager
def _keep_beating(ci_run: CiRun) -> Iterator[threading.Event]:
    """Beat from a thread of its own, because laying out a large commit takes longer than a beat. Yields an
    event that is set when the lease is lost."""
    is_lost, is_over = threading.Event(), threading.Event()

    def beat() -> None:
        try:
            while not is_over.wait(BEAT_SECONDS):
                if not _is_ours_still(ci_run):
                    is_lost.set()
                    return
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"ci-{ci_run.pk}-beat", daemon=True)
    thread.start()
    try:
        yield is_lost
    finally:
        is_over.set()
        thread.join()


def _is_ours_still(ci_run: CiRun) -> bool:
    """Without an answer from the database, yes: every write names the lease, so no harm comes of it."""
    try:
        return ci_runs.beat(ci_run)
    except OperationalError as error:
        logger.warning("CI run %s could not beat: %s", ci_run.pk, error)
        connection.close()
        return True


@contextmanager
def _workspace(ci_run: CiRun) -> Iterator[Path]:
    """An empty folder of this lease's own, gone afterwards."""
    path = settings.AUTOPACK_HOME / "workspaces" / f"ci-{ci_run.pk}-{ci_run.lease_id}"
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        remove_tree(path)


def sweep_workspaces() -> int:
    """Remove what killed workers left behind. Returns how many folders."""
    swept = sweep_scratch(get_scratch_root())
    root = settings.AUTOPACK_HOME / "workspaces"
    if not root.is_dir():
        return swept
    # The folders before the rows: a CI run makes its folder after its row says RUNNING.
    found = [path for path in root.iterdir() if path.name.startswith("ci-")]
    live = {
        f"ci-{pk}-{lease}"
        for pk, lease in CiRun.objects.filter(state=CiRunState.RUNNING).values_list("pk", "lease_id")
    }
    stale = [path for path in found if path.name not in live]
    for path in stale:
        remove_tree(path)
    return swept + len(stale)
