"""Child processes that are kept running, and that end with their launcher."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from autopack.launcher import tether

_FIRST_DELAY_SECONDS = 0.2
_LONGEST_DELAY_SECONDS = 15.0
_STEADY_SECONDS = 30.0


@dataclass(slots=True)
class Child:
    """A program to keep running. `descriptors` are inherited."""

    name: str
    argv: Sequence[str]
    descriptors: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Children:
    """All children of one launcher. `log` gets a line for each death."""

    log: Callable[[str], None]
    environment: Mapping[str, str]
    members: list[Child] = field(default_factory=list)
    _tether: tuple[int, int] = field(default_factory=os.pipe)

    def start(self, child: Child) -> None:
        self.members.append(child)
        self._spawn(child)

    def restart_the_dead(self) -> None:
        """Start again what has ended; later and later if it keeps ending soon after its start."""
        now = time.monotonic()
        for child in self.members:
            if child.process is not None and child.process.poll() is not None:
                is_steady = now - child.started_at > _STEADY_SECONDS
                child.failures = 0 if is_steady else child.failures + 1
                delay = min(_FIRST_DELAY_SECONDS * 2**child.failures, _LONGEST_DELAY_SECONDS)
                child.restart_at = now + delay
                reason = _reason(child.process.returncode)
                self.log(f"{child.name} ended ({reason}); starting it again in {delay:.1f} s")
                child.process = None
            if child.process is None and now >= child.restart_at:
                self._spawn(child)

    def stop(self, grace_seconds: float, wait: Callable[[float], bool]) -> None:
        """Ask all to end, then kill those that have not, and all they leave behind.

        `wait(seconds)` pauses and says whether to be patient any longer.
        """
        running = [child.process for child in self.members if child.process is not None]
        descendants = [process for parent in running for process in _descendants_of(parent.pid)]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + grace_seconds
        while any(process.poll() is None for process in running):
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not wait(min(remaining, 0.2)):
                break
        for process in running:
            if process.poll() is None:
                self.log(f"process {process.pid} does not end; killing it")
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for descendant in descendants:
            # psutil compares start times, so a number that somebody else has got since is left alone.
            with suppress(psutil.Error):
                descendant.kill()

    def open(
        self, argv: Sequence[str], *, descriptors: Sequence[int] = (), stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program that ends with its launcher. It is not kept running."""
        read_end, _ = self._tether
        return subprocess.Popen(
            argv,
            env={**self.environment, tether.VARIABLE: str(read_end)},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            pass_fds=[read_end, *descriptors],
            # Ctrl-C in the terminal is for the launcher, which then tells its children.
            start_new_session=True,
        )

    def _spawn(self, child: Child) -> None:
        child.process = self.open(child.argv, descriptors=child.descriptors)
        child.started_at = time.monotonic()


def _descendants_of(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _reason(returncode: int) -> str:
    if returncode >= 0:
        return f"status {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
