"""Looking for garbage seldom."""

import gc
from collections.abc import Iterator

import pytest

from autopack.launcher.garbage import THRESHOLDS, loading


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_what_is_loaded_is_never_looked_through_and_the_rest_seldom() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        kept = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() >= before + len(kept)


def test_what_could_not_be_loaded_changes_nothing() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(LookupError), loading():
        raise LookupError
    assert gc.isenabled()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
