"""What if the process dies on this line? Rows and refs are settled one way, exactly once (DESIGN §4)."""

from collections.abc import Callable
from typing import Any

import pytest

from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Attempt, Candidate, CiRun, Event, Promotion, Run, Snapshot, Verdict
from runs_app.services import (
    candidates,
    ci_runs,
    control,
    driving,
    results,
    settling,
    snapshots,
    starting,
    verdicts,
)
from runs_app.services.sweeping import sweep
from tests.support.workshop import Json, Workshop


class Death(BaseException):
    """Like SIGKILL: nobody handles it."""


POINTS: list[tuple[Any, str]] = [
    (LocalGitCliAdapter, "ensure_integration_branch"),
    (driving, "open_run"),
    (starting, "drive_run"),
    (results, "drive_run"),
    (LocalGitCliAdapter, "create_candidate"),
    (candidates, "accept_candidate"),
    (ci_runs, "drive_run"),
    (verdicts, "drive_run"),
    (verdicts, "_store_verdict"),
    (settling, "settle_candidate"),
    (LocalGitCliAdapter, "record_snapshot"),
    (snapshots, "complete_phase"),
    (LocalGitCliAdapter, "drop_candidates"),
    (LocalGitCliAdapter, "promote"),
]


class Doomed:
    """Makes one function die, once: before it does anything, or when it has done everything."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str) -> None:
        self.deaths = 0
        real = getattr(owner, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            if self.deaths:
                return real(*args, **kwargs)
            self.deaths += 1
            if when == "after":
                real(*args, **kwargs)
            raise Death

        monkeypatch.setattr(owner, name, dying)


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """Tested from outside; its protected branch is not checked out anywhere."""
    workshop.repo.git("branch", "release")
    workshop.configure(ci_kind="external", default_branch="release")
    return workshop


def _persist(act: Callable[[], Json], recovery: str) -> Json:
    """Do it as a client does: again, when nobody answered. The sweeper may have come by in between."""
    try:
        return act()
    except Death:
        if recovery == "sweeper":
            sweep()
        return act()


@pytest.mark.slow
@pytest.mark.parametrize(("when", "recovery"), [("before", "sweeper"), ("after", "client")])
@pytest.mark.parametrize(("owner", "name"), POINTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_death_anywhere_on_the_way_changes_nothing_about_the_end(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str, recovery: str
) -> None:
    patch = workshop.patch_for({"A": "a\n"})
    doomed = Doomed(monkeypatch, owner, name, when)

    assert _persist(lambda: workshop.start(phases=1), recovery).status_code == 201
    accepted = _persist(lambda: workshop.result("p1", patch, status="needs_review"), recovery)
    assert accepted.status_code == 200, accepted.content
    commit = accepted.json()["commit_sha"]
    report = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": "passed"}
    path = "runs/r1/phases/p1/ci_result"
    assert _persist(lambda: workshop.post(path, report, role="verifier"), recovery).status_code == 200
    assert _persist(lambda: workshop.verdict("p1", "approve"), recovery).status_code == 200
    sweep()
    promoted = _persist(lambda: workshop.post("runs/r1/promote", {}, role="operator"), recovery)
    assert promoted.status_code == 200, promoted.content

    assert doomed.deaths == 1, "the story passes this point"
    run = workshop.run()
    assert (run.state, run.tip_commit, run.phases_complete) == ("DONE_SUCCESS", commit, 1)
    assert [attempt.state for attempt in Attempt.objects.all()] == ["ACCEPTED"]
    assert Candidate.objects.get().commit == Snapshot.objects.get().commit == commit
    assert CiRun.objects.get().state == "PASSED"
    assert Verdict.objects.count() == 1
    promotion = Promotion.objects.get()
    assert (promotion.previous_commit, promotion.commit) == (workshop.repo.rev("main"), commit)
    assert workshop.repo.refs() == {
        "refs/heads/main": workshop.repo.rev("main"),
        "refs/heads/release": commit,
        "refs/heads/autonomous/r1": commit,
        "refs/tags/autopack/r1/001-p1": workshop.repo.rev("refs/tags/autopack/r1/001-p1"),
    }
    assert not run.has_candidate_refs
    _ensure_gapless(run)
    workshop.repo.fsck()


def _ensure_gapless(run: Run) -> None:
    sequences = list(Event.objects.filter(run=run).order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, run.event_count + 1))


def test_a_snapshot_that_git_made_is_not_lost_to_a_cancellation(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.start(phases=2)
    commit = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    report = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": "passed"}
    with monkeypatch.context() as dying:
        Doomed(dying, LocalGitCliAdapter, "record_snapshot", "after")
        with pytest.raises(Death):
            workshop.post("runs/r1/phases/p1/ci_result", report, role="verifier")
    assert workshop.phase("p1").state == "CI_RUNNING"
    assert workshop.repo.rev("autonomous/r1") == commit
    assert workshop.post("runs/r1/cancel", {}, role="operator").status_code == 200
    assert [workshop.phase(p).state for p in ("p1", "p2")] == ["COMPLETE", "SKIPPED"]
    assert workshop.run().tip_commit == commit


def test_a_candidate_that_git_made_for_a_run_that_ended_leaves_no_ref(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.start(phases=1)
    real = candidates.accept_candidate

    def too_late(*args: Any, **kwargs: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(control, "drive_run", lambda *a, **k: True)
            assert workshop.post("runs/r1/cancel", {}, role="operator").status_code == 200
        real(*args, **kwargs)

    monkeypatch.setattr(candidates, "accept_candidate", too_late)
    answer = workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    assert (answer.status_code, answer.json()["code"]) == (409, "run_ended")
    assert [a.state for a in Attempt.objects.all()] == ["CANCELLED"]
    assert not Candidate.objects.exists()
    sweep()
    assert not [ref for ref in workshop.repo.refs() if ref.startswith("refs/autopack/")]
