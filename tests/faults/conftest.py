"""One Autopack for all tests that kill processes of a whole one."""

from collections.abc import Iterator

import pytest

from tests.support.live import LiveAutopack, live_autopack
from tests.support.waiting import wait_for


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveAutopack]:
    """It may fetch from `upstream` beside its home. In the end it leaves no process behind."""
    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOPACK_FETCH_ROOTS", str(folder / "upstream"))
        with live_autopack(folder / "home") as live:
            yield live
            live.stop()
            wait_for(lambda: not live.processes(), "every process to be gone", seconds=30)
