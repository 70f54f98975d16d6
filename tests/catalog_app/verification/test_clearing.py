"""Mirrors that nothing uses."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog_app.verification.clearing import clear_unused_mirrors
from catalog_app.verification.mirror import Mirror
from catalog_app.verification.watching import Watch
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.integration

CUTOFF = datetime(2026, 6, 1, tzinfo=UTC)
OLD = (CUTOFF - timedelta(days=1)).timestamp()


def age(mirror: Mirror) -> None:
    lock = mirror.folder.with_suffix(".lock")
    os.utime(lock, (OLD, OLD))


def test_where_nothing_was_ever_fetched_nothing_is_removed(tmp_path: Path) -> None:
    assert clear_unused_mirrors(tmp_path / "mirrors", unused_since=CUTOFF) == 0


def test_what_is_in_use_or_was_used_lately_stays(upstreams: Upstreams) -> None:
    used = upstreams.mirror(upstreams.make(name="used"))
    used.fetch()
    busy = upstreams.mirror(upstreams.make(name="busy"))
    removed: list[int] = []

    def clear(percent: int) -> None:
        age(busy)
        removed.append(clear_unused_mirrors(upstreams.mirrors, unused_since=CUTOFF))

    busy.fetch(Watch(on_progress=clear))
    assert removed
    assert not any(removed)
    assert used.folder.is_dir()


def test_what_was_not_used_for_long_goes_and_can_be_fetched_again(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    age(mirror)
    assert clear_unused_mirrors(upstreams.mirrors, unused_since=CUTOFF) == 1
    assert not mirror.folder.exists()
    assert clear_unused_mirrors(upstreams.mirrors, unused_since=CUTOFF) == 0
    assert mirror.fetch().head_commit == repo.head()
