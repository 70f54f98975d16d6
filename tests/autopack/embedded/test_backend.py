"""Django on the embedded server: started by the first connection, found again after a crash."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.utils import ConnectionHandler
from psycopg_pool import ConnectionPool
from pytest_django import DjangoDbBlocker

from autopack.embedded import release, settings_for
from autopack.embedded.backend.base import DatabaseClient, DatabaseWrapper
from tests.support.database_home import Home
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]
POOL = {"min_size": 0, "max_size": 4, "timeout": 20}
Connect = Callable[..., DatabaseWrapper]


@pytest.fixture
def connect(
    home: Home, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[Connect]:
    """Connections to the home's database, known to Django; this process is no user after the test."""
    monkeypatch.setenv("AUTOPACK_DATABASE_GRACE_SECONDS", "0.3")
    made: list[DatabaseWrapper] = []

    def make(**options: Any) -> DatabaseWrapper:
        alias = f"embedded-{len(made)}"
        handler = ConnectionHandler({DEFAULT_DB_ALIAS: {**settings_for(home.path), **options}})
        connections.settings[alias] = handler.settings[DEFAULT_DB_ALIAS]
        wrapper = connections[alias]
        assert isinstance(wrapper, DatabaseWrapper)
        made.append(wrapper)
        return wrapper

    with django_db_blocker.unblock():
        yield make
    for wrapper in made:
        wrapper.close()
        wrapper.close_pool()
        del connections[wrapper.alias]
        del connections.settings[wrapper.alias]
    release(home.path)


def _ask(wrapper: DatabaseWrapper, sql: str) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def test_a_database_that_does_not_exist_is_refused_at_once(connect: Connect) -> None:
    with pytest.raises(OperationalError, match="does not exist"):
        _ask(connect(NAME="nothing"), "SELECT 1")


def test_asking_for_the_parameters_starts_the_server(home: Home, connect: Connect) -> None:
    assert not home.servers()
    params = connect().get_connection_params()
    assert params["host"] == str(home.layout.socket_folder)
    assert home.servers()


@pytest.mark.parametrize("options", [{}, {"pool": POOL}], ids=["plain", "pool"])
@pytest.mark.parametrize("kill", [Home.kill_server, Home.kill_keeper], ids=["server", "keeper"])
def test_the_next_connection_after_a_crash_works(
    home: Home, connect: Connect, options: dict[str, Any], kill: Callable[[Home], None]
) -> None:
    wrapper = connect(OPTIONS=options, CONN_HEALTH_CHECKS=True)
    _ask(wrapper, "CREATE TABLE kept AS SELECT 42 AS value")
    wrapper.close()
    (server,) = home.servers()
    processes = [server, *server.children()]
    kill(home)
    wait_for(lambda: not any(process.is_running() for process in processes), "the server to end")
    assert _ask(wrapper, "SELECT value FROM kept") == 42


def test_a_pool_full_of_dead_connections_recovers(home: Home, connect: Connect) -> None:
    wrapper = connect(OPTIONS={"pool": POOL}, CONN_HEALTH_CHECKS=True)
    _ask(wrapper, "SELECT 1")
    pool = wrapper.pool
    assert isinstance(pool, ConnectionPool)
    held = [pool.getconn() for _ in range(3)]
    for connection in held:
        pool.putconn(connection)
    wrapper.close()
    backends = home.servers()[0].children()
    home.kill_server()
    wait_for(lambda: not any(backend.is_running() for backend in backends), "the connections to die")
    for _ in range(5):
        assert _ask(wrapper, "SELECT 1") == 1
        wrapper.close()


def test_psql_is_the_servers_own(home: Home) -> None:
    arguments, _ = DatabaseClient.settings_to_cmd_args_env(settings_for(home.path), ["-c", "SELECT 1"])
    assert arguments[0].endswith("/bin/psql")
    assert arguments[-1] == "autopack"


@pytest.mark.django_db
def test_the_tests_themselves_run_on_a_database_that_does_not_wait_for_the_disk() -> None:
    if connections[DEFAULT_DB_ALIAS].settings_dict["ENGINE"] != "autopack.embedded.backend":
        pytest.skip("DATABASE_URL is set")
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("off",)
