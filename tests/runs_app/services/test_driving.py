"""Trouble between the rows and git: foreign hands on the branch, a git that is away, poisoned work."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from autopack.git.errors import GitTimedOut
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Attempt, Candidate, Promotion, Run
from runs_app.services import candidates, promoting
from runs_app.services.driving import drive_run
from runs_app.services.recording import hold_branch
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop


@pytest.fixture
def external(workshop: Workshop) -> Workshop:
    workshop.repo.git("branch", "release")
    workshop.configure(ci_kind="external", default_branch="release")
    return workshop


def _ci(workshop: Workshop, status: str = "passed") -> Json:
    commit = Candidate.objects.order_by("-id").values_list("commit", flat=True)[0]
    body = {"run_id": "r1", "phase_id": "p1", "commit_sha": commit, "status": status}
    return workshop.post("runs/r1/phases/p1/ci_result", body, role="verifier")


def _away(*args: Any, **kwargs: Any) -> None:
    raise GitTimedOut("git took too long")


# Foreign hands


@pytest.mark.parametrize("hand", ["moved", "deleted", "tagged"])
def test_a_branch_or_tag_that_somebody_else_wrote_fails_the_run(external: Workshop, hand: str) -> None:
    external.start(phases=2)
    external.result("p1", external.patch_for({"A": "a\n"}))
    foreign = external.repo.commit("Mine", {"M": "m\n"})
    match hand:
        case "moved":
            external.repo.git("branch", "--force", "autonomous/r1", foreign)
        case "deleted":
            external.repo.git("branch", "--delete", "--force", "autonomous/r1")
        case _:
            external.repo.git("tag", "autopack/r1/001-p1", foreign)
    assert _ci(external).json()["phase_state"] == "FAILED"
    run = external.run()
    assert run.state == "DONE_FAILED_POLICY_VIOLATION"
    assert "outside Autopack" in run.failure_reason
    assert run.tip_commit == run.base_commit
    sweep()
    assert not [ref for ref in external.repo.refs() if ref.startswith("refs/autopack/")]
    if hand == "moved":
        assert external.repo.rev("autonomous/r1") == foreign, "it stays theirs"
    if hand == "deleted":
        gone = external.get("runs/r1/integration_status")
        assert (gone.status_code, gone.json()["reason_code"]) == (409, "unknown_revision")


def test_a_branch_that_is_checked_out_waits_until_it_is_not(external: Workshop, tmp_path: Path) -> None:
    external.start(phases=1)
    commit = external.result("p1", external.patch_for({"A": "a\n"})).json()["commit_sha"]
    elsewhere = tmp_path / "elsewhere"
    external.repo.git("worktree", "add", "--quiet", str(elsewhere), "autonomous/r1")
    assert _ci(external).json()["phase_state"] == "CI_RUNNING"
    phase = external.phase("p1")
    assert phase.waiting_for == "git"
    assert str(elsewhere) in phase.waiting_reason
    external.repo.git("worktree", "remove", str(elsewhere))
    assert sweep()["intents"] == 1
    assert external.phase("p1").state == "COMPLETE"
    assert external.repo.rev("autonomous/r1") == commit


# A git that is away


def test_an_auditors_patch_that_git_could_not_take_yet_is_settled_with_its_verdict(
    external: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    external.start(phases=1, verdict_timeout_seconds=60)
    first = external.result("p1", external.patch_for({"A": "a\n"}), status="needs_review").json()[
        "commit_sha"
    ]
    _ci(external)
    bad = {"patch_content": "diff --git a/A b/A\n--- a/A\n+++ b/A\n@@ -1 +1 @@\n-not this\n+that\n"}
    with monkeypatch.context() as broken:
        broken.setattr(LocalGitCliAdapter, "create_candidate", _away)
        answer = external.verdict("p1", "approve", suggested_patches=[bad], commit_sha=first).json()
    assert answer["patches_refused"][0]["code"] == "not_settled"
    assert external.phase("p1").waiting_for == "git"
    sweep()
    assert list(Attempt.objects.values_list("state", flat=True)) == ["ACCEPTED", "REFUSED"]
    assert external.run().state == "DONE_SUCCESS"


def test_a_run_that_git_keeps_waiting_ends_in_time_as_the_environments_failure(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    workshop.start(phases=1, max_duration_minutes=5)
    monkeypatch.setattr(LocalGitCliAdapter, "create_candidate", _away)
    assert workshop.result("p1", "").status_code == 503
    assert workshop.phase("p1").waiting_for == "git"
    clock.advance(minutes=6)
    sweep()
    assert (workshop.run().state, workshop.run().failure_code) == (
        "DONE_FAILED_ENVIRONMENT",
        "git_unavailable",
    )


def test_what_goes_wrong_with_one_run_keeps_no_other_waiting(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    for run_id in ("r1", "r2"):
        workshop.start(run_id, phases=1, max_duration_minutes=5)
        with monkeypatch.context() as broken:
            broken.setattr(LocalGitCliAdapter, "create_candidate", _away)
            workshop.result("p1", "", run_id=run_id)
    poisoned = Run.objects.get(run_id="r1")

    def make_candidate(run: Run, *args: Any, **kwargs: Any) -> Any:
        if run.pk == poisoned.pk:
            raise ZeroDivisionError("a defect")
        return make(run, *args, **kwargs)

    make = candidates.make_candidate
    monkeypatch.setattr(candidates, "make_candidate", make_candidate)
    assert sweep()["intents"] == 1
    assert workshop.run("r2").state == "DONE_SUCCESS"
    clock.advance(minutes=6)
    sweep()
    assert workshop.run("r1").state == "DONE_FAILED_ENVIRONMENT", "even that one ends"


def test_a_run_that_cannot_be_settled_can_be_cancelled(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("a defect")

    workshop.start(phases=1)
    monkeypatch.setattr(candidates, "make_candidate", broken)
    with pytest.raises(ZeroDivisionError):
        workshop.result("p1", "")
    answer = workshop.post("runs/r1/cancel", {}, role="operator")
    assert (answer.status_code, answer.json()["failure_code"]) == (200, "cancelled")


def test_a_branch_that_another_process_holds_is_left_to_it(external: Workshop) -> None:
    external.start(phases=1)
    taken, may_go = Event(), Event()

    def hold() -> None:
        with hold_branch(external.run().pk):
            taken.set()
            may_go.wait(20)
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert taken.wait(20)
    assert drive_run(external.run().pk, is_patient=False) is False
    may_go.set()
    other.join()
    assert drive_run(external.run().pk, is_patient=False) is True


# Promotions whose process died


@pytest.mark.parametrize("is_done", [True, False])
def test_an_abandoned_promotion_is_settled_one_way(
    external: Workshop, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> None:
    external.start(phases=1)
    base = external.repo.rev("release")
    commit = external.result("p1", external.patch_for({"A": "a\n"})).json()["commit_sha"]
    _ci(external)
    with monkeypatch.context() as dying:
        name = "_complete" if is_done else "_promote_in_git"
        dying.setattr(promoting, name, lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            external.post("runs/r1/promote", {}, role="operator")
    assert sweep()["promotions"] == 0, "it may be at work yet"
    Promotion.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert sweep()["promotions"] == 1
    if is_done:
        promotion = Promotion.objects.get()
        assert (promotion.previous_commit, promotion.commit) == (base, commit)
        assert promotion.completed_at is not None
    else:
        assert not Promotion.objects.exists()
        assert external.repo.rev("release") == base
    answer = external.post("runs/r1/promote", {}, role="operator")
    assert (answer.status_code, answer.json()["previous_commit"]) == (200, base)
    assert external.repo.rev("release") == commit
