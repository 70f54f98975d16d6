"""A process of its own that is killed (`kill -9`) at a named point of what it does."""

import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from asgiref.sync import SyncToAsync
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.support.waiting import wait_for

_FORK = multiprocessing.get_context("fork")
SECONDS = 60


def kill_at(act: Callable[[], object], owner: Any, name: str, *, when: str = "before", call: int = 1) -> None:
    """Have a child process do it, until a function of `owner` (Any: a module or a class) is called for the
    `call`-th time: it dies `before` that does anything, or `after` it has done everything.

    What it had open in the database is over when this returns.
    """
    # The child must not speak on what is its parent's.
    connections.close_all()
    cast(DatabaseWrapper, connections["default"]).close_pool()
    process = _FORK.Process(target=_do, args=(act, owner, name, when, call))
    process.start()
    try:
        process.join(SECONDS)
        assert process.exitcode == -signal.SIGKILL, f"never comes to {name}, or hangs: {process.exitcode}"
    finally:
        process.kill()
    wait_for(lambda: not _has_sessions(process.pid), "the killed process's sessions to end", seconds=SECONDS)


def _do(act: Callable[[], object], owner: Any, name: str, when: str, call: int) -> None:
    faulthandler.dump_traceback_later(SECONDS - 5)
    # Its thread has not come along, and what is handed to it would wait for ever.
    SyncToAsync.single_thread_executor = ThreadPoolExecutor(max_workers=1)
    connections["default"].settings_dict["OPTIONS"]["application_name"] = _label(os.getpid())
    real, calls = getattr(owner, name), 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)
    act()


def _label(pid: int | None) -> str:
    return f"autopack test child {pid}"


def _has_sessions(pid: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [_label(pid)])
        return cursor.fetchone() is not None
