"""What the tests of the catalog share."""

from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from autopack.actors import Actor, ActorKind, Role
from tests.support.curation import Curation
from tests.support.upstreams import Upstreams


@pytest.fixture
def curator() -> Actor:
    return Actor(ActorKind.USER, "user:7", "ada", frozenset({Role.CURATOR}))


@pytest.fixture
def upstreams(tmp_path: Path, settings: Settings) -> Upstreams:
    """An installation that fetches from one folder, with a home of its own."""
    (tmp_path / "upstream").mkdir()
    settings.AUTOPACK_HOME = tmp_path / "home"
    settings.FETCH_ROOTS = [tmp_path / "upstream"]
    return Upstreams(tmp_path / "upstream", tmp_path / "home" / "mirrors")


@pytest.fixture
def curation(db: None, upstreams: Upstreams) -> Curation:
    """The queue is empty: not every test flushes its tables."""
    ProcrastinateJob.objects.all().delete()
    return Curation(upstreams.root)
