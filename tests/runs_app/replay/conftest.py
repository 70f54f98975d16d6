"""Repositories to replay, and a console that is read."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.support.history import make_history
from tests.support.repos import GitRepo


@pytest.fixture
def history(tmp_path: Path) -> GitRepo:
    """Twelve commits after the first: one of each kind."""
    return make_history(tmp_path / "shop", 12)


@pytest.fixture
def console() -> tuple[Console, Callable[[], str]]:
    """A console, and what was written to it."""
    written = StringIO()
    return Console(file=written, width=120), written.getvalue
