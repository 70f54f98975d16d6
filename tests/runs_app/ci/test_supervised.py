"""Nothing of a step outlives it, whatever it did to get away and whoever was killed."""

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from runs_app.ci.types import Isolation, StepOutcome
from tests.support.ci_bench import Bench, list_processes, make_bench, make_marked_sleep
from tests.support.waiting import wait_for

SOURCE_ROOT = Path(__file__).resolve().parents[3]

# In the background; in a session of its own; a daemon whose parent is gone, deaf to signals and without our
# output; one that forgot its environment.
GET_AWAY = """
{sleep} &
setsid {sleep} &
(setsid sh -c 'trap "" TERM HUP INT; {sleep} & exec {sleep}' </dev/null >/dev/null 2>&1 &)
(setsid env -i {sleep} >/dev/null 2>&1 &)
"""
ESCAPED = 5

WORKER = """
import sys
from pathlib import Path
from runs_app.ci import local, types

class Sink:
    def write(self, chunk):
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        globals().get("at_fork", lambda: None)()

home = Path(sys.argv[1])
runner = local.LocalCommandRunner(home / "scratch", isolation=types.Isolation(sys.argv[2]))
step = types.StepSpec("step", (sys.argv[3],), is_shell=True)
options = {"workspace": home / "workspace", "hidden_paths": [home], "is_cancelled": lambda: False}
runner.run_step(step, sink=Sink(), **options)
"""


FORK_ON_OUTPUT = """
import os, signal
at_fork = lambda: os.fork() or signal.pause()
"""


def start_worker(
    bench: Bench, isolation: Isolation, script: str, *, code: str = WORKER
) -> subprocess.Popen[bytes]:
    """A worker process with a step that has printed `ready`."""
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(bench.home), isolation.value, script],
        cwd=SOURCE_ROOT,
        stdout=subprocess.PIPE,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    return worker


def find_supervisor(worker_pid: int) -> int:
    (supervisor,) = (
        child.pid
        for child in psutil.Process(worker_pid).children()
        if "runs_app.ci.supervisor" in child.cmdline()
    )
    return supervisor


def has_ended(pid: int) -> bool:
    """Gone, or dead and waiting to be collected by whoever inherited it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_nothing_outlives_a_step_that_ends(bench: Bench) -> None:
    sleep = make_marked_sleep()
    result = bench.run(GET_AWAY.format(sleep=sleep) + "exit 0")
    assert result.outcome is StepOutcome.PASSED
    assert list_processes(sleep) == []


def test_nothing_outlives_a_step_that_is_stopped(bench: Bench) -> None:
    sleep = make_marked_sleep()
    bench.is_cancelled = lambda: len(list_processes(sleep)) >= ESCAPED
    result = bench.run(GET_AWAY.format(sleep=sleep) + "wait")
    assert result.outcome is StepOutcome.CANCELLED
    assert list_processes(sleep) == []


def test_nothing_outlives_a_step_that_times_out(bench: Bench) -> None:
    sleep = make_marked_sleep()
    result = bench.run(GET_AWAY.format(sleep=sleep) + "trap '' TERM; wait", timeout_seconds=1)
    assert result.outcome is StepOutcome.TIMED_OUT
    assert list_processes(sleep) == []


def test_a_step_that_forks_without_end_is_killed(bench: Bench) -> None:
    """Each process of the chain starts the next one and ends, so that no list of processes is ever right."""
    (bench.workspace / "chain.py").write_text(
        "import os\n"
        "for number in range(10**9):\n"
        "    if os.fork():\n"
        "        os._exit(0)\n"
        "    os.setsid()\n"
        "    if number == 50:\n"
        "        open('begun', 'w').close()\n"
    )
    name = f"chain-{secrets.token_hex(8)}"
    result = bench.run(f"python3 chain.py {name} & while ! test -e begun; do sleep 0.01; done")
    assert result.outcome is StepOutcome.PASSED
    assert list_processes(f"python3 chain.py {name}") == []


@pytest.mark.faults
def test_nothing_outlives_a_killed_worker(bench: Bench, isolation: Isolation) -> None:
    sleep = make_marked_sleep()
    worker = start_worker(bench, isolation, GET_AWAY.format(sleep=sleep) + "echo ready; wait")
    supervisor = find_supervisor(worker.pid)
    worker.kill()
    worker.wait()
    wait_for(lambda: not list_processes(sleep), "the processes of the step to be gone")
    wait_for(lambda: has_ended(supervisor), "the supervisor to be gone")
    assert list(bench.scratch_root.iterdir()) == []


@pytest.mark.faults
def test_a_child_of_the_worker_does_not_keep_the_step_alive(tmp_path: Path) -> None:
    """It was forked while the step ran, so it holds the worker's end of the pipe to the supervisor."""
    bench = make_bench(tmp_path / "home", Isolation.NONE)
    sleep = make_marked_sleep()
    worker = start_worker(bench, Isolation.NONE, f"{sleep} & echo ready; wait", code=FORK_ON_OUTPUT + WORKER)
    (child,) = wait_for(
        lambda: [c.pid for c in psutil.Process(worker.pid).children() if "Sink" in c.cmdline()[2]],
        "the child of the worker",
    )
    worker.kill()
    worker.wait()
    try:
        wait_for(lambda: not list_processes(sleep), "the processes of the step to be gone")
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.faults
def test_nothing_outlives_a_killed_supervisor(bench: Bench) -> None:
    sleep = make_marked_sleep()
    escape = GET_AWAY.replace("env -i ", "")  # without isolation, what is left is found by its environment

    def kill_supervisor(text: str) -> None:
        if "ready" in text:
            os.kill(find_supervisor(os.getpid()), signal.SIGKILL)

    bench.sink.on_write = kill_supervisor
    result = bench.run(escape.format(sleep=sleep) + "echo ready; wait")
    assert result.outcome is StepOutcome.ERRORED
    assert result.detail == "the supervisor of the step was killed"
    wait_for(lambda: not list_processes(sleep), "the processes of the step to be gone")


@pytest.mark.faults
@pytest.mark.parametrize("isolation", [Isolation.BUBBLEWRAP, Isolation.UNSHARE])
def test_nothing_outlives_worker_and_supervisor_killed_at_once(tmp_path: Path, isolation: Isolation) -> None:
    """Only namespaces can promise this: they die with their first process."""
    bench = make_bench(tmp_path / "home", isolation)
    sleep = make_marked_sleep()
    worker = start_worker(bench, isolation, GET_AWAY.format(sleep=sleep) + "echo ready; wait")
    supervisor = find_supervisor(worker.pid)
    os.kill(supervisor, signal.SIGSTOP)
    worker.kill()
    os.kill(supervisor, signal.SIGKILL)
    worker.wait()
    wait_for(lambda: not list_processes(sleep), "the processes of the step to be gone")


def test_a_terminal_interrupt_is_the_workers_to_pass_on(bench: Bench) -> None:
    """The supervisor is not in the worker's session, so that Ctrl-C cannot end it before its step."""
    sessions: list[int] = []

    def look(_: str) -> None:
        sessions.append(os.getsid(find_supervisor(os.getpid())))
        (bench.workspace / "go").touch()

    bench.sink.on_write = look
    bench.run("echo ready; while ! test -e go; do sleep 0.02; done")
    assert sessions
    assert os.getsid(0) not in sessions


def test_output_handed_to_an_outsider_does_not_hold_the_worker(tmp_path: Path) -> None:
    """A process that is not of the step may keep the pipe open; its end is not waited for."""
    bench = make_bench(tmp_path / "home", Isolation.NONE)
    held: list[int] = []

    def hold(_: str) -> None:
        if not held:
            (step,) = psutil.Process(find_supervisor(os.getpid())).children()
            held.append(os.open(f"/proc/{step.pid}/fd/1", os.O_WRONLY))
            (bench.workspace / "go").touch()

    bench.sink.on_write = hold
    try:
        result = bench.run("echo ready; while ! test -e go; do sleep 0.02; done")
    finally:
        for descriptor in held:
            os.close(descriptor)
    assert held
    assert result.outcome is StepOutcome.PASSED
    assert result.duration_seconds < 10
