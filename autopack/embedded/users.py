"""Those who use the embedded database: how a process becomes one, and how it finds the server running."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from autopack.embedded.cluster import DATABASE, PROJECT_ROOT, USER
from autopack.embedded.errors import EmbeddedDatabaseError
from autopack.embedded.keeper import STOP_AT_ONCE
from autopack.embedded.layout import PORT, Layout
from autopack.embedded.locks import is_locked, lock_until, open_lock, try_lock

_TIMEOUT_SECONDS = 120.0
_PAUSE_SECONDS = 0.02

# Descriptors of the users' locks that this process holds, by home. They are close-on-exec, so programs that
# this process starts do not count as users; processes that it forks do.
_held: dict[Path, int] = {}
_mutex = threading.Lock()


def settings_for(home: Path) -> dict[str, Any]:
    """The entry of Django's DATABASES for the embedded database of this home. Starts nothing."""
    layout = Layout(home.absolute())
    return {
        "ENGINE": "autopack.embedded.backend",
        "NAME": DATABASE,
        "USER": USER,
        "PASSWORD": "",
        "HOST": str(layout.socket_folder),
        "PORT": str(PORT),
        "AUTOPACK_HOME": str(layout.home),
        "OPTIONS": {},
    }


def ensure_running(home: Path) -> None:
    """Make this process a user for the rest of its life and see that somebody keeps the server running.

    Cheap when all is well (some ten microseconds), so it may be called before every connection. A server that
    has just died is being restarted when this returns: `wait_until_accepting` waits for it.
    Raises EmbeddedDatabaseError with what to do.
    """
    layout = Layout(home.absolute())
    if layout.home in _held and is_locked(layout.keeper_lock):
        return
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    with _mutex:
        if layout.home not in _held:
            _held[layout.home] = _register(layout, deadline)
        if not is_locked(layout.keeper_lock):
            _start(layout, deadline)
        elif is_locked(layout.start_lock):
            _wait_for_the_starter(layout, deadline)


def wait_until_accepting(home: Path, timeout_seconds: float = _TIMEOUT_SECONDS) -> None:
    """As `ensure_running`, and until the server takes connections (else EmbeddedDatabaseError)."""
    from psycopg import pq

    layout = Layout(home.absolute())
    conninfo = f"host='{layout.socket_folder}' port={PORT} dbname={DATABASE} user={USER}".encode()
    deadline = time.monotonic() + timeout_seconds
    pause = threading.Event()
    ensure_running(home)
    while pq.PGconn.ping(conninfo) != pq.Ping.OK:
        if time.monotonic() > deadline:
            raise EmbeddedDatabaseError(f"The database takes no connections. See {layout.log}.")
        pause.wait(_PAUSE_SECONDS)
        ensure_running(home)


def release(home: Path) -> bool:
    """Stop being a user. True when this was the last one, and the server then stops without delay."""
    layout = Layout(home.absolute())
    with _mutex:
        descriptor = _held.pop(layout.home, None)
        if descriptor is None:
            return False
        # Trades the shared lock for the exclusive one, which only the last user can get.
        is_last = try_lock(descriptor)
        if is_last:
            os.pwrite(descriptor, STOP_AT_ONCE, 0)
        os.close(descriptor)
        return is_last


def wait_until_stopped(home: Path, timeout_seconds: float) -> bool:
    """Whether the server of a home without users was gone in time."""
    layout = Layout(home.absolute())
    deadline = time.monotonic() + timeout_seconds
    pause = threading.Event()
    while is_locked(layout.keeper_lock) or is_locked(layout.server_lock):
        if time.monotonic() > deadline:
            return False
        pause.wait(_PAUSE_SECONDS)
    return True


def _register(layout: Layout, deadline: float) -> int:
    layout.prepare()
    try:
        descriptor = open_lock(layout.users_lock)
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"Autopack cannot open {layout.users_lock}: {error.strerror}. Was it started as another user?"
        ) from error
    # Waits while the keeper is stopping the server.
    if not lock_until(descriptor, deadline, shared=True):
        os.close(descriptor)
        raise EmbeddedDatabaseError(f"The database of {layout.home} is still stopping. See {layout.log}.")
    return descriptor


def _start(layout: Layout, deadline: float) -> None:
    """Start a keeper, one starter at a time; those who come second find it running."""
    start_lock = open_lock(layout.start_lock)
    try:
        if not lock_until(start_lock, deadline):
            raise EmbeddedDatabaseError(f"Another process has been starting {layout.home} for too long.")
        if is_locked(layout.keeper_lock):
            return
        command = [sys.executable, "-m", "autopack.embedded", "keep", str(layout.home)]
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise EmbeddedDatabaseError(done.stderr.strip())
    finally:
        os.close(start_lock)


def _wait_for_the_starter(layout: Layout, deadline: float) -> None:
    start_lock = open_lock(layout.start_lock)
    try:
        if not lock_until(start_lock, deadline, shared=True):
            raise EmbeddedDatabaseError(f"Another process has been starting {layout.home} for too long.")
    finally:
        os.close(start_lock)


def _forget_locks_of_other_threads() -> None:
    global _mutex
    _mutex = threading.Lock()


os.register_at_fork(after_in_child=_forget_locks_of_other_threads)
