"""The v7 story, end to end over HTTP on a real repository."""

from tests.support.repos import fingerprint
from tests.support.workshop import Workshop


def test_a_run_without_ci_goes_to_the_end_and_says_that_nothing_was_tested(workshop: Workshop) -> None:
    before = fingerprint(workshop.repo)
    started = workshop.start(phases=2)
    assert started.status_code == 201, started.content
    assert started.data["state"] == "PHASE_QUEUEING"
    assert not started.data["is_ci_configured"]
    assert [p["phase_id"] for p in started.data["tiers"][0]["phases"]] == ["p1", "p2"]

    first = workshop.patch_for({"shop/tax.py": "RATE = 0.2\n"})
    answer = workshop.result("p1", first)
    assert answer.status_code == 200, answer.content
    assert answer.data["phase_state"] == "COMPLETE"
    assert workshop.repo.rev("autonomous/r1") == answer.data["commit_sha"]

    second = workshop.result("p2", None)
    assert second.status_code == 200, second.content
    run = workshop.get("runs/r1").data
    assert run["state"] == "DONE_SUCCESS"
    assert run["promotion_eligible_to_main"] is False
    status = workshop.get("runs/r1/integration_status").data
    assert status["branch"] == "autonomous/r1"
    assert status["commits_ahead"] == 2
    assert [s["tag"] for s in status["snapshots"]] == ["autopack/r1/001-p1", "autopack/r1/002-p2"]
    assert status["merges_cleanly"] is True
    assert fingerprint(workshop.repo) == before
    workshop.repo.fsck()
    assert not [ref for ref in workshop.repo.refs() if ref.startswith("refs/autopack/candidates")]


def test_ci_decides_and_a_red_candidate_costs_an_attempt(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    assert workshop.start(phases=1).status_code == 201
    red = workshop.result("p1", workshop.patch_for({"RED": "stop\n"}))
    assert red.status_code == 200, red.content
    assert red.data["phase_state"] == "CI_RUNNING"
    assert workshop.repo.rev("autonomous/r1") == workshop.repo.rev("main")
    assert workshop.run_ci() == 1
    phase = workshop.phase("p1")
    assert phase.state == "QUEUED"
    assert phase.builder_attempts == 1

    green = workshop.result("p1", workshop.patch_for({"GREEN": "go\n"}))
    assert green.data["phase_state"] == "CI_RUNNING"
    workshop.run_ci()
    assert workshop.phase("p1").state == "COMPLETE"
    run = workshop.run()
    assert run.state == "DONE_SUCCESS"
    assert run.promotion_eligible_to_main
    assert workshop.repo.rev("autonomous/r1") == green.data["commit_sha"] == run.tip_commit
    assert run.ci_runs_used == 2
