from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Self

from django.db.backends.postgresql import base, client
from django.utils.asyncio import async_unsafe
from psycopg import Connection, OperationalError

from autopack.embedded import ensure_running
from autopack.embedded.cluster import find_binaries
from autopack.embedded.users import wait_until_accepting


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the psql that belongs to the server."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        psql = find_binaries(Path(settings_dict["AUTOPACK_HOME"]) / "postgres").folder / "psql"
        return ([str(psql), *arguments[1:]] if psql.exists() else arguments), environment


class DatabaseWrapper(base.DatabaseWrapper):
    """Whoever asks for a connection, or only for its parameters, finds the server running."""

    client_class = DatabaseClient

    @property
    def _home(self) -> Path:
        return Path(self.settings_dict["AUTOPACK_HOME"])

    @property
    def pool(self) -> Any:  # psycopg's, of a generic row type
        """Django's, whose connections wait for the server instead of trying again ever more seldom."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options:
            given = options if isinstance(options, dict) else {}
            waiting = {"connection_class": _waiting_connection(self._home), **given}
            self.settings_dict["OPTIONS"]["pool"] = waiting
        return super().pool

    def get_connection_params(self) -> dict[str, Any]:
        ensure_running(self._home)
        return super().get_connection_params()

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # psycopg's, of a generic row type
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            # A server that has just died is being restarted; a refusal of another kind comes again.
            wait_until_accepting(self._home)
            return super().get_new_connection(conn_params)


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
