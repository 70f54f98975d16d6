"""A pool for a server that is restarted within a second when it dies, and that is on the same machine."""

import time
from functools import cache
from pathlib import Path
from typing import Any, Self

from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

from autopack.embedded.users import wait_until_accepting


class EmbeddedPool(ConnectionPool[Connection[Any]]):
    """Gives out only connections that work, and finds out without delay.

    psycopg's own check pauses for 1, 2, 4 … seconds after each dead connection, which with a pool full of
    them outlasts any timeout; and it tries to connect again ever more seldom.
    """

    def __init__(self, home: Path, **options: Any) -> None:
        super().__init__(connection_class=_waiting_connection(home), open=False, **options)

    def getconn(self, timeout: float | None = None) -> Connection[Any]:
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            connection = super().getconn(deadline - time.monotonic())
            try:
                self.check_connection(connection)
            except OperationalError:
                # The pool sees that it is closed and makes another.
                self.putconn(connection)
            else:
                return connection


@cache
def _waiting_connection(home: Path) -> type[Connection[Any]]:
    class WaitingConnection(Connection[Any]):
        @classmethod
        def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
            try:
                return super().connect(conninfo, **kwargs)
            except OperationalError:
                wait_until_accepting(home)
                return super().connect(conninfo, **kwargs)

    return WaitingConnection
