"""A snapshot is made and written down, or neither, however the run goes meanwhile."""

from typing import Any

import pytest

from autopack.git.errors import GitTimedOut
from runs_app.errors import IllegalChange
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Attempt, Candidate, Event, Phase, Snapshot
from runs_app.services import control, snapshots, verdicts
from runs_app.services.driving import drive_run
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop


class Death(BaseException):
    """Like SIGKILL: nobody handles it."""


@pytest.fixture
def external(workshop: Workshop) -> Workshop:
    workshop.configure(ci_kind="external")
    return workshop


def _ci(workshop: Workshop) -> Json:
    commit = Candidate.objects.order_by("-id").values_list("commit", flat=True)[0]
    body = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": "passed"}
    return workshop.post("runs/r1/phases/p1/ci_result", body, role="verifier")


def _away(*args: Any, **kwargs: Any) -> None:
    raise GitTimedOut("git took too long")


def _tags(workshop: Workshop) -> list[str]:
    return [ref for ref in workshop.repo.refs() if ref.startswith("refs/tags/")]


def test_a_phase_that_cannot_be_completed_leaves_git_untouched(
    external: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    external.start(phases=2)
    external.result("p1", external.patch_for({"A": "a\n"}))
    before = external.repo.refs()
    Attempt.objects.update(state="SNAPSHOTTING")
    Phase.objects.filter(phase_id="p1").update(state="GATE")
    with pytest.raises(IllegalChange):
        drive_run(external.run().pk)
    assert external.repo.refs() == before


@pytest.mark.parametrize("spender", ["auditor", "operator"])
def test_a_budget_that_runs_out_beside_a_snapshot_ends_the_run_after_it(
    external: Workshop, monkeypatch: pytest.MonkeyPatch, spender: str
) -> None:
    """Another process books tokens between the move of the branch and the outcome row."""
    external.start(phases=2, token_cap=100)
    commit = external.result("p1", external.patch_for({"A": "a\n"})).json()["commit_sha"]
    complete = snapshots.complete_phase

    def overspend(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(snapshots, "complete_phase", complete)
        with monkeypatch.context() as busy:  # They would wait for the branch, which we hold.
            busy.setattr(verdicts, "drive_run", lambda *a, **k: False)
            busy.setattr(control, "drive_run", lambda *a, **k: False)
            if spender == "auditor":
                answer = external.verdict("p1", "approve", tokens_used=500)
            else:
                body = {"state": "CI_RUNNING", "tokens_used": 500}
                answer = external.post("runs/r1/phases/p1/update_status", body, role="operator")
        assert answer.status_code == 200
        complete(*args, **kwargs)

    monkeypatch.setattr(snapshots, "complete_phase", overspend)
    assert _ci(external).status_code == 200
    run = external.run()
    assert (run.state, run.failure_code, run.tokens_used) == (
        "DONE_FAILED_BUDGET_EXHAUSTED", "token_cap", 500,
    )  # fmt: skip
    assert [external.phase(phase_id).state for phase_id in ("p1", "p2")] == ["COMPLETE", "SKIPPED"]
    assert external.repo.rev("autonomous/r1") == run.tip_commit == commit
    assert Snapshot.objects.get().commit == commit


@pytest.mark.parametrize("end", ["cancelled", "overdue"])
@pytest.mark.parametrize("has_moved", [True, False])
def test_a_snapshot_open_when_the_run_ends_without_git_is_settled_when_git_is_back(
    external: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock, end: str, has_moved: bool
) -> None:
    external.start(phases=2, max_duration_minutes=5)
    commit = external.result("p1", external.patch_for({"A": "a\n"})).json()["commit_sha"]

    def die(*args: Any, **kwargs: Any) -> None:
        raise Death

    owner = snapshots if has_moved else LocalGitCliAdapter
    with monkeypatch.context() as dying:
        dying.setattr(owner, "complete_phase" if has_moved else "record_snapshot", die)
        with pytest.raises(Death):
            _ci(external)
    with monkeypatch.context() as away:
        for operation in ("record_snapshot", "find_branch", "drop_candidates"):
            away.setattr(LocalGitCliAdapter, operation, _away)
        if end == "cancelled":
            assert external.post("runs/r1/cancel", {}, role="operator").status_code == 200
        else:
            clock.advance(minutes=6)
            sweep()
            assert external.run().state == "DONE_FAILED_ENVIRONMENT"
        sweep()
        assert not external.run().is_live
        assert Attempt.objects.get().state == "SNAPSHOTTING"
    sweep()
    run = external.run()
    assert external.phase("p1").state == "FAILED"
    assert external.repo.rev("autonomous/r1") == run.tip_commit == (commit if has_moved else run.base_commit)
    assert Attempt.objects.get().state == ("ACCEPTED" if has_moved else "CANCELLED")
    assert (Snapshot.objects.count(), len(_tags(external))) == ((1, 1) if has_moved else (0, 0))
    assert not run.has_candidate_refs
    sequences = list(Event.objects.filter(run=run).order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, run.event_count + 1))
