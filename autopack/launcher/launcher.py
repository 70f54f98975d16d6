"""Database, web and worker as one, or one of the two alone: start in order, keep running, stop in order."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from autopack.embedded import EmbeddedDatabaseError, ensure_running, release, wait_until_stopped
from autopack.embedded.supervision import SignalWatch
from autopack.launcher.children import Child, Children
from autopack.launcher.errors import LaunchError
from autopack.launcher.listening import bind, url_of

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
_TICK_SECONDS = 1.0
_FIRST_TICK_SECONDS = 0.1
_ANSWER_SECONDS = 5.0
"""The port is open from the start, so a request waits also while there is no web to answer it."""
_STOP_SECONDS = 10.0
_DATABASE_STOP_SECONDS = 45.0
_BACKLOG = 2048


class Part(StrEnum):
    """What one launcher runs. Parts on several machines share one PostgreSQL."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"

    @property
    def has_web(self) -> bool:
        return self is not Part.WORKER

    @property
    def has_worker(self) -> bool:
        return self is not Part.WEB


@dataclass(slots=True)
class Launcher:
    """`home` is None with a database that is not ours to start.

    A launcher with web prepares the database; one without waits until that has been done.
    """

    host: str
    port: int
    home: Path | None
    part: Part = Part.ALL
    _signals: SignalWatch = field(
        default_factory=lambda: SignalWatch(signal.SIGINT, signal.SIGTERM, signal.SIGHUP), init=False
    )

    def run(self) -> int:
        """The exit status: 0 after a stop that was asked for. Raises LaunchError, EmbeddedDatabaseError."""
        with bind(self.host, self.port) if self.part.has_web else nullcontext() as listener:
            children = Children(log=_log, environment=_environment())
            try:
                if self.home is not None:
                    ensure_running(self.home)
                instructions = self._prepare(children)
                if not self._signals.stop_requests:
                    self._start(children, listener)
                    self._announce(children, listener, instructions)
                while not self._signals.stop_requests:
                    self._signals.wait(_TICK_SECONDS)
                    self._look_after(children)
            finally:
                children.stop(_STOP_SECONDS, self._is_patient)
                self._stop_database()
        return 0

    def _prepare(self, children: Children) -> str:
        """Run `manage.py prepare`, whose stdout says how to sign in and what to do next."""
        command = [sys.executable, str(PROJECT_ROOT / "manage.py"), "prepare"]
        if self.part.has_web:
            _say("Preparing the database …")
        else:
            _say("Waiting for a database that web has prepared …")
            command.append("--wait")
        with children.open(command, stdout=subprocess.PIPE) as preparing:
            while preparing.poll() is None and not self._signals.stop_requests:
                self._signals.wait(_TICK_SECONDS)
            if self._signals.stop_requests:
                preparing.terminate()
            output, _ = preparing.communicate()
        if preparing.returncode != 0 and not self._signals.stop_requests:
            raise LaunchError("The database could not be prepared; the reason is above.")
        return output.decode()

    def _start(self, children: Children, listener: socket.socket | None) -> None:
        if listener is not None:
            listener.listen(_BACKLOG)
            descriptor = listener.fileno()
            web = [sys.executable, "-m", "autopack.launcher.web", str(descriptor)]
            children.start(Child("web", web, [descriptor]))
        if self.part.has_worker:
            worker = [sys.executable, str(PROJECT_ROOT / "manage.py"), "run_worker"]
            children.start(Child("worker", worker))

    def _announce(self, children: Children, listener: socket.socket | None, instructions: str) -> None:
        """Say where Autopack is once it answers that it is healthy; what dies before is started again."""
        if listener is None:
            _say("The worker is running. Stop it with Ctrl-C.")
            return
        url = url_of(listener)
        while not self._signals.stop_requests:
            if _is_answering(url):
                _say(f"\nAutopack is running: {url}\n{instructions}Stop it with Ctrl-C.")
                return
            self._signals.wait(_FIRST_TICK_SECONDS)
            self._look_after(children)

    def _look_after(self, children: Children) -> None:
        if self.home is not None:
            try:
                ensure_running(self.home)
            except EmbeddedDatabaseError as error:
                _log(f"the database does not start: {error}")
        children.restart_the_dead()

    def _is_patient(self, seconds: float) -> bool:
        """False from the second request to stop on: then nothing is waited for."""
        self._signals.wait(seconds)
        return self._signals.stop_requests < 2

    def _stop_database(self) -> None:
        if self.home is not None and release(self.home) and self._signals.stop_requests < 2:
            wait_until_stopped(self.home, _DATABASE_STOP_SECONDS)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


def _is_answering(url: str) -> bool:
    """Whether `/health` answers anything but "unhealthy"."""
    parts = urlsplit(url)
    client = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    try:
        client.request("GET", "/health")
        return client.getresponse().status != http.client.SERVICE_UNAVAILABLE
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _log(text: str) -> None:
    sys.stderr.write(f"launcher: {text}\n")
    sys.stderr.flush()
