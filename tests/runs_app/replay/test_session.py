"""What is refused before a server is asked for anything. The command makes one line of each refusal."""

from pathlib import Path

import pytest
from rich.console import Console

from runs_app.replay.errors import ReplayError
from runs_app.replay.session import Options, Wish, start_replay
from tests.support.live import free_port
from tests.support.repos import GitRepo


def _ensure_refused(reason: str, repo: Path, *, commits: int = 1, run_id: str = "", url: str = "") -> None:
    wish = Wish(repo=repo, commits=commits, run_id=run_id)
    with pytest.raises(ReplayError, match=reason) as caught:
        start_replay(wish, Options(url=url), Console(quiet=True))
    assert "\n" not in str(caught.value)


def test_what_is_no_repository_is_refused(tmp_path: Path) -> None:
    _ensure_refused("no git repository", tmp_path)


def test_too_few_commits_are_refused(history: GitRepo) -> None:
    _ensure_refused("at most 12", history.path, commits=13)


def test_an_address_where_nothing_answers_is_refused(history: GitRepo) -> None:
    _ensure_refused("Nothing answers", history.path, url=f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("run_id", ["a/b", "..", "x.lock"])
def test_a_name_that_is_no_run_id_is_refused(history: GitRepo, run_id: str) -> None:
    _ensure_refused("no run id", history.path, run_id=run_id)
