"""What an operator's corrections cost and leave behind."""

from runs_app.models import Phase
from tests.support.workshop import Workshop


def _set(workshop: Workshop, phase_id: str, state: str) -> int:
    path = f"runs/r1/phases/{phase_id}/update_status"
    return int(workshop.post(path, {"state": state}, role="operator").status_code)


def test_nobody_claims_a_phase_whose_attempts_are_used_up(workshop: Workshop) -> None:
    workshop.start(phases=1)
    Phase.objects.update(builder_attempts=3)
    refused = workshop.post("runs/r1/claim")
    assert (refused.status_code, refused.json()["code"]) == (409, "over_budget")
    assert workshop.post("claim").json()["claim"] is None
    assert workshop.phase("p1").builder_attempts == 3


def test_queueing_a_phase_again_costs_no_attempt(workshop: Workshop) -> None:
    workshop.start(phases=1)
    for _ in range(5):
        assert workshop.post("runs/r1/claim").json()["claim"] is not None
        assert _set(workshop, "p1", "QUEUED") == 200
    assert workshop.phase("p1").builder_attempts == 0


def test_a_phase_queued_again_under_an_auditors_correction_can_be_claimed(workshop: Workshop) -> None:
    workshop.configure(ci_kind="external")
    workshop.start(phases=1)
    Phase.objects.update(builder_attempts=2)
    commit = workshop.result("p1", workshop.patch_for({"A": "a\n"})).json()["commit_sha"]
    patch = workshop.patch_for({"B": "b\n"}, onto=commit).decode()
    patches = [{"description": "d", "patch_content": patch}]
    workshop.verdict("p1", "revise", suggested_patches=patches)
    assert _set(workshop, "p1", "QUEUED") == 200
    phase = workshop.phase("p1")
    assert (phase.builder_attempts, phase.auditor_attempts) == (2, 0)
    assert workshop.post("runs/r1/claim").json()["claim"] is not None


def test_a_run_with_a_skipped_phase_is_not_promoted(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=2)
    assert _set(workshop, "p1", "SKIPPED") == 200
    workshop.result("p2", workshop.patch_for({"A": "a\n"}))
    workshop.run_ci()
    run = workshop.run()
    assert (run.state, run.promotion_eligible_to_main) == ("DONE_SUCCESS", False)
    refused = workshop.post("runs/r1/promote", {}, role="operator").json()
    assert [error["code"] for error in refused["errors"]] == ["phase_skipped"]
    (tier,) = workshop.get("metrics/tiers/r1").json()["tiers"]
    assert tier["promotion_blocked"] is True


def test_a_phase_that_takes_no_result_says_so(workshop: Workshop) -> None:
    workshop.configure(ci_kind="external")
    workshop.start(phases=2)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    in_ci = workshop.result("p1", workshop.patch_for({"B": "b\n"})).json()
    assert (in_ci["state"], in_ci["allowed"]) == ("CI_RUNNING", [])
    assert _set(workshop, "p2", "SKIPPED") == 200
    skipped = workshop.result("p2", workshop.patch_for({"B": "b\n"})).json()
    assert (skipped["state"], skipped["allowed"]) == ("SKIPPED", [])
    assert "no more results" in skipped["detail"]
