"""Auditors over HTTP: verdicts, when they count, and their patches (DESIGN §4.6)."""

from typing import Any

import pytest

from runs_app.models import Attempt, Candidate, Verdict
from runs_app.services import verdicts
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """With an external verifier, so that a test says itself when CI is done."""
    workshop.configure(ci_kind="external")
    return workshop


def _ci(workshop: Workshop, status: str = "passed", *, phase_id: str = "p1") -> Json:
    commit = Candidate.objects.order_by("-id").values_list("commit", flat=True)[0]
    body = {"run_id": "r1", "phase_id": phase_id, "commit_sha": commit, "status": status}
    return workshop.post(f"runs/r1/phases/{phase_id}/ci_result", body, role="verifier")


def _request(workshop: Workshop, **body: Any) -> Json:
    whole = {"run_id": "r1", "phase_id": "p1", "tier_id": "t1"} | body
    return workshop.post("runs/r1/phases/p1/auditor_request", whole)


def _patch(workshop: Workshop, files: dict[str, str | None], onto: str) -> dict[str, Any]:
    return {"description": "Better.", "patch_content": workshop.patch_for(files, onto=onto).decode()}


def _states() -> list[str]:
    return list(Attempt.objects.order_by("number").values_list("state", flat=True))


# Refusals


@pytest.mark.parametrize(
    "body",
    [
        {"recommendation": "maybe"},
        {"review_notes": None},
        {"confidence": "certain"},
        {"confidence": 1.5},
        {"confidence": True},
        {"confidence": [0.5]},
        {"suggested_patches": "diff"},
        {"suggested_patches": [{"patch_content": 3}]},
        {"suggested_patches": [{"description": "no patch"}]},
        {"suggested_patches": [{"patch_content": "%", "patch_encoding": "base64"}]},
        {"issues_found": [{"severity": "minor"}]},
        {"issues_found": [{"issue_key": "k", "severity": "minor", "category": "c"}] * 501},
        {"suggested_patches": [{"patch_content": ""}] * 51},
        {"commit_sha": "abc"},
        {"phase_id": "p2"},
        {"tokens_used": -3},
    ],
)
def test_a_malformed_verdict_is_refused(workshop: Workshop, body: dict[str, Any]) -> None:
    workshop.start(phases=1)
    whole = {"run_id": "r1", "phase_id": "p1", "recommendation": "approve", "review_notes": "Read."} | body
    answer = workshop.post("runs/r1/phases/p1/auditor_result", whole, role="auditor")
    assert answer.status_code == 422, answer.content
    assert not Verdict.objects.exists()


def test_a_verdict_on_another_commit_than_the_candidate_is_a_conflict(workshop: Workshop) -> None:
    workshop.start(phases=1)
    early = workshop.verdict("p1", "approve", commit_sha="a" * 40)
    assert (early.status_code, early.json()["code"]) == (409, "commit_mismatch")
    first = workshop.result("p1", "", status="needs_review").json()["commit_sha"]
    _ci(workshop, "failed")
    second = workshop.result("p1", "", status="needs_review", builder_attempts=2).json()["commit_sha"]
    stale = workshop.verdict("p1", "approve", commit_sha=first)
    assert (stale.status_code, stale.json()["expected_commit"]) == (409, second)
    assert not Verdict.objects.exists()
    _ci(workshop)
    assert workshop.verdict("p1", "approve", commit_sha=second).json()["phase_state"] == "COMPLETE"


def test_an_audit_of_a_complete_phase_is_not_asked_for(workshop: Workshop) -> None:
    workshop.start(phases=2)
    workshop.result("p1", "")
    _ci(workshop)
    answer = _request(workshop)
    assert (answer.status_code, answer.json()["code"]) == (409, "phase_complete")


def test_an_overdue_verdict_fails_the_run_for_a_persons_review(workshop: Workshop, clock: Clock) -> None:
    workshop.start(phases=1, verdict_timeout_seconds=600)
    workshop.result("p1", "", status="needs_review")
    clock.advance(seconds=700)
    assert sweep()["verdicts"] == 0, "while CI runs no verdict is due"
    _ci(workshop)
    phase = workshop.get("runs/r1/phases/p1").json()
    assert (phase["state"], phase["waiting_for"]) == ("CI_RUNNING", "auditor")
    clock.advance(seconds=599)
    assert sweep()["verdicts"] == 0
    clock.advance(seconds=2)
    assert sweep()["verdicts"] == 1
    run = workshop.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_REQUIRES_HUMAN_REVIEW", "verdict_overdue")
    assert workshop.repo.rev("autonomous/r1") == workshop.repo.rev("main")


# Verdicts


def test_approval_before_ci_counts_when_ci_is_done(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "", status="needs_review")
    answer = workshop.verdict("p1", "approve", confidence=0.25)
    assert answer.status_code == 200
    assert answer.json() == {
        "message": "Verdict recorded.",
        "recommendation": "approve",
        "patches_applied": 0,
        "commit_shas": [],
        "patches_refused": [],
        "phase_state": "CI_RUNNING",
    }
    _ci(workshop)
    assert workshop.run().state == "DONE_SUCCESS"
    assert Verdict.objects.get().confidence == "0.25"


def test_approval_after_ci_makes_the_snapshot(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "")
    _request(workshop)
    _ci(workshop)
    assert workshop.phase("p1").waiting_for == "auditor"
    assert workshop.verdict("p1", "approve").json()["phase_state"] == "COMPLETE"
    assert workshop.phase("p1").waiting_for == ""


def test_approval_does_not_make_a_red_candidate_green(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "")
    workshop.verdict("p1", "approve")
    _ci(workshop, "failed")
    assert workshop.phase("p1").state == "QUEUED"
    assert _states() == ["RED"]


@pytest.mark.parametrize("recommendation", ["revise", "escalate"])
@pytest.mark.parametrize("is_early", [True, False])
def test_a_rejection_costs_the_attempt_when_ci_is_done(
    workshop: Workshop, recommendation: str, is_early: bool
) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "", status="needs_review")
    if is_early:
        assert workshop.verdict("p1", recommendation).json()["phase_state"] == "CI_RUNNING"
        _ci(workshop)
    else:
        _ci(workshop)
        assert workshop.verdict("p1", recommendation).json()["phase_state"] == "QUEUED"
    assert _states() == ["REJECTED"]
    assert workshop.phase("p1").state == "QUEUED"
    assert workshop.repo.rev("autonomous/r1") == workshop.repo.rev("main")


@pytest.mark.parametrize(
    ("recommendation", "state"),
    [("revise", "DONE_FAILED_BUDGET_EXHAUSTED"), ("escalate", "DONE_FAILED_REQUIRES_HUMAN_REVIEW")],
)
def test_the_last_attempt_rejected_ends_the_run(workshop: Workshop, recommendation: str, state: str) -> None:
    plan = workshop.plan(phases=1)
    plan["phases"][0]["max_builder_attempts"] = 1
    workshop.post("runs/start", plan, role="planner")
    workshop.result("p1", "", status="needs_review")
    _ci(workshop)
    assert workshop.verdict("p1", recommendation).json()["phase_state"] == "FAILED"
    assert workshop.run().state == state


def test_a_verdict_is_void_for_the_next_attempt(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "", status="needs_review")
    workshop.verdict("p1", "approve")
    _ci(workshop, "failed")
    workshop.result("p1", "", status="needs_review", builder_attempts=2)
    _ci(workshop)
    phase = workshop.phase("p1")
    assert (phase.state, phase.waiting_for) == ("CI_RUNNING", "auditor")
    # The same words on the new candidate are a new verdict.
    assert workshop.verdict("p1", "approve").json()["phase_state"] == "COMPLETE"
    assert Verdict.objects.count() == 2


def test_the_last_word_counts(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "", status="needs_review")
    workshop.verdict("p1", "approve")
    workshop.verdict("p1", "revise", review_notes="No, wait.")
    _ci(workshop)
    assert workshop.phase("p1").state == "QUEUED"


def test_a_verdict_without_a_candidate_binds_nothing(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = workshop.verdict("p1", "approve")
    assert answer.status_code == 200
    assert "no candidate" in answer.json()["message"]
    workshop.result("p1", "", status="needs_review")
    _ci(workshop)
    assert workshop.phase("p1").waiting_for == "auditor"


def test_a_verdict_on_a_complete_phase_or_an_ended_run_is_kept_without_effect(workshop: Workshop) -> None:
    workshop.start(phases=2)
    workshop.result("p1", "")
    _ci(workshop)
    issue = {"issue_key": "k", "severity": "major", "category": "design"}
    patch = _patch(workshop, {"LATE": "x\n"}, "autonomous/r1")
    tip = workshop.repo.rev("autonomous/r1")
    for phase_id, before in (("p1", None), ("p2", "cancel")):
        if before:
            workshop.post("runs/r1/cancel", {}, role="operator")
        answer = workshop.verdict(
            phase_id, "revise", issues_found=[issue], suggested_patches=[patch], tokens_used=9
        )
        assert answer.status_code == 200, answer.content
        assert (answer.json()["patches_applied"], answer.json()["commit_shas"]) == (0, [])
        assert answer.json()["patches_refused"][0]["code"] == "not_applied"
    assert workshop.phase("p1").state == "COMPLETE"
    assert workshop.repo.rev("autonomous/r1") == tip
    assert workshop.run().tokens_used == 0
    assert set(Verdict.objects.values_list("is_effective", flat=True)) == {False}
    (index,) = workshop.get("runs/r1/issues/index").json()["issues"]
    assert (index["source"], index["occurrence_count"]) == ("auditor", 2)


def test_the_same_verdict_again_gives_the_same_answer(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "", status="needs_review")
    issue = {"issue_key": "k", "severity": "minor", "category": "c"}
    first = workshop.verdict("p1", "approve", tokens_used=5, issues_found=[issue])
    assert workshop.verdict("p1", "approve", tokens_used=5, issues_found=[issue]).json() == first.json()
    _ci(workshop)
    assert workshop.verdict("p1", "approve", tokens_used=5, issues_found=[issue]).json() == first.json()
    assert Verdict.objects.count() == 1
    assert workshop.run().tokens_used == 5


def test_a_verdict_spends_tokens_and_can_use_up_the_cap(workshop: Workshop) -> None:
    workshop.start(phases=1, token_cap=10)
    workshop.result("p1", "", status="needs_review", tokens_used=6)
    answer = workshop.verdict("p1", "approve", tokens_used=5)
    assert (answer.status_code, answer.json()["phase_state"]) == (200, "FAILED")
    assert workshop.run().failure_code == "token_cap"


# Patches


def test_a_suggested_patch_takes_the_place_of_the_candidate_under_test(workshop: Workshop) -> None:
    workshop.start(phases=1)
    first = workshop.result("p1", workshop.patch_for({"A": "a\n"}), status="needs_review").json()[
        "commit_sha"
    ]
    patch = _patch(workshop, {"A": "better\n"}, first)
    answer = workshop.verdict("p1", "approve", suggested_patches=[patch]).json()
    assert (answer["patches_applied"], answer["patches_refused"]) == (1, [])
    (commit,) = answer["commit_shas"]
    assert _states() == ["SUPERSEDED", "CANDIDATE"]
    assert workshop.repo.rev(f"{commit}^") == workshop.repo.rev("main"), "one commit on the tip"
    _ci(workshop)
    assert workshop.repo.rev("autonomous/r1") == commit
    assert workshop.repo.git("show", f"{commit}:A") == b"better\n"
    assert b"Autopack-Auditor: auditor" in workshop.repo.git("log", "-1", "--format=%B", commit)
    phase = workshop.phase("p1")
    assert (phase.state, phase.builder_attempts, phase.auditor_attempts) == ("COMPLETE", 1, 1)


def test_a_correction_answers_its_own_revise_and_needs_approval(workshop: Workshop) -> None:
    workshop.start(phases=1)
    first = workshop.result("p1", workshop.patch_for({"A": "a\n"}), status="needs_review").json()[
        "commit_sha"
    ]
    workshop.verdict("p1", "revise", suggested_patches=[_patch(workshop, {"A": "b\n"}, first)])
    assert _states() == ["SUPERSEDED", "CANDIDATE"]
    _ci(workshop)
    assert workshop.phase("p1").waiting_for == "auditor"
    assert workshop.verdict("p1", "approve", review_notes="Now yes.").json()["phase_state"] == "COMPLETE"


def test_a_suggested_patch_repairs_a_red_candidate(workshop: Workshop) -> None:
    workshop.start(phases=1)
    red = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    _ci(workshop, "failed")
    answer = workshop.verdict("p1", "revise", suggested_patches=[_patch(workshop, {"B": "b\n"}, red)]).json()
    assert (answer["patches_applied"], answer["phase_state"]) == (1, "CI_RUNNING")
    assert _states() == ["RED", "CANDIDATE"]
    _ci(workshop)
    assert workshop.run().state == "DONE_SUCCESS"
    assert set(workshop.repo.listing("autonomous/r1")) >= {"A", "B"}


def test_a_refused_patch_is_reported_and_the_candidate_stays(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    bad = "diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n"
    answer = workshop.verdict("p1", "approve", suggested_patches=[{"patch_content": bad}])
    assert answer.status_code == 200, answer.content
    (refused,) = answer.json()["patches_refused"]
    assert (refused["index"], refused["code"]) == (0, "path_escapes")
    assert [e["code"] for e in refused["errors"]] == ["path_escapes"]
    assert _states() == ["CANDIDATE", "REFUSED"]
    _ci(workshop)
    assert workshop.phase("p1").state == "COMPLETE"


def test_the_patches_of_one_result_build_on_each_other_and_cost_one_attempt(workshop: Workshop) -> None:
    workshop.start(phases=1)
    first = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    patches = [_patch(workshop, {name: f"{name}\n"}, first) for name in ("B", "C", "D")]
    answer = workshop.verdict("p1", "approve", suggested_patches=patches).json()
    assert (answer["patches_applied"], answer["patches_refused"]) == (3, [])
    assert workshop.phase("p1").auditor_attempts == 1
    _ci(workshop)
    assert set(workshop.repo.listing("autonomous/r1")) >= {"A", "B", "C", "D"}


def test_used_up_auditor_attempts_apply_nothing_more(workshop: Workshop) -> None:
    workshop.start(phases=1)
    tip = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    for n in range(3):
        answer = workshop.verdict(
            "p1", "approve", review_notes=f"{n}", suggested_patches=[_patch(workshop, {f"F{n}": "x\n"}, tip)]
        ).json()
        tip = answer["commit_shas"][0] if answer["commit_shas"] else tip
    assert answer["patches_applied"] == 0
    assert "used up" in answer["patches_refused"][0]["detail"]
    assert workshop.phase("p1").auditor_attempts == 2


def test_a_patch_while_somebody_else_works_on_the_phase_is_not_applied(workshop: Workshop) -> None:
    workshop.start(phases=1)
    red = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    _ci(workshop, "failed")
    workshop.post("runs/r1/claim")
    answer = workshop.verdict("p1", "revise", suggested_patches=[_patch(workshop, {"B": "b\n"}, red)]).json()
    assert answer["patches_applied"] == 0
    assert "EXECUTING" in answer["patches_refused"][0]["detail"]


def test_a_correction_that_waits_for_ci_is_not_ended_by_the_old_verdicts_time(
    workshop: Workshop, clock: Clock
) -> None:
    workshop.start(phases=1, verdict_timeout_seconds=60)
    first = workshop.result("p1", "", status="needs_review").json()["commit_sha"]
    _ci(workshop)
    assert workshop.phase("p1").waiting_for == "auditor"
    workshop.verdict("p1", "approve", suggested_patches=[_patch(workshop, {"B": "b\n"}, first)])
    assert workshop.phase("p1").waiting_for == "verifier"
    clock.advance(seconds=61)
    assert sweep()["verdicts"] == 0
    _ci(workshop)
    assert workshop.phase("p1").state == "COMPLETE"


@pytest.mark.parametrize("recommendation", ["approve", "revise"])
def test_an_auditor_that_dies_after_its_patch_and_comes_again_applies_it_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, recommendation: str
) -> None:
    workshop.start(phases=1)
    first = workshop.result("p1", workshop.patch_for({"A": "a\n"}), status="needs_review").json()[
        "commit_sha"
    ]
    body = {"suggested_patches": [_patch(workshop, {"B": "b\n"}, first)], "commit_sha": first}

    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(verdicts, "_store_verdict", die)
        with pytest.raises(KeyboardInterrupt):
            workshop.verdict("p1", recommendation, **body)
    answer = workshop.verdict("p1", recommendation, **body).json()
    assert answer["patches_applied"] == 1
    assert _states() == ["SUPERSEDED", "CANDIDATE"]
    verdict = Verdict.objects.get()
    assert verdict.candidate is not None
    assert (verdict.candidate.commit == first) == (recommendation == "revise")
    _ci(workshop)
    expected = "COMPLETE" if recommendation == "approve" else "CI_RUNNING"
    assert workshop.phase("p1").state == expected
