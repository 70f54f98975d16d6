"""What the settings say of where repositories may be fetched from."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from catalog_app.services.fetching import get_detector, open_mirror, place_rules
from catalog_app.verification.errors import HostRefused, OutsideRoots
from catalog_app.verification.places import DEFAULT_HOSTS


def test_refuses_hosts_that_are_not_listed(settings: LazySettings) -> None:
    settings.FETCH_HOSTS = ["git.example.org"]

    with pytest.raises(HostRefused):
        open_mirror("https://github.com/pallets/flask")


def test_refuses_local_paths_unless_a_root_is_set(settings: LazySettings, tmp_path: Path) -> None:
    settings.FETCH_ROOTS = []

    with pytest.raises(OutsideRoots):
        open_mirror(str(tmp_path))


def test_an_empty_list_of_hosts_is_none_at_all(settings: LazySettings) -> None:
    settings.FETCH_HOSTS = []

    assert place_rules().hosts == frozenset()


def test_the_well_known_hosts_are_the_default(settings: LazySettings) -> None:
    settings.FETCH_HOSTS = None

    assert place_rules().hosts == DEFAULT_HOSTS


def test_mirrors_are_in_the_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.FETCH_ROOTS = [tmp_path]
    settings.AUTOPACK_HOME = tmp_path / "home"

    assert open_mirror(str(tmp_path / "shop")).folder.parent == tmp_path / "home" / "mirrors"


def test_scancode_is_asked_where_it_is_installed(settings: LazySettings, tmp_path: Path) -> None:
    program = tmp_path / "scancode"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for configured, name in {
        "": "licenseclassifier",
        str(tmp_path / "nothing"): "licenseclassifier",
        str(program): "licenseclassifier, then scancode",
    }.items():
        settings.SCANCODE = configured
        assert get_detector().name == name
