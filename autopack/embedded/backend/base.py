from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base, client
from django.utils.asyncio import async_unsafe
from psycopg import OperationalError

from autopack.embedded import ensure_running
from autopack.embedded.backend.pool import EmbeddedPool
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
    # Django's own, which its stubs leave out.
    _connection_pools: dict[str, EmbeddedPool]
    _configure_connection: Callable[[Any], bool]

    @property
    def _home(self) -> Path:
        return Path(self.settings_dict["AUTOPACK_HOME"])

    @property
    def pool(self) -> Any:  # psycopg's, of a generic row type
        """As Django's, but an `EmbeddedPool`. It makes none where OPTIONS has no `pool`."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias != NO_DB_ALIAS and self.alias not in self._connection_pools:
            given = options if isinstance(options, dict) else {}
            params = {**self.get_connection_params(), "autocommit": True}
            pool = EmbeddedPool(self._home, kwargs=params, configure=self._configure_connection, **given)
            # Of several threads that come here at once the first one's is taken; none is open yet.
            self._connection_pools.setdefault(self.alias, pool)
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
