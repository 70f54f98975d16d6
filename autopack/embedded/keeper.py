"""The parent of PostgreSQL: `python -m autopack.embedded keep HOME`.

The command ends when the server takes connections (status 0) or cannot be started (status 1, the reason on
stderr); the keeper itself stays behind in a session of its own, for as long as the database has users.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from autopack.embedded import cluster
from autopack.embedded.confined import choose_identity
from autopack.embedded.errors import EmbeddedDatabaseError
from autopack.embedded.layout import Layout
from autopack.embedded.locks import lock_until, open_lock, open_owned, try_lock, unlock
from autopack.embedded.supervision import SignalWatch

READY = b"ready"
STOP_AT_ONCE = b"now"
_TICK_SECONDS = 0.25
_LOCK_TIMEOUT_SECONDS = 60
_READY_TIMEOUT_SECONDS = 110
_STOP_STAGES = ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))
_LONGEST_LOG_BYTES = 5 * 1024 * 1024
# A server that dies at once again and again is not helped by the next start.
_RESTART_DELAYS_SECONDS = (0.0, 0.2, 1.0, 2.0, 4.0)
_STEADY_SECONDS = 10


class Keeper:
    """One life of the keeper. `run` returns when the database has no users left."""

    def __init__(self, layout: Layout, grace_seconds: float) -> None:
        self._layout = layout
        self._grace_seconds = grace_seconds
        self._server: subprocess.Popen[bytes] | None = None
        self._signals = SignalWatch(signal.SIGTERM, signal.SIGINT)
        self._keeper_lock = open_lock(layout.keeper_lock)
        self._users_lock = open_lock(layout.users_lock)

    def start(self) -> bool:
        """Start the server and wait until it takes connections. False: another keeper is at it already."""
        if not lock_until(self._keeper_lock, time.monotonic() + 5):
            return False
        self._start_server()
        return True

    def run(self) -> None:
        """Keep the server alive while it has users, then stop it."""
        idle_since: float | None = None
        failures, started_at = 0, time.monotonic()
        while not self._signals.stop_requests:
            self._signals.wait(_TICK_SECONDS)
            _cap(self._layout.log)
            if self._server is not None and self._server.poll() is not None:
                _log(f"PostgreSQL ended with status {self._server.returncode}; starting it again")
                failures = 0 if time.monotonic() - started_at > _STEADY_SECONDS else failures + 1
                if failures >= len(_RESTART_DELAYS_SECONDS):
                    raise EmbeddedDatabaseError("PostgreSQL ends as soon as it is started.")
                self._signals.wait(_RESTART_DELAYS_SECONDS[failures])
                self._start_server()
                started_at = time.monotonic()
            if not try_lock(self._users_lock):
                idle_since = None
                continue
            idle_since = idle_since or time.monotonic()
            if time.monotonic() - idle_since >= self._grace_seconds or self._is_asked_to_hurry():
                break  # with the users' lock held: whoever comes now waits until the server is gone
            unlock(self._users_lock)
        self.stop()
        # Before the users' lock: whoever waits for that one must not find a keeper.
        os.close(self._keeper_lock)

    def stop(self) -> None:
        """Stop the server the fast way, which is clean, and less gently when that takes too long."""
        if self._server is None:
            return
        for number, seconds in _STOP_STAGES:
            self._server.send_signal(number)
            try:
                self._server.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                _log(f"PostgreSQL did not stop on {number.name} within {seconds} s")
        os.ftruncate(self._users_lock, 0)

    def _start_server(self) -> None:
        layout = self._layout
        server_lock = open_lock(layout.server_lock)
        try:
            # The server before this one may still be stopping, or its processes dying.
            if not lock_until(server_lock, time.monotonic() + _LOCK_TIMEOUT_SECONDS):
                raise EmbeddedDatabaseError(
                    f"An earlier PostgreSQL of {layout.home} has not ended within {_LOCK_TIMEOUT_SECONDS} s."
                )
            binaries = cluster.find_binaries(layout.cluster)
            identity = choose_identity(layout.cluster)
            cluster.ensure_cluster(layout, binaries, identity)
            cluster.clear_stale_files(layout)
            self._server = subprocess.Popen(
                cluster.server_command(layout, binaries, identity),
                cwd=cluster.PROJECT_ROOT,
                env=cluster.server_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[server_lock],
            )
        finally:
            # From here on the lock lives exactly as long as the processes of the server.
            os.close(server_lock)
        self._wait_until_accepting(self._server)

    def _wait_until_accepting(self, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_SECONDS
        while not cluster.is_accepting(self._layout, server.pid):
            if server.poll() is not None:
                self._server = None
                raise EmbeddedDatabaseError(
                    f"PostgreSQL ended with status {server.returncode} while starting. The end of "
                    f"{self._layout.log}:\n{_tail(self._layout.log)}"
                )
            if self._signals.stop_requests or time.monotonic() > deadline:
                self.stop()
                raise EmbeddedDatabaseError(f"PostgreSQL was not ready in time. See {self._layout.log}.")
            self._signals.wait(0.02)

    def _is_asked_to_hurry(self) -> bool:
        return os.pread(self._users_lock, len(STOP_AT_ONCE), 0) == STOP_AT_ONCE


def _log(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} keeper[{os.getpid()}]: {text}\n")
    sys.stderr.flush()


def _cap(log: Path) -> None:
    """Keep one old log. PostgreSQL appends through its own descriptor, so the file stays and is emptied."""
    if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
        log.with_suffix(".log.1").write_bytes(log.read_bytes()[-_LONGEST_LOG_BYTES:])
        os.truncate(log, 0)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])


def _keep(layout: Layout, report: int) -> int:
    """The life of the keeper process. Writes READY or the reason of the failure to `report`."""
    os.setsid()
    _cap(layout.log)
    log = open_owned(layout.log, os.O_WRONLY | os.O_APPEND)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    keeper = Keeper(layout, float(os.environ.get("AUTOPACK_DATABASE_GRACE_SECONDS", "2")))
    try:
        is_mine = keeper.start()
    except (EmbeddedDatabaseError, OSError, subprocess.SubprocessError) as error:
        _log(f"cannot start: {error}")
        os.write(report, str(error).encode())
        return 1
    os.write(report, READY)
    os.close(report)
    if not is_mine:
        return 0
    try:
        keeper.run()
    except (EmbeddedDatabaseError, OSError) as error:
        _log(f"giving up: {error}")
        keeper.stop()
        return 1
    return 0


def main(arguments: Sequence[str]) -> NoReturn:
    layout = Layout(Path(arguments[0]))
    outcome, report = os.pipe()
    if os.fork() == 0:
        os.close(outcome)
        sys.exit(_keep(layout, report))
    os.close(report)
    with os.fdopen(outcome, "rb") as pipe:
        answer = pipe.read()
    if answer == READY:
        sys.exit(0)
    sys.exit(answer.decode() or f"The database's keeper ended. The end of {layout.log}:\n{_tail(layout.log)}")
