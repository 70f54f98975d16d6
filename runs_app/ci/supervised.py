"""The worker's end of a supervisor: start a command, read what it prints, learn how it ended."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runs_app.ci import sandbox
from runs_app.ci.errors import CannotStart
from runs_app.ci.scratch import Scratch
from runs_app.ci.types import Isolation

MARK_VARIABLE = "CI_TRY_ID"
"""Set to a random value for every try: finds its processes if the supervisor itself was killed."""

_SOURCE_ROOT = Path(__file__).resolve().parents[2]
_READ_BYTES = 64 * 1024
_DRAIN_SECONDS = 1.0
_OVERDUE_SECONDS = 30.0
_KILL_SECONDS = 20.0
_TICK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Command:
    """What a supervisor runs. `env` is the whole environment."""

    argv: tuple[str, ...]
    env: dict[str, str]
    workspace: Path
    timeout_seconds: float
    mark: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended: `outcome` is exited, timed_out, stopped or errored."""

    outcome: str
    exit_code: int | None = None
    detail: str = ""


def make_job(
    command: Command,
    isolation: Isolation,
    *,
    scratch: Scratch,
    hidden_paths: Sequence[Path],
    bubblewrap: str = "",
) -> dict[str, Any]:
    """The job as the supervisor reads it. Raises CannotHide."""
    mounts: tuple[sandbox.Mount, ...] = ()
    if isolation is not Isolation.NONE:
        mounts = sandbox.plan_mounts(command.workspace, scratch, hidden_paths)
    cwd = command.workspace.resolve()
    uid, gid = sandbox.choose_inner_ids()
    return {
        "isolation": isolation.value,
        "argv": list(command.argv),
        "env": command.env,
        "cwd": str(cwd),
        "timeout_seconds": command.timeout_seconds,
        "scratch": str(scratch.root),
        "mounts": [[mount.kind, mount.source, mount.target] for mount in mounts],
        "uid": uid,
        "gid": gid,
        "bwrap": bubblewrap,
        "bwrap_arguments": sandbox.list_bubblewrap_arguments(mounts, cwd=cwd),
        "bwrap_status": str(scratch.status_file),
    }


class SupervisedCommand:
    """One command under a supervisor. Leaving the context kills whatever is left of it.

    Starts with vfork semantics (no preexec function), so it is safe in a worker with threads.
    """

    def __init__(self, job: dict[str, Any], *, mark: str) -> None:
        self._mark = mark
        self._overdue_at = time.monotonic() + float(job["timeout_seconds"]) + _OVERDUE_SECONDS
        self._report = b""
        control_read, self._control = os.pipe()
        self._output, output_write = os.pipe()
        self._status, status_write = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-E", "-s", "-S", "-m", "runs_app.ci.supervisor", str(status_write)],
                stdin=control_read,
                stdout=output_write,
                stderr=subprocess.DEVNULL,
                cwd=_SOURCE_ROOT,
                env={"PATH": sandbox.DEFAULT_PATH, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                pass_fds=(status_write,),
                start_new_session=True,  # a Ctrl-C in the worker's terminal is the worker's to pass on
            )
        except OSError as error:
            for descriptor in (self._control, self._output, self._status):
                os.close(descriptor)
            raise CannotStart(f"no supervisor could be started: {error}") from error
        finally:
            for descriptor in (control_read, output_write, status_write):
                os.close(descriptor)
        self._send(json.dumps(job).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            os.close(self._control)  # if it still runs: the supervisor takes this for our death
        try:
            self._process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.returncode != 0:
            _kill_marked(self._mark)
        os.close(self._output)
        os.close(self._status)

    @property
    def supervisor_pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """Ask for the end; `follow` returns soon after."""
        self._send(b"stop\n")

    def follow(self, on_output: Callable[[bytes], None], on_tick: Callable[[], None]) -> Ending:
        """Until it is over. `on_tick` is called several times a second, output or not."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            selector.register(self._status, selectors.EVENT_READ)
            give_up_at = float("inf")
            while selector.get_map() and time.monotonic() < give_up_at:
                for key, _ in selector.select(_TICK_SECONDS):
                    chunk = os.read(key.fd, _READ_BYTES)
                    if not chunk:
                        selector.unregister(key.fd)
                    if key.fd == self._output:
                        on_output(chunk)
                    elif chunk:
                        self._report += chunk
                    else:
                        # Somebody outside may have been handed the output; do not wait for them.
                        give_up_at = time.monotonic() + _DRAIN_SECONDS
                on_tick()
                if time.monotonic() > self._overdue_at:
                    return Ending("errored", detail="the supervisor did not end the step in time")
        return self._read_report()

    def _read_report(self) -> Ending:
        try:
            report = json.loads(self._report)
        except ValueError:
            return Ending("errored", detail="the supervisor of the step was killed")
        return Ending(report["outcome"], report["exit_code"], report["detail"])

    def _send(self, message: bytes) -> None:
        with contextlib.suppress(BrokenPipeError):  # it ended by itself; the report will tell
            while message:
                message = message[os.write(self._control, message) :]


def _kill_marked(mark: str) -> None:
    """The last resort after a killed supervisor: end every process that carries the mark of this try."""
    needle = f"{MARK_VARIABLE}={mark}".encode()
    is_found = True
    while is_found:
        is_found = False
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if needle in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
                    is_found = True
