"""git commands that can be pasted into a shell, whatever the names are."""

import shlex

import pytest

from runs_app.presentation.commands import describe_show, list_git_commands
from runs_app.selectors.dashboard_runs import list_board, list_tags
from tests.support.factories import make_attempt, make_candidate, make_phase, make_run, make_snapshot

pytestmark = pytest.mark.django_db


def test_hostile_paths_stay_one_word() -> None:
    run = make_run(project__repo_path="/srv/$(rm -rf x)/a b'c")
    for command in list_git_commands(run, []):
        words = shlex.split(command.text)
        assert words[:3] == ["git", "-C", "/srv/$(rm -rf x)/a b'c"]
        assert command.text.endswith(command.arguments)


def test_only_an_eligible_run_has_a_merge_command() -> None:
    assert not any("merge" in command.text for command in list_git_commands(make_run(), []))
    eligible = make_run(state="DONE_SUCCESS", promotion_eligible_to_main=True)
    assert list_git_commands(eligible, [])[-1].shown == f"git merge --ff-only autonomous/{eligible.run_id}"


def test_snapshots_bring_commands_for_their_tags() -> None:
    run = make_run(run_id="r1")
    for name in ("p1", "p2"):
        phase = make_phase(tier__run=run, phase_id=name)
        make_snapshot(candidate=make_candidate(attempt=make_attempt(phase=phase)))
    commands = [command.shown for command in list_git_commands(run, list_tags(list_board(run)))]
    assert "git tag --list -n1 'autopack/r1/*'" in commands
    assert "git diff autopack/r1/p1 autopack/r1/p2" in commands


def test_a_complete_phase_can_be_looked_at() -> None:
    snapshot = make_snapshot()
    assert describe_show(snapshot.phase).shown == f"git show --stat {snapshot.tag_name}"
