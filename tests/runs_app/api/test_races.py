"""Clients at the same moment, over real HTTP, on a real web process and real PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import httpx
import pytest

from tests.support.live import LiveAutopack, live_autopack
from tests.support.repos import make_repo

PHASES = 50
BUILDERS = 2
CROWD = 4
AT_ONCE = 10

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

Json = Any  # documents of the API
T = TypeVar("T")


class Caller:
    """One key on a live server."""

    def __init__(self, live: LiveAutopack, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{live.url}/api/v1/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=90,
            trust_env=False,
        )

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.post(path, json=body, headers=named)

    def get(self, path: str) -> Json:
        return self._http.get(path).raise_for_status().json()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveAutopack]:
    folder = tmp_path_factory.mktemp("races")
    repo = make_repo(folder / "shop")
    home = folder / "home"
    with live_autopack(home) as live:
        config = home / "autopack.yaml"
        config.write_text(f"projects: {{shop: {{repo_path: {repo.path}}}}}\n")
        synced = live.run("sync_projects", AUTOPACK_CONFIG=str(config))
        assert synced.returncode == 0, synced.stderr
        yield live


@pytest.fixture(scope="module")
def planner(live: LiveAutopack) -> Caller:
    return Caller(live, live.make_key("planner", "builder"))


@pytest.fixture(scope="module")
def builders(live: LiveAutopack) -> list[Caller]:
    """Every key takes a process to make it."""
    return [Caller(live, live.make_key("builder")) for _ in range(CROWD - 1)]


def start(planner: Caller, run_id: str, phases: int) -> None:
    body = {
        "run": {"run_id": run_id, "max_phases": phases},
        "tiers": [{"tier_id": "t", "tier_index": 1, "name": "T"}],
        "phases": [
            {"phase_id": f"p{n:02d}", "phase_index": n, "tier_id": "t", "name": f"Phase {n}"}
            for n in range(phases)
        ],
    }
    answer = planner.post("runs/start", body)
    assert answer.status_code == 201, answer.text


def added(name: str) -> str:
    head = f"diff --git a/{name} b/{name}\nnew file mode 100644\n"
    return f"{head}--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n"


def all_at_once(call: Callable[[int], T], count: int) -> list[T]:
    """The call, from so many threads at the same moment."""
    barrier = Barrier(count)

    def wait_and_call(number: int) -> T:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_call, range(count)))


def test_two_builders_racing_for_fifty_phases_never_hold_the_same(
    planner: Caller, builders: list[Caller]
) -> None:
    start(planner, "race", PHASES)

    def build(number: int) -> list[tuple[str, str]]:
        """Claims as (phase, claim id), until the run has ended."""
        held: list[tuple[str, str]] = []
        while True:
            answer = builders[number].post("runs/race/claim", {}, Prefer="wait=10")
            if answer.status_code == 409:
                assert answer.json()["code"] == "run_ended"
                return held
            claim = answer.json()["claim"]
            if claim is None:
                continue
            held.append((claim["phase_id"], claim["claim_id"]))
            ids = {"run_id": "race", "phase_id": claim["phase_id"], "claim_id": claim["claim_id"]}
            result = ids | {"status": "success", "patch_content": added(f"{claim['phase_id']}.txt")}
            done = builders[number].post(f"runs/race/phases/{claim['phase_id']}/builder_result", result)
            assert done.status_code == 200, done.text

    first, second = all_at_once(build, BUILDERS)
    phases = [phase for phase, _ in first + second]
    assert len(phases) == PHASES
    assert len(set(phases)) == PHASES
    assert len({claim for _, claim in first + second}) == PHASES
    assert first
    assert second
    run = planner.get("runs/race")
    assert run["state"] == "DONE_SUCCESS"
    assert [phase["builder_attempts"] for tier in run["tiers"] for phase in tier["phases"]] == [1] * PHASES


def test_a_claim_asked_for_by_many_at_once_is_given_to_one(planner: Caller, builders: list[Caller]) -> None:
    start(planner, "crowd", 1)
    callers = [planner, *builders]
    answers = all_at_once(lambda n: callers[n].post("runs/crowd/claim", {}).json()["claim"], CROWD)
    assert len([claim for claim in answers if claim]) == 1


def test_a_claim_repeated_under_one_key_at_once_is_the_same_claim(planner: Caller) -> None:
    start(planner, "echo", 1)
    answers = all_at_once(
        lambda _: planner.post("runs/echo/claim", {}, Idempotency_Key="mine").json()["claim"], AT_ONCE
    )
    assert len({claim["claim_id"] for claim in answers}) == 1


@pytest.mark.parametrize("headers", [{"Idempotency_Key": "once"}, {}], ids=["keyed", "same patch"])
def test_the_same_result_ten_times_at_once_is_one_attempt_with_ten_equal_answers(
    planner: Caller, headers: dict[str, str], request: pytest.FixtureRequest
) -> None:
    run_id = f"ten-{len(headers)}"
    start(planner, run_id, 2)
    body = {"run_id": run_id, "phase_id": "p00", "status": "success", "patch_content": added("once.txt")}
    answers = all_at_once(
        lambda _: planner.post(f"runs/{run_id}/phases/p00/builder_result", body, **headers), AT_ONCE
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    attempts = planner.get(f"runs/{run_id}/phases/p00/attempts")
    assert [attempt["state"] for attempt in attempts] == ["ACCEPTED"]


def test_the_same_start_ten_times_at_once_is_one_run(planner: Caller) -> None:
    body = {
        "run": {"run_id": "begin"},
        "tiers": [{"tier_id": "t", "tier_index": 1, "name": "T"}],
        "phases": [{"phase_id": "p", "phase_index": 1, "tier_id": "t", "name": "P"}],
    }
    answers = all_at_once(lambda _: planner.post("runs/start", body), AT_ONCE)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["created_at"] for answer in answers}) == 1
