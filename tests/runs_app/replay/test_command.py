"""`manage.py replay` as a person runs it: refusals in one line, then a replay on a live server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from runs_app.replay.errors import ReplayError
from runs_app.replay.session import Options, Wish, resume_replay, start_replay
from tests.support.history import make_history
from tests.support.live import LiveAutopack, free_port, live_autopack
from tests.support.prepared import place_prepared
from tests.support.repos import GitRepo, fingerprint, make_repo
from tests.support.waiting import wait_for

COMMITS = 12

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveAutopack]:
    with live_autopack(tmp_path_factory.mktemp("replay") / "home") as live:
        yield live


def _ensure_refused(live: LiveAutopack, reason: str, *args: str) -> None:
    """Exit status 2, and one line on stderr that has the reason."""
    refused = live.run("replay", *args)
    assert refused.returncode == 2, refused.stdout + refused.stderr
    lines = refused.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert reason in lines[0]


def test_what_is_no_repository_is_refused(live: LiveAutopack, tmp_path: Path) -> None:
    _ensure_refused(live, "no git repository", "--repo", str(tmp_path))


def test_a_branch_that_is_there_is_refused_and_left_alone(live: LiveAutopack, history: GitRepo) -> None:
    history.git("branch", "autonomous/taken")
    before = history.refs()
    args = ["--repo", str(history.path), "--commits", "1", "--run-id", "taken"]
    _ensure_refused(live, "exists already", *args)
    assert history.refs() == before


def test_a_server_on_another_database_is_named_as_such(
    live: LiveAutopack, history: GitRepo, db: None
) -> None:
    wish = Wish(repo=history.path, commits=1)
    with pytest.raises(ReplayError, match="another database"):
        start_replay(wish, Options(url=live.url), Console(quiet=True))


def test_a_run_that_is_not_there_cannot_be_resumed(live: LiveAutopack, db: None) -> None:
    with pytest.raises(ReplayError, match="There is no run 'nothing'"):
        resume_replay("nothing", Options(url=live.url), Console(quiet=True))


def test_a_red_commit_ends_with_status_1_and_the_reason(live: LiveAutopack, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "red")
    repo.commit("Break it", {"RED": "stop\n"})
    options = ["--commits", "1", "--ci", "test ! -e RED", "--run-id", "red"]
    played = live.run("replay", "--repo", str(repo.path), *options)
    assert played.returncode == 1
    assert "DONE_FAILED_BUDGET_EXHAUSTED" in played.stdout
    assert repo.rev("autonomous/red") == repo.rev("main^")


@pytest.mark.parametrize("is_bare", [False, True], ids=["checkout", "bare"])
def test_real_looking_history_comes_out_equal(live: LiveAutopack, tmp_path: Path, is_bare: bool) -> None:
    repo = make_history(tmp_path / f"shop-{is_bare}", COMMITS, is_bare=is_bare)
    before = fingerprint(repo)
    run_id, figures = f"equal-{is_bare}", tmp_path / "figures.json"
    options = ["--commits", str(COMMITS), "--run-id", run_id, "--json", str(figures), "--workers", "2"]
    played = live.run("replay", "--repo", str(repo.path), *options)
    assert played.returncode == 0, played.stdout + played.stderr
    assert f"autonomous/{run_id}" in played.stdout
    assert "no CI configured" in played.stdout
    found = json.loads(figures.read_text())
    assert (found["trees_equal"], found["problems"], found["changed"]) == (COMMITS, [], [])
    assert repo.tree(f"autonomous/{run_id}") == repo.tree("main")
    assert fingerprint(repo) == before
    repo.fsck()


def test_a_mirror_leaves_the_repository_alone_altogether(live: LiveAutopack, history: GitRepo) -> None:
    for run_id in ("mirror-1", "mirror-2"):
        before, refs, objects = fingerprint(history), history.refs(), history.objects()
        options = ["--commits", "3", "--mirror", "--ci", "test -e README.md", "--run-id", run_id]
        played = live.run("replay", "--repo", str(history.path), *options)
        assert played.returncode == 0, played.stdout + played.stderr
        assert (fingerprint(history), history.refs(), history.objects()) == (before, refs, objects)
        history.commit("One more, for the next time", {"more.txt": run_id})
    mirror = GitRepo(live.home / "mirrors" / "shop.git", is_bare=True)
    assert {"refs/heads/autonomous/mirror-1", "refs/heads/autonomous/mirror-2"} <= mirror.refs().keys()
    mirror.fsck()


def test_a_red_commit_in_a_mirror_leaves_no_doubt_about_its_objects(
    live: LiveAutopack, tmp_path: Path
) -> None:
    """What a mirror has from upstream is in packs, and with nothing done the branch is at the base."""
    repo = make_history(tmp_path / "packed", 3)
    options = ["--commits", "1", "--mirror", "--ci", "false", "--run-id", "packed"]
    played = live.run("replay", "--repo", str(repo.path), *options)
    assert played.returncode == 1
    assert "✓ git finds no broken and no missing object" in played.stdout
    assert "object missing" not in played.stdout
    GitRepo(live.home / "mirrors" / "packed.git", is_bare=True).fsck()


def test_a_run_that_was_left_is_resumed_to_its_end(live: LiveAutopack, history: GitRepo) -> None:
    options = ["--commits", str(COMMITS), "--run-id", "left", "--ci", "sleep 0.2"]
    played = live.run_until(lambda: _has_begun(history), "replay", "--repo", str(history.path), *options)
    assert played.returncode == 2, played.stdout + played.stderr
    assert "--resume left" in played.stderr
    resumed = live.run("replay", "--resume", "left", seconds=120)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert "12 of 12" in resumed.stdout


def test_a_server_is_started_for_the_duration_where_there_is_none(tmp_path: Path, history: GitRepo) -> None:
    alone = LiveAutopack(tmp_path / "alone", free_port())
    place_prepared(alone.home)
    played = alone.run(
        "replay", "--repo", str(history.path), "--commits", "2", "--run-id", "alone", seconds=120
    )
    assert played.returncode == 0, played.stdout + played.stderr
    assert "starting one for the duration" in played.stdout
    wait_for(lambda: not alone.processes(), "every process to be gone", seconds=30)


def _has_begun(repo: GitRepo) -> bool:
    return any(ref.startswith("refs/tags/autopack/left/") for ref in repo.refs())
