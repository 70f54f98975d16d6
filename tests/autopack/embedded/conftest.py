"""Homes of embedded databases, and processes that use them."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.database_home import Home, begun_home
from tests.support.database_user import DatabaseUser
from tests.support.waiting import wait_for


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home whose data are made, and whose processes are gone after the test."""
    home = begun_home(tmp_path / "home")
    yield home
    _stop(home)


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Home]:
    """An empty one: the first start makes its data."""
    home = Home(tmp_path / "home")
    yield home
    _stop(home)


@pytest.fixture
def open_home() -> Iterator[Home]:
    """An empty home that every user of the machine can reach and root owns; `tmp_path` is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="autopack-test-", dir="/tmp"))
    folder.chmod(0o755)
    home = Home(folder / "home")
    home.path.mkdir(mode=0o700)
    yield home
    _stop(home)
    shutil.rmtree(folder)


def _stop(home: Home) -> None:
    for keeper in home.keepers():
        keeper.send_signal(signal.SIGTERM)
    wait_for(home.is_stopped, "the database to stop after the test", seconds=40)


@pytest.fixture
def use() -> Iterator[Callable[..., DatabaseUser]]:
    """Starts processes that use a database, and ends them after the test."""
    started: list[DatabaseUser] = []

    def start(home: Home, **options: object) -> DatabaseUser:
        user = DatabaseUser(home.path, **options)  # type: ignore[arg-type] # as the caller gave them
        started.append(user)
        return user

    yield start
    for user in started:
        user.__exit__()
