"""Where things are, and the refusal to use what is not ours."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from autopack.embedded.errors import EmbeddedDatabaseError
from autopack.embedded.layout import Layout
from autopack.embedded.users import settings_for

LONG = "x" * 120


@pytest.fixture
def distant(tmp_path: Path) -> Iterator[Layout]:
    """A home whose path is too long for a socket."""
    layout = Layout(tmp_path / LONG)
    yield layout
    if layout.socket_folder.is_symlink():
        layout.socket_folder.unlink()
    elif layout.socket_folder.exists():
        layout.socket_folder.rmdir()


def test_a_home_that_cannot_be_made_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedDatabaseError, match=r"cannot make its folder .*Set AUTOPACK_HOME"):
        Layout(tmp_path / "file" / "home").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EmbeddedDatabaseError, match="AUTOPACK_HOME"):
        Layout(tmp_path).prepare()


def test_a_folder_for_the_socket_that_others_may_enter_is_refused(distant: Layout) -> None:
    distant.socket_folder.mkdir(mode=0o755)
    with pytest.raises(EmbeddedDatabaseError, match="mode 0700"):
        distant.prepare()


def test_a_link_in_place_of_the_folder_for_the_socket_is_refused(distant: Layout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    distant.socket_folder.symlink_to(elsewhere)
    with pytest.raises(EmbeddedDatabaseError, match="mode 0700"):
        distant.prepare()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_a_folder_for_the_socket_that_belongs_to_another_is_refused(distant: Layout) -> None:
    distant.socket_folder.mkdir(mode=0o700)
    os.chown(distant.socket_folder, 12345, 12345)
    with pytest.raises(EmbeddedDatabaseError, match="mode 0700"):
        distant.prepare()


def test_folders_are_private_and_those_that_exist_stay_as_they_are(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o750)
    layout = Layout(home)
    layout.prepare()
    assert home.stat().st_mode & 0o777 == 0o750
    assert layout.run.stat().st_mode & 0o777 == 0o700
    assert layout.socket_folder == layout.run


def test_two_distant_homes_have_different_folders_for_their_sockets(tmp_path: Path) -> None:
    folders = {Layout(tmp_path / LONG / name).socket_folder for name in ("a", "b")}
    assert len(folders) == 2
    assert all(len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= 103 for folder in folders)


def test_the_settings_start_nothing_and_take_relative_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entry = settings_for(Path("home"))
    assert entry["ENGINE"] == "autopack.embedded.backend"
    assert entry["AUTOPACK_HOME"] == str(tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_those_who_come_by_a_link_meet_those_who_do_not(tmp_path: Path) -> None:
    for name in ("home", LONG):
        (tmp_path / name).mkdir()
        link = tmp_path / f"to-{name[:4]}"
        link.symlink_to(tmp_path / name)
        assert Layout(link).socket_folder == Layout(tmp_path / name).socket_folder
