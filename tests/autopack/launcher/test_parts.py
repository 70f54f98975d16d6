"""Web and worker started apart, as containers start them."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autopack.launcher.launcher import PROJECT_ROOT, Part
from tests.support.launched import Launched, get_health
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(240)]
Launch = Callable[..., Launched]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    started: list[Launched] = []

    def start(part: str, **environment: str) -> Launched:
        launched = Launched(tmp_path / "home", environment, part)
        started.append(launched)
        return launched

    yield start
    for launched in started:
        launched.kill()
    for launched in started:
        launched.close()


def test_an_unknown_part_is_refused_with_those_that_are_known() -> None:
    command = [sys.executable, "-m", "autopack.launcher", "everything"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(part in done.stderr for part in Part)


def test_a_worker_that_still_waits_can_be_stopped(launch: Launch) -> None:
    worker = launch("worker")
    wait_for(lambda: _is_waiting(worker), "the worker to wait")
    worker.process.send_signal(signal.SIGTERM)
    assert worker.wait_for_end(seconds=30) == 0


def test_what_waits_ends_with_its_launcher(launch: Launch) -> None:
    worker = launch("worker")
    wait_for(lambda: _is_waiting(worker), "the worker to wait")
    waiting = worker.find_child("--wait")
    worker.kill()
    assert waiting is not None
    assert waiting.wait(timeout=30) is None


def test_a_worker_waits_for_web_and_then_says_what_it_cannot_use(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "autopack.yaml").write_text("projects: {shop: {repo_path: gone}}\n")
    worker = launch("worker")
    wait_for(lambda: _is_waiting(worker), "the worker to wait")
    web = launch("web")
    url = web.wait_until_running()
    wait_for(lambda: set(worker.children()) == {"worker"}, "the worker's process", seconds=60)
    assert set(web.children()) == {"web"}
    for part in (web, worker):
        assert "Project shop: the repository cannot be used (missing)" in part.text
    assert "it is shown only this once" in web.text
    assert "password" not in worker.text
    wait_for(lambda: _worker_is_healthy(url), "web to see the worker")


def _is_waiting(worker: Launched) -> bool:
    """Its `prepare --wait` has found a database that is not ready: it is idle."""
    return worker.find_child("--wait") is not None and worker.home.layout.cluster.exists()


def _worker_is_healthy(url: str) -> bool:
    components = get_health(url).get("components", {})
    return bool(components) and components["worker"]["status"] == "healthy"
