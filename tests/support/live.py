"""Autopack as a newcomer runs it: real processes in a home and on a port of their own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.support.prepared import place_prepared
from tests.support.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
WITHOUT_WEIGHTS = {"PYTHONPATH": str(ROOT / "tests" / "support" / "weightless")}
"""Of the environment of a process that need not look features up."""
PROCESS_MARKS = {"web": "autopack.launcher.web", "worker": "run_worker"}
"""A word of the command line that each kind of process has."""


def _heed_interrupts() -> None:
    """What is started by a shell in the background ignores Ctrl-C, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class LiveAutopack:
    """A launcher, if there is one, and what it started. Only processes of `home` are ever looked at."""

    home: Path
    port: int
    launcher: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return environment_of(self.home, self.port)

    def manage(self, *args: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *args]

    def run(self, *args: str, seconds: float = 60, **variables: str) -> "subprocess.CompletedProcess[str]":
        """A `manage.py` command of this home, to its end. `variables` go into its environment."""
        return subprocess.run(
            self.manage(*args),
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    def run_until(self, is_time: Callable[[], bool], *args: str) -> "subprocess.CompletedProcess[str]":
        """A `manage.py` command, ended by Ctrl-C when it is time."""
        process = subprocess.Popen(
            self.manage(*args),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_interrupts,
        )
        wait_for(lambda: is_time() or process.poll() is not None, "the time to interrupt", seconds=60)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        return subprocess.CompletedProcess(args, process.returncode, stdout, stderr)

    def make_key(self, *roles: str) -> str:
        made = self.run("create_key", *(word for role in roles for word in ("--role", role)))
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def find(self, kind: str) -> psutil.Process | None:
        """The `web`, `worker` or `postgres` process of now."""
        assert self.launcher is not None
        # Cheap enough to be asked all the time: of others than the launcher's own little is read.
        found = psutil.process_iter() if kind == "postgres" else _children_of(self.launcher.pid)
        for process in found:
            with suppress(psutil.Error):
                if kind == "postgres":
                    if process.name() == "postgres" and str(self.home / "postgres") in process.cmdline():
                        return process
                elif PROCESS_MARKS[kind] in process.cmdline():
                    return process
        return None

    def kill(self, kind: str) -> int:
        """`kill -9` of that process, as soon as there is one. Returns its number."""
        process = wait_for(lambda: self.find(kind), f"a {kind} to kill", seconds=60)
        assert process is not None
        process.send_signal(signal.SIGKILL)
        return process.pid

    def processes(self) -> list[psutil.Process]:
        """Everything alive that works on this home, whoever its parent is."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.pid != os.getpid() and self._is_ours(process):
                    found.append(process)
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if any(str(self.home) in word for word in process.cmdline()):
            return True
        with suppress(psutil.Error):
            if process.environ().get("AUTOPACK_HOME") == str(self.home):
                return True
        with suppress(psutil.Error):
            return Path(process.cwd()).is_relative_to(self.home)
        return False

    def is_healthy(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/health", timeout=10, trust_env=False)
        except httpx.TransportError:
            return False
        return bool(answer.status_code == 200 and answer.json()["status"] == "healthy")

    def stop(self) -> None:
        assert self.launcher is not None
        self.launcher.terminate()
        self.launcher.wait(60)


def _children_of(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children()
    except psutil.Error:
        return []


@contextmanager
def live_autopack(home: Path) -> Iterator[LiveAutopack]:
    """Started in a prepared home, and healthy; everything of it is gone afterwards."""
    place_prepared(home)
    port = free_port()
    with (home.parent / f"{home.name}.log").open("wb") as log:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "autopack.launcher"],
            cwd=ROOT,
            env=environment_of(home, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    live = LiveAutopack(home, port, launcher)
    try:
        wait_for(live.is_healthy, "Autopack to be healthy", seconds=90)
        yield live
    finally:
        if launcher.poll() is None:
            live.stop()
        for process in live.processes():
            with suppress(psutil.Error):
                process.kill()


def environment_of(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {
        **kept,
        **WITHOUT_WEIGHTS,
        "AUTOPACK_HOME": str(home),
        "AUTOPACK_CONFIG": str(home / "none.yaml"),
        "AUTOPACK_ADMIN_PASSWORD": "not needed here",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
