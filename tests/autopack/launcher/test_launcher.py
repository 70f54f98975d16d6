"""`make run` as a real process: refusals, the first start, deaths, the end."""

import re
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.launched import Launched, get_health
from tests.support.prepared import place_prepared
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(240)]
Launch = Callable[..., Launched]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    started: list[Launched] = []

    def start(**environment: str) -> Launched:
        launched = Launched(tmp_path / "home", environment)
        started.append(launched)
        return launched

    yield start
    for launched in started:
        launched.kill()
    for launched in started:
        launched.close()


@pytest.fixture
def _prepared(tmp_path: Path) -> None:
    place_prepared(tmp_path / "home")


def _is_gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


class TestRefusals:
    def test_a_port_in_use_is_one_clear_line(self, launch: Launch) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            launched = launch(PORT=str(port))
            assert launched.wait_for_end() == 1
        assert launched.text.splitlines() == [
            f"Autopack cannot start. Port {port} of 127.0.0.1 is in use. Stop what uses it, or set PORT."
        ]
        assert not launched.home.layout.cluster.exists()

    def test_an_address_that_is_not_ours_is_one_clear_line(self, launch: Launch) -> None:
        launched = launch(HOST="192.0.2.1", PORT="8000")
        assert launched.wait_for_end() == 1
        assert len(launched.text.splitlines()) == 1
        assert "192.0.2.1" in launched.text

    def test_a_home_that_cannot_be_made_is_one_clear_line(self, launch: Launch, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        launched = launch(AUTOPACK_HOME=str(tmp_path / "file" / "home"))
        assert launched.wait_for_end() == 1
        assert len(launched.text.splitlines()) == 1
        assert str(tmp_path / "file") in launched.text

    @pytest.mark.usefixtures("_prepared")
    def test_problems_of_the_configuration_are_said_and_nothing_is_left_running(
        self, launch: Launch, tmp_path: Path
    ) -> None:
        (tmp_path / "autopack.yaml").write_text("projects: {shop: {no_such_key: 1}}\n")
        launched = launch()
        assert launched.wait_for_end() == 1
        assert "no_such_key" in launched.text
        assert "Traceback" not in launched.text
        wait_for(launched.home.is_stopped, "the database to stop")


def test_the_first_start_signs_in_and_survives_deaths_and_the_end_leaves_nothing(launch: Launch) -> None:
    launched = launch()
    url = launched.wait_until_running()
    match = re.search(r"Sign in as admin with the password (\S+)", launched.text)
    assert match
    assert "Starter catalog: 431 features" in launched.text
    assert _sign_in(url, match[1])
    wait_for(lambda: _is_all_healthy(url), "all components to be healthy")

    for name in ("web", "worker"):
        victim = launched.children()[name]
        victim.kill()
        wait_for(partial(_is_replaced, launched, name, victim), f"a new {name}")
        wait_for(lambda: _is_all_healthy(url), f"health after the death of {name}", seconds=40)
        assert f"{name} ended (SIGKILL)" in launched.text
    launched.home.kill_server()
    wait_for(lambda: _is_all_healthy(url), "health after the death of PostgreSQL", seconds=40)
    launched.home.kill_keeper()
    wait_for(lambda: _is_all_healthy(url), "health after the death of the keeper", seconds=40)

    everything = launched.everything()
    launched.process.send_signal(signal.SIGTERM)
    assert launched.wait_for_end() == 0
    assert _is_gone(everything)
    assert launched.home.is_stopped()
    assert not (launched.home.layout.cluster / "postmaster.pid").exists()


@pytest.mark.usefixtures("_prepared")
def test_what_dies_before_the_first_healthy_answer_is_started_again(launch: Launch) -> None:
    launched = launch()
    wait_for(lambda: {"web", "worker"} <= set(launched.children()), "web and worker", seconds=60)
    for victim in launched.children().values():
        victim.kill()
    url = launched.wait_until_running()
    wait_for(lambda: _is_all_healthy(url), "all components to be healthy", seconds=40)
    launched.process.send_signal(signal.SIGTERM)
    assert launched.wait_for_end() == 0


@pytest.mark.usefixtures("_prepared")
def test_a_killed_launcher_takes_everything_along_and_the_next_start_is_as_usual(launch: Launch) -> None:
    first = launch(AUTOPACK_ADMIN_PASSWORD="correct horse battery")
    first.wait_until_running()
    everything = first.everything()
    assert {"web", "worker"} <= set(first.children())
    first.process.kill()
    wait_for(lambda: _is_gone(everything), "all processes to end", seconds=40)

    second = launch()
    url = second.wait_until_running()
    assert "correct horse" not in first.text + second.text
    assert "it is shown only this once" not in second.text
    assert "Starter catalog" not in second.text
    assert _sign_in(url, "correct horse battery")
    wait_for(lambda: _is_all_healthy(url), "all components to be healthy")
    second.process.send_signal(signal.SIGINT)
    assert second.wait_for_end() == 0
    assert second.home.is_stopped()


def test_two_first_starts_at_once_do_not_disturb_each_other(launch: Launch) -> None:
    both = [launch(), launch()]
    for url in [launched.wait_until_running() for launched in both]:
        wait_for(partial(_is_all_healthy, url), "all components to be healthy")
    assert sum("it is shown only this once" in launched.text for launched in both) == 1
    assert sum("Starter catalog:" in launched.text for launched in both) == 1


def _is_replaced(launched: Launched, name: str, victim: psutil.Process) -> bool:
    return launched.children().get(name, victim) != victim


def _is_all_healthy(url: str) -> bool:
    components = get_health(url).get("components", {})
    return len(components) == 5 and all(one["status"] == "healthy" for one in components.values())


def _sign_in(url: str, password: str) -> bool:
    with httpx.Client(base_url=url, timeout=30) as client:
        client.get("/accounts/login/").raise_for_status()
        form = {
            "username": "admin",
            "password": password,
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        return client.post("/accounts/login/", data=form).status_code == httpx.codes.FOUND
