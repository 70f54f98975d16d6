"""What operators do over HTTP: correct, cancel, promote; and the evidence of a failed run."""

from pathlib import Path
from typing import Any

import pytest

from autopack.git.errors import GitTimedOut
from runs_app.choices import PhaseState
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Attempt, CiRun, Event, IncidentPack, Promotion
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.repos import fingerprint, make_repo
from tests.support.workshop import Json, Workshop


@pytest.fixture
def external(workshop: Workshop) -> Workshop:
    """With a verifier from outside and a protected branch that is checked out nowhere."""
    workshop.repo.git("branch", "release")
    workshop.configure(ci_kind="external", default_branch="release")
    return workshop


def _status(workshop: Workshop, phase_id: str, state: Any, **body: Any) -> Json:
    path = f"runs/r1/phases/{phase_id}/update_status"
    return workshop.post(path, {"state": state} | body, role="operator")


def _green(workshop: Workshop, phase_id: str, patch: bytes | None = None) -> Json:
    commit = workshop.result(phase_id, patch).json()["commit_sha"]
    report = {"run_id": "r1", "phase_id": phase_id, "commit_sha": commit, "status": "passed"}
    assert workshop.post(f"runs/r1/phases/{phase_id}/ci_result", report, role="verifier").status_code == 200
    return commit


def _promote(workshop: Workshop, **body: Any) -> Json:
    return workshop.post("runs/r1/promote", body, role="operator")


# update_status


LEGAL: dict[str, set[str]] = {
    "QUEUED": {"EXECUTING", "FAILED", "SKIPPED"},
    "EXECUTING": {"QUEUED", "FAILED"},
    "CI_RUNNING": {"QUEUED", "FAILED"},
    "COMPLETE": set(),
}
"""By hand, from the state of the run's next phase."""


@pytest.mark.parametrize("state", sorted(PhaseState))
@pytest.mark.parametrize("before", sorted(LEGAL))
def test_a_phase_is_corrected_only_along_the_table(external: Workshop, before: str, state: str) -> None:
    external.start(phases=2)
    if before == "EXECUTING":
        external.post("runs/r1/claim")
    if before in ("CI_RUNNING", "COMPLETE"):
        external.result("p1", "") if before == "CI_RUNNING" else _green(external, "p1")
    events = Event.objects.count()
    answer = _status(external, "p1", state)
    if state == before:
        assert (answer.status_code, Event.objects.count()) == (200, events)
    elif state in LEGAL[before]:
        assert answer.status_code == 200, answer.content
        assert answer.json()["state"] == state
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
        assert (answer.json()["state"], set(answer.json()["allowed"])) == (before, LEGAL[before])
        assert (external.phase("p1").state, Event.objects.count()) == (before, events)


def test_malformed_corrections(external: Workshop) -> None:
    external.start(phases=1)
    senseless: list[Any] = ["DONE", None, 5, [], {}]
    for state in senseless:
        assert _status(external, "p1", state).status_code == 422
    assert _status(external, "p1", "QUEUED", tokens_used=-1).status_code == 422
    assert _status(external, "p1", "QUEUED", builder_attempts=None, tokens_used=None).status_code == 200


def test_a_phase_that_is_not_next_is_not_set_to_executing(external: Workshop) -> None:
    external.start(phases=2)
    answer = _status(external, "p2", "EXECUTING")
    assert (answer.status_code, answer.json()["allowed"]) == (409, ["FAILED", "SKIPPED"])


def test_queueing_a_phase_again_stops_its_attempt_and_its_ci(external: Workshop) -> None:
    external.start(phases=1)
    external.result("p1", "")
    _status(external, "p1", "QUEUED")
    assert Attempt.objects.get().state == "CANCELLED"
    assert CiRun.objects.get().state == "CANCELLED"
    assert external.run().state == "PHASE_QUEUEING"
    _green(external, "p1", external.patch_for({"A": "a\n"}))
    assert external.run().state == "DONE_SUCCESS"


def test_failing_a_phase_ends_the_run(external: Workshop) -> None:
    external.start(phases=2)
    _status(external, "p2", "FAILED")
    run = external.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_REQUIRES_HUMAN_REVIEW", "failed_by_operator")
    assert [external.phase(p).state for p in ("p1", "p2")] == ["SKIPPED", "FAILED"]
    answer = _status(external, "p1", "QUEUED")
    assert (answer.status_code, answer.json()["allowed"]) == (409, [])


def test_skipping_the_last_phases_completes_the_run(external: Workshop) -> None:
    external.start(phases=3)
    _green(external, "p1")
    _status(external, "p3", "SKIPPED")
    assert external.run().state == "PHASE_QUEUEING"
    _status(external, "p2", "SKIPPED")
    run = external.run()
    assert (run.state, run.tiers.get().state, run.phases_complete) == ("DONE_SUCCESS", "COMPLETE", 1)


def test_a_total_of_tokens_is_booked_once_and_can_use_up_the_cap(external: Workshop) -> None:
    external.start(phases=1, token_cap=100)
    for _ in range(2):
        _status(external, "p1", "QUEUED", tokens_used=60)
    run = external.run()
    assert (run.tokens_used, external.phase("p1").tokens_used, run.tiers.get().tokens_used) == (60, 60, 60)
    _status(external, "p1", "QUEUED", tokens_used=101)
    assert external.run().failure_code == "token_cap"


# Cancelling


def test_a_cancelled_run_ends_once_with_its_evidence(external: Workshop) -> None:
    external.start(phases=3)
    tip = _green(external, "p1", external.patch_for({"A": "a\n"}))
    external.result("p2", external.patch_for({"B": "b\n"}, onto=tip), tokens_used=5)
    answer = external.post("runs/r1/cancel", {"reason": "Wrong plan."}, role="operator")
    assert answer.status_code == 200
    run = external.run()
    assert (run.state, run.failure_code, run.failure_reason) == (
        "DONE_FAILED_REQUIRES_HUMAN_REVIEW",
        "cancelled",
        "Wrong plan.",
    )
    assert [external.phase(p).state for p in ("p1", "p2", "p3")] == ["COMPLETE", "FAILED", "SKIPPED"]
    assert (run.tip_commit, external.repo.rev("autonomous/r1")) == (tip, tip)
    again = external.post("runs/r1/cancel", {}, role="operator")
    assert (again.status_code, again.json()["code"]) == (409, "run_ended")
    pack = IncidentPack.objects.get(run=run).content
    assert set(pack) == {
        "run_id", "project_id", "state", "failure_code", "failure_reason", "integration_branch", "tip_commit",
        "budgets", "failed_phases", "events",
    }  # fmt: skip
    assert [p["phase_id"] for p in pack["failed_phases"]] == ["p2"]
    assert pack["budgets"]["phases_complete"] == 1
    assert pack["failed_phases"][0]["attempts"][0]["ci_runs"][0]["state"] == "CANCELLED"
    assert pack["events"][-1]["after"] == "DONE_FAILED_REQUIRES_HUMAN_REVIEW"
    sweep()
    assert not [ref for ref in external.repo.refs() if ref.startswith("refs/autopack/")]
    summary = external.get("reports/run_summary/r1").json()
    assert summary["incident"]["failure_code"] == "cancelled"


def test_a_run_past_its_time_ends(external: Workshop, clock: Clock) -> None:
    external.start(phases=1, max_duration_minutes=10)
    external.post("runs/r1/claim")
    clock.advance(minutes=11)
    sweep()
    run = external.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_BUDGET_EXHAUSTED", "duration_cap")
    assert sweep()["runs"] == 0


# Promotion


def test_what_stands_in_the_way_of_a_promotion_is_listed(workshop: Workshop) -> None:
    workshop.start(phases=1)
    early = _promote(workshop)
    assert (early.status_code, early.json()["code"]) == (409, "not_promotable")
    assert [e["code"] for e in early.json()["errors"]] == ["not_successful", "not_tested"]
    issue = {"issue_key": "k", "severity": "major", "category": "c"}
    workshop.result("p1", "", suggested_issues=[issue])
    late = _promote(workshop)
    assert [e["code"] for e in late.json()["errors"]] == ["not_tested", "tier_not_clean"]
    assert _promote(workshop, mode="rebase").status_code == 422
    assert not Promotion.objects.exists()


def test_a_run_stays_with_the_repository_it_started_in(external: Workshop, tmp_path: Path) -> None:
    external.start(phases=1)
    external.configure(repo_path=str(tmp_path / "elsewhere"), default_branch="main")
    commit = _green(external, "p1")
    assert external.repo.rev("autonomous/r1") == commit
    assert external.get("runs/r1/integration_status").json()["target_branch"] == "release"
    assert _promote(external).json()["target_branch"] == "release"
    assert external.repo.rev("release") == commit


def test_a_checked_out_target_is_left_alone_with_advice(external: Workshop) -> None:
    external.configure(default_branch="main")
    external.start(phases=1)
    _green(external, "p1", external.patch_for({"A": "a\n"}))
    before = fingerprint(external.repo)
    answer = _promote(external)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "branch_checked_out")
    assert "git merge --ff-only autonomous/r1" in answer.json()["detail"]
    assert fingerprint(external.repo) == before


def test_a_target_that_moved_on_needs_a_merge(external: Workshop) -> None:
    external.start(phases=1)
    commit = _green(external, "p1", external.patch_for({"A": "a\n"}))
    moved = external.repo.commit("Meanwhile", {"B": "b\n"})
    external.repo.git("branch", "--force", "release", moved)
    refused = _promote(external)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "not_fast_forward")
    assert external.get("runs/r1/integration_status").json()["merges_cleanly"] is True
    merged = _promote(external, mode="merge")
    assert merged.status_code == 200, merged.content
    assert merged.json()["is_merge"] is True
    assert external.repo.line("log", "-1", "--format=%P", "release").split() == [moved, commit]
    assert set(external.repo.listing("release")) >= {"A", "B"}


def test_a_conflict_is_named(external: Workshop) -> None:
    external.start(phases=1)
    _green(external, "p1", external.patch_for({"README.md": "# One\n"}))
    moved = external.repo.commit("Meanwhile", {"README.md": "# Two\n"})
    external.repo.git("branch", "--force", "release", moved)
    status = external.get("runs/r1/integration_status").json()
    assert (status["merges_cleanly"], status["conflicts"]) == (False, ["README.md"])
    answer = _promote(external, mode="merge")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "merge_conflict")
    assert "README.md" in answer.json()["detail"]


def test_a_target_that_is_gone_and_a_git_that_is_away(
    external: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    external.start(phases=1)
    _green(external, "p1")
    external.repo.git("branch", "--move", "release", "elsewhere")
    gone = _promote(external)
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (409, "unknown_revision")
    external.repo.git("branch", "--move", "elsewhere", "release")

    def away(*args: Any, **kwargs: Any) -> None:
        raise GitTimedOut("git took too long")

    monkeypatch.setattr(LocalGitCliAdapter, "promote", away)
    late = _promote(external)
    assert (late.status_code, late.json()["code"]) == (503, "git_unavailable")
    assert not Promotion.objects.exists()


def test_a_bare_repository_is_promoted_once(external: Workshop) -> None:
    bare = make_repo(external.repo.path.with_name("bare"), {"README.md": "# Shop\n"}, is_bare=True)
    external.configure(repo_path=str(bare.path), default_branch="main")
    base = bare.rev("main")
    external.start(phases=1)
    commit = _green(external, "p1")
    first = _promote(external, mode=None)
    assert first.status_code == 200, first.content
    assert (first.json()["previous_commit"], first.json()["commit"]) == (base, commit)
    assert bare.rev("main") == commit
    assert _promote(external).json() == first.json()
    assert Event.objects.filter(kind="run.promoted").count() == 1
    bare.fsck()
