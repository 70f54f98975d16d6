"""The small process between the worker and a CI step: `python -m runs_app.ci.supervisor STATUS_FD`.

It exists so that a step can be killed whole, whatever it did to get away, also when the worker is killed.
Standard input brings one line of JSON (the job) and then stays open: its end means that the worker is gone, a
byte on it means stop. Standard output goes to the step. When the step is over, for whatever reason, every
process below it is killed, and one line of JSON says how it ended.

    {"outcome": "exited" | "timed_out" | "stopped" | "errored", "exit_code": 0, "detail": ""}

Imports only the standard library and `namespaces`, so that it starts in milliseconds.
"""

import contextlib
import errno
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from runs_app.ci import namespaces

_OUTPUT = 1
_SETUP_FAILED = 125
_PARENT_CHECK_SECONDS = 1.0
_STOPPED = {"outcome": "stopped", "exit_code": None, "detail": ""}


def main(status_descriptor: int) -> None:
    """Run the job that standard input brings."""
    os.set_inheritable(status_descriptor, False)
    with os.fdopen(status_descriptor, "w") as status:
        try:
            job, rest = _read_job(0)
            # What follows the job at once can only be a stop.
            report = _STOPPED if rest else _Supervisor(job).run()
        except (OSError, ValueError, KeyError, namespaces.NamespaceError) as error:
            report = {"outcome": "errored", "exit_code": None, "detail": f"supervisor: {error}"}
        with contextlib.suppress(BrokenPipeError):
            status.write(json.dumps(report) + "\n")
            status.flush()


class _Supervisor:
    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._worker = os.getppid()
        self._main_pid = 0
        self._main_status: int | None = None
        self._wakeup, wakeup_write = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(wakeup_write, False)
        signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
        self._is_told_to_stop = False
        # Handlers, not SIG_IGN: that would be inherited by the step.
        signal.signal(signal.SIGCHLD, _ignore)
        signal.signal(signal.SIGINT, _ignore)
        signal.signal(signal.SIGHUP, _ignore)
        signal.signal(signal.SIGTERM, self._stop)

    def run(self) -> dict[str, Any]:
        namespaces.become_subreaper()
        problems_read, problems_write = os.pipe()
        # Held by us alone: its end tells a process inside that we are gone.
        lifeline_read, lifeline_write = os.pipe()
        self._main_pid = os.fork()
        if self._main_pid == 0:
            os.close(lifeline_write)
            os.close(problems_read)
            _run_child(self._job, problems_write, lifeline_read)
        os.close(problems_write)
        os.close(lifeline_read)
        outcome = self._wait()
        self._kill_everything()
        if outcome == "orphaned":
            self._remove_scratch()
        return self._describe(outcome, _read_all(problems_read))

    def _describe(self, outcome: str, problem: str) -> dict[str, Any]:
        if problem:
            return {"outcome": "errored", "exit_code": None, "detail": problem}
        code = None if self._main_status is None else _to_exit_code(self._main_status)
        if outcome == "exited" and self._job["isolation"] == "bubblewrap" and not self._is_setup_done():
            detail = "bubblewrap could not set up the sandbox; the output says why"
            return {"outcome": "errored", "exit_code": code, "detail": detail}
        return {"outcome": outcome, "exit_code": code if outcome == "exited" else None, "detail": ""}

    def _is_setup_done(self) -> bool:
        """bubblewrap reports an exit code only of a command that it did start."""
        try:
            return '"exit-code"' in Path(self._job["bwrap_status"]).read_text()
        except OSError:
            return False

    def _wait(self) -> str:
        """Until the step is over. Its own end wins over a stop or timeout at the same moment."""
        deadline = time.monotonic() + float(self._job["timeout_seconds"])
        while True:
            remaining = deadline - time.monotonic()
            pause = min(max(0.0, remaining), _PARENT_CHECK_SECONDS)
            readable, _, _ = select.select([0, self._wakeup], [], [], pause)
            if self._wakeup in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
            self._reap()
            if self._main_status is not None:
                return "exited"
            if 0 in readable:
                return "stopped" if os.read(0, 64) else "orphaned"
            if os.getppid() != self._worker:
                return "orphaned"  # a child of the worker may keep the pipe open after its death
            if self._is_told_to_stop:
                return "stopped"
            if remaining <= 0:
                return "timed_out"

    def _reap(self) -> bool:
        """Collect ended children; whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._main_pid:
                self._main_status = status

    def _kill_everything(self) -> None:
        """Kill all descendants until none is left. As subreaper we stay the ancestor of every one of them."""
        while self._reap():
            for pid in _list_descendants(os.getpid()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self._wakeup], [], [], 0.01)
            with contextlib.suppress(BlockingIOError):
                os.read(self._wakeup, 4096)

    def _remove_scratch(self) -> None:
        # Only here: it is slow to import, and only a lost worker leaves this to us.
        from runs_app.ci.scratch import remove_tree

        remove_tree(Path(self._job["scratch"]))

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_told_to_stop = True


def _run_child(job: dict[str, Any], problems: int, lifeline: int) -> NoReturn:
    """In the forked child: become the step, or the way to it. Never returns and never unwinds."""
    code = _SETUP_FAILED
    try:
        namespaces.die_with_parent()
        if select.select([lifeline], [], [], 0)[0]:
            os._exit(code)
        _reset_signals()
        os.setsid()
        if job["isolation"] == "bubblewrap":
            _become_bubblewrap(job)
        elif job["isolation"] == "unshare":
            code = _run_in_namespaces(job, lifeline)
        else:
            namespaces.refuse_new_privileges()
            code = _become_step(job)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the fork must not unwind
        os.write(problems, f"setting up the step: {error}".encode()[:4000])
    finally:
        os._exit(code)


def _become_bubblewrap(job: dict[str, Any]) -> None:
    arguments = os.memfd_create("arguments", 0)  # by descriptor: the environment must not show in ps
    settings = [word for name, value in job["env"].items() for word in ("--setenv", name, value)]
    os.write(arguments, b"".join(os.fsencode(word) + b"\0" for word in settings))
    os.lseek(arguments, 0, os.SEEK_SET)
    status = os.open(job["bwrap_status"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.set_inheritable(status, True)
    _limit_step()
    _use_standard_streams()
    words = [job["bwrap"], "--args", str(arguments), "--json-status-fd", str(status), *job["bwrap_arguments"]]
    # The shell only execs: it turns a missing program into code 127, which bubblewrap itself does not.
    words += ["/bin/sh", "-c", 'exec "$@"', "sh", *job["argv"]]
    os.execve(job["bwrap"], words, {})  # noqa: S606 - that is the job


def _run_in_namespaces(job: dict[str, Any], lifeline: int) -> int:
    is_root_outside = os.geteuid() == 0
    namespaces.enter_namespaces(job["uid"], job["gid"])
    namespaces.die_with_parent()  # changing ids clears it
    if select.select([lifeline], [], [], 0)[0]:
        return _SETUP_FAILED
    init = os.fork()
    if init != 0:
        return _to_exit_code(os.waitpid(init, 0)[1])
    namespaces.die_with_parent()
    if select.select([lifeline], [], [], 0)[0]:
        return _SETUP_FAILED
    mounts = [(kind, source, target) for kind, source, target in job["mounts"]]
    namespaces.arrange_mounts(mounts, is_root_outside=is_root_outside)
    step = os.fork()
    if step == 0:
        os.setsid()
        namespaces.give_up_privileges()
        return _become_step(job)
    os.closerange(0, 3)
    while True:
        pid, status = os.wait()
        if pid == step:
            return _to_exit_code(status)  # the kernel kills the rest of the namespace with its pid 1


def _become_step(job: dict[str, Any]) -> int:
    """Exec the command; returns the code a shell would give if there is no such program."""
    _limit_step()
    os.chdir(job["cwd"])
    _use_standard_streams()
    argv = job["argv"]
    try:
        os.execvpe(argv[0], argv, job["env"])  # noqa: S606 - that is the job
    except OSError as error:
        if error.errno == errno.ENOEXEC and "/" in argv[0]:
            # A script without an interpreter line, as a shell would run it (and bubblewrap's does).
            os.execve("/bin/sh", ["sh", *argv], job["env"])  # noqa: S606 - that is the job
        os.write(_OUTPUT, f"{argv[0]}: {error.strerror}\n".encode())
        return 127 if isinstance(error, FileNotFoundError | NotADirectoryError) else 126


def _limit_step() -> None:
    os.umask(0o022)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")  # when memory runs out, the step goes first


def _use_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(_OUTPUT, 2)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _list_descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = (entry / "stat").read_bytes()
                children.setdefault(int(stat.rpartition(b")")[2].split()[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _to_exit_code(status: int) -> int:
    """As a shell counts: 128 and the number of the signal that killed it."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _read_job(descriptor: int) -> tuple[dict[str, Any], bytes]:
    read = b""
    while b"\n" not in read:
        part = os.read(descriptor, 1 << 16)
        if not part:
            raise ValueError("no job")
        read += part
    line, _, rest = read.partition(b"\n")
    return json.loads(line), rest


def _read_all(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read().decode(errors="replace")


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return


if __name__ == "__main__":
    main(int(sys.argv[1]))
