"""The base of all tests: the database they share with nobody, and nothing slow that no test is about."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings
from whitenoise.responders import StaticFile

from autopack.embedded.locks import open_lock, try_lock
from autopack.middleware import StaticFilesMiddleware
from tests.support.emptying import empty_tables

MOST_SESSIONS_AT_ONCE = 32
INTEGRATION_FIXTURES = {
    *("transactional_db", "live_server", "repo", "adapter", "runner", "isolation"),
    *("upstreams", "curation", "history"),
}
"""What a test has that works on a real repository, runs processes, or commits to the database."""
INTEGRATION_FOLDERS = {"contract", "container", "embedded", "launcher", "gitops"}

# A machine that keeps no byte code has every one of the processes that tests start compile the project anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says more about what else the machine does than about what is tested.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What collecting makes is there to stay: a quarter of its time would go into looking for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make quick` leaves out, so that no test has to remember it. Browser tests come last:
    Playwright keeps an event loop running in this thread, and others could start none."""
    for item in items:
        is_deep = not INTEGRATION_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        if is_deep or not INTEGRATION_FOLDERS.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.integration)
        if item.get_closest_marker("django_db") or "db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A database of its own for each session that runs at the same time in one AUTOPACK_HOME.

    Its commits do not wait for the disk: what a test wrote need not outlive a power cut.
    """
    entry = connections["default"].settings_dict
    number = _claim_number()
    if number > 1:
        entry["TEST"]["NAME"] = f"test_{entry['NAME']}_{number}"
    entry["OPTIONS"]["options"] = "-c synchronous_commit=off"


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_cheap() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Every client of a test has middleware of its own, and each would look at hundreds of files."""
    look = StaticFilesMiddleware.add_files_from_finders
    found: dict[str, StaticFile] = {}

    def look_once(middleware: StaticFilesMiddleware) -> None:
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with patch.object(StaticFilesMiddleware, "add_files_from_finders", look_once):
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_cheaply() -> Iterator[None]:
    """After each of the hundreds of tests that commit. Django would truncate every table."""

    def empty(case: TransactionTestCase) -> None:
        empty_tables(connections["default"])

    with patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield


def _claim_number() -> int:
    """The lowest number that no other session holds. The lock ends with this process."""
    folder = settings.AUTOPACK_HOME / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(1, MOST_SESSIONS_AT_ONCE + 1):
        if try_lock(open_lock(folder / f"test-database-{number}")):
            return number
    pytest.exit(
        f"{MOST_SESSIONS_AT_ONCE} test sessions run in {settings.AUTOPACK_HOME} already", returncode=3
    )
