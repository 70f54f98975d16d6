"""`kill -9` of web, worker and PostgreSQL while a replay with CI runs: nothing is lost, nothing done twice.

AUTOPACK_FAULT_KILLS, AUTOPACK_FAULT_SEED, AUTOPACK_FAULT_REPO and AUTOPACK_FAULT_COMMITS make a longer run of
it, on a repository of choice (a copy is played in).
"""

import json
import os
import random
import subprocess
import threading
from itertools import cycle, islice
from pathlib import Path

import pytest

from runs_app.replay.client import ApiClient
from tests.support.history import make_history
from tests.support.live import LiveAutopack
from tests.support.repos import GitRepo, fingerprint
from tests.support.waiting import wait_for

KINDS = ("web", "worker", "postgres")
KILLS = int(os.environ.get("AUTOPACK_FAULT_KILLS", "4"))
SEED = int(os.environ.get("AUTOPACK_FAULT_SEED", "20260101"))
COMMITS = int(os.environ.get("AUTOPACK_FAULT_COMMITS", "14"))
SECONDS_PER_KILL = 60
RUN = "faults"

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(120 + KILLS * SECONDS_PER_KILL)]


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    source = os.environ.get("AUTOPACK_FAULT_REPO")
    if source is None:
        return make_history(tmp_path / "shop", COMMITS)
    copy = GitRepo(tmp_path / "copy")
    copy.path.mkdir()
    copy.git("clone", "--quiet", source, ".")
    return copy


def test_a_replay_survives_kill_9_of_every_process(live: LiveAutopack, tmp_path: Path, repo: GitRepo) -> None:
    before = fingerprint(repo)
    figures = tmp_path / "figures.json"
    options = ["--ci", "sleep 0.1; ls -A", "--workers", "2", "--run-id", RUN, "--json", str(figures)]
    with (tmp_path / "replay.log").open("wb") as log:
        replay = subprocess.Popen(
            live.manage("replay", "--repo", str(repo.path), "--commits", str(COMMITS), *options),
            env=live.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        killed = _kill_at_random(live, repo, replay)
        status = replay.wait(120)
    finally:
        replay.kill()
        replay.wait()
    said = (tmp_path / "replay.log").read_text()
    print(f"killed: {', '.join(killed)}\n{said}")  # noqa: T201 - what `pytest -s` shows of a long run
    assert status == 0, said
    assert json.loads(figures.read_text())["problems"] == []
    assert len(killed) == KILLS
    _ensure_nothing_done_twice(live)
    assert fingerprint(repo) == before
    repo.fsck()
    ours = {ref for ref in repo.refs() if "autopack" in ref or "autonomous" in ref}
    tags = {ref for ref in ours if ref.startswith(f"refs/tags/autopack/{RUN}/")}
    assert len(tags) == COMMITS
    assert ours == tags | {f"refs/heads/autonomous/{RUN}"}
    assert not list((live.home / "workspaces").iterdir())


def _kill_at_random(live: LiveAutopack, repo: GitRepo, replay: "subprocess.Popen[bytes]") -> list[str]:
    """Kills spread over the whole replay, each at a random moment of some phase."""
    # Not a secret: the same seed gives the same order of kills.
    chance = random.Random(SEED)
    kinds = list(islice(cycle(KINDS), KILLS))
    chance.shuffle(kinds)
    moments = sorted(chance.uniform(0, COMMITS * 0.85) for _ in kinds)
    killed: list[str] = []
    for kind, moment in zip(kinds, moments, strict=True):

        def is_due(moment: float = moment) -> bool:
            return _count_snapshots(repo) >= int(moment) or replay.poll() is not None

        wait_for(is_due, f"snapshot {int(moment)}", seconds=120)
        assert replay.poll() is None, "the replay ended before all was killed"
        threading.Event().wait(moment % 1)
        live.kill(kind)
        killed.append(f"{kind} after {_count_snapshots(repo)}")
    return killed


def _count_snapshots(repo: GitRepo) -> int:
    return sum(ref.startswith(f"refs/tags/autopack/{RUN}/") for ref in repo.refs())


def _ensure_nothing_done_twice(live: LiveAutopack) -> None:
    with ApiClient(live.url, live.make_key("reader")) as client:
        run = client.get_run(RUN)
        assert run["state"] == "DONE_SUCCESS"
        assert run["phases_complete"] == COMMITS
        for phase in (phase for tier in run["tiers"] for phase in tier["phases"]):
            attempts = client.list_attempts(RUN, phase["phase_id"])
            accepted = [attempt for attempt in attempts if attempt["state"] == "ACCEPTED"]
            assert len(accepted) == 1, attempts
            ci_runs = client.list_ci_runs(RUN, phase["phase_id"])
            of_accepted = [ci_run for ci_run in ci_runs if ci_run["attempt"] == accepted[0]["number"]]
            assert [ci_run["state"] for ci_run in of_accepted] == ["PASSED"], ci_runs
            assert of_accepted[0]["commit"] == accepted[0]["candidate"]["commit"]
            assert not [step for ci_run in ci_runs for step in ci_run["steps"] if step["state"] == "RUNNING"]
