"""What must be in the database before web and worker may use it."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg import connect

from autopack.launcher.errors import LaunchError
from autopack.services.first_admin import create_first_admin

# Any number will do that no other program uses in this database.
_ADVISORY_LOCK = 0x6175746F
_PATIENCE_SECONDS = 30
_LONG_PATIENCE_SECONDS = 600
_PAUSE_SECONDS = 0.5


def prepare() -> str | None:
    """Migrate, sync the projects, load the starter catalog where there is none, make the first admin.
    Idempotent; of several at once one works at a time.

    Returns the password that was generated for a new admin, if one was. Exits as `sync_projects` does when
    autopack.yaml has problems; repositories that cannot be used are said and stop nothing. The roles' groups
    come with the migrations. Raises LaunchError where the database does not answer.
    """
    _wait_for_the_database()
    with _one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("sync_projects")
        call_command("load_starter_catalog")
        return create_first_admin(password=os.environ.get("AUTOPACK_ADMIN_PASSWORD", ""))


def await_preparation(patience_seconds: float = _LONG_PATIENCE_SECONDS) -> None:
    """Return when `prepare` has been done for this version of the code, by whoever did it.

    Then says which repositories cannot be used from here. Raises LaunchError when it takes too long.
    """
    _wait_for_the_database()
    deadline = time.monotonic() + patience_seconds
    pause = threading.Event()
    while not _is_prepared():
        if time.monotonic() > deadline:
            raise LaunchError(
                f"The database was not prepared within {patience_seconds:g} s. Start web, which does that, "
                f"with the same DATABASE_URL and the same version of Autopack."
            )
        pause.wait(_PAUSE_SECONDS)
    with _one_at_a_time():  # after migrations, whoever prepares syncs the projects
        call_command("check_repositories")


def _is_prepared() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _wait_for_the_database() -> None:
    """A server elsewhere may be starting at this moment, too. Raises LaunchError when it takes too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = threading.Event()
    while True:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise LaunchError(f"{_name_database()} does not answer: {error}") from error
            pause.wait(_PAUSE_SECONDS)
        else:
            return


def _name_database() -> str:
    known = connection.settings_dict
    return f"The database {known['NAME']} at {known['HOST'] or 'localhost'}:{known['PORT'] or 5432}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Holds an advisory lock of the database, on a connection of its own that ends with the work."""
    params = connection.get_connection_params()
    wanted = {name: value for name, value in params.items() if name not in {"context", "cursor_factory"}}
    with connect(**wanted, autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        yield
