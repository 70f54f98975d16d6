"""Claims over HTTP: whose they are, how long they last, and what ends them."""

from typing import Any
from uuid import uuid4

from runs_app.models import Attempt, IncidentPack
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.workshop import Json, Workshop


def _claim(workshop: Workshop, run_id: str = "r1", *, name: str = "", **headers: Any) -> Json:
    body = {"worker_name": name or "cursor-1"}
    client = workshop.client("builder", name=name)
    return client.post(f"/api/v1/runs/{run_id}/claim", body, format="json", **headers)


def test_a_claim_in_an_unknown_run_is_not_found(workshop: Workshop) -> None:
    assert _claim(workshop, "nowhere").status_code == 404


def test_renewing_and_releasing_need_ones_own_open_claim(workshop: Workshop) -> None:
    workshop.start(phases=1)
    claim_id = _claim(workshop, name="ada").json()["claim"]["claim_id"]
    for verb in ("renew", "release"):
        path = f"/api/v1/runs/r1/phases/p1/claim/{verb}"
        stranger = workshop.client("builder", name="bob").post(path, {"claim_id": claim_id}, format="json")
        assert (stranger.status_code, stranger.json()["code"]) == (409, "not_your_claim")
        unknown = workshop.client("builder", name="ada").post(path, {"claim_id": uuid4()}, format="json")
        assert (unknown.status_code, unknown.json()["code"]) == (409, "not_your_claim")
        senseless = workshop.client("builder", name="ada").post(path, {"claim_id": "x"}, format="json")
        assert senseless.status_code == 422
    assert workshop.phase("p1").state == "EXECUTING"


def test_a_result_for_somebody_elses_claim_is_refused(workshop: Workshop) -> None:
    workshop.start(phases=1)
    claim_id = _claim(workshop, name="ada").json()["claim"]["claim_id"]
    implicit = workshop.result("p1", "")
    assert (implicit.status_code, implicit.json()["code"]) == (409, "not_your_claim")
    assert "ada" in implicit.json()["detail"]
    stolen = workshop.result("p1", "", claim_id=claim_id)
    assert (stolen.status_code, stolen.json()["code"]) == (409, "not_your_claim")
    assert Attempt.objects.get().state == "CLAIMED"


def test_an_expired_lease_can_neither_be_renewed_nor_used(workshop: Workshop, clock: Clock) -> None:
    workshop.start(phases=1, lease_seconds=60)
    claim_id = _claim(workshop, name="builder").json()["claim"]["claim_id"]
    clock.advance(seconds=61)
    for answer in (
        workshop.post("runs/r1/phases/p1/claim/renew", {"claim_id": claim_id}),
        workshop.post("runs/r1/phases/p1/claim/release", {"claim_id": claim_id}),
        workshop.result("p1", "", claim_id=claim_id),
        workshop.result("p1", ""),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "lease_expired")
    assert sweep()["leases"] == 1
    assert sweep()["leases"] == 0
    late = workshop.result("p1", "", claim_id=claim_id)
    assert (late.status_code, late.json()["code"]) == (409, "lease_expired")
    assert Attempt.objects.get().state == "LOST"
    phase = workshop.phase("p1")
    assert (phase.state, phase.builder_attempts) == ("QUEUED", 1)


def test_attempts_used_up_by_lost_leases_end_the_run_with_an_incident_pack(
    workshop: Workshop, clock: Clock
) -> None:
    workshop.start(phases=2, lease_seconds=60)
    for _ in range(3):
        assert _claim(workshop).json()["claim"] is not None
        clock.advance(seconds=61)
        sweep()
    run = workshop.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_BUDGET_EXHAUSTED", "attempts_used_up")
    assert [workshop.phase(p).state for p in ("p1", "p2")] == ["FAILED", "SKIPPED"]
    pack = IncidentPack.objects.get(run=run).content
    assert pack["failure_code"] == "attempts_used_up"
    assert [a["state"] for a in pack["failed_phases"][0]["attempts"]] == ["LOST"] * 3
    answer = workshop.get("runs/r1/incident").data
    assert answer["incident"]["failed_phases"][0]["phase_id"] == "p1"
    refused = _claim(workshop)
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (
        409,
        "run_ended",
        "DONE_FAILED_BUDGET_EXHAUSTED",
    )


def test_a_claim_gives_the_phase_with_everything_a_builder_needs(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = _claim(workshop)
    assert answer.status_code == 200
    claim, context = answer.json()["claim"], answer.json()["context"]
    assert (claim["phase_id"], claim["attempt"], claim["state"]) == ("p1", 1, "CLAIMED")
    assert context["base_commit"] == workshop.repo.rev("main")
    assert context["phase"]["phase_id"] == "p1"
    assert context["budgets"]["builder_attempts_left"] == 2
    assert context["previous_attempts"] == []
    assert workshop.run().state == "PHASE_EXECUTION"
    nothing = _claim(workshop, name="bob")
    assert nothing.status_code == 200
    assert nothing.json()["claim"] is None
    assert "PHASE_EXECUTION" in nothing.json()["reason"]
    assert nothing.headers["Retry-After"]


def test_the_same_claim_key_gives_the_same_claim(workshop: Workshop) -> None:
    workshop.start(phases=1)
    first = _claim(workshop, HTTP_IDEMPOTENCY_KEY="k1").json()["claim"]
    again = _claim(workshop, HTTP_IDEMPOTENCY_KEY="k1").json()["claim"]
    assert again == first
    stranger = _claim(workshop, name="bob", HTTP_IDEMPOTENCY_KEY="k1").json()
    assert stranger["claim"] is None, "a key belongs to its holder"
    assert Attempt.objects.count() == 1


def test_a_key_that_cannot_be_kept_is_malformed(workshop: Workshop) -> None:
    workshop.start(phases=1)
    for key in ("k" * 201, "a\x00b", "tab\there"):
        assert _claim(workshop, HTTP_IDEMPOTENCY_KEY=key).status_code == 400
    assert not Attempt.objects.exists()


def test_a_renewed_lease_starts_anew(workshop: Workshop, clock: Clock) -> None:
    workshop.start(phases=1, lease_seconds=60)
    claim_id = workshop.post("runs/r1/claim").json()["claim"]["claim_id"]
    clock.advance(seconds=50)
    assert workshop.post("runs/r1/phases/p1/claim/renew", {"claim_id": claim_id}).status_code == 200
    clock.advance(seconds=50)
    assert sweep()["leases"] == 0
    assert workshop.result("p1", "", claim_id=claim_id).status_code == 200


def test_a_released_claim_costs_no_attempt_and_can_be_released_again(workshop: Workshop) -> None:
    workshop.start(phases=1, lease_seconds=60)
    for _ in range(4):
        claim_id = workshop.post("runs/r1/claim").json()["claim"]["claim_id"]
        for _ in range(2):
            answer = workshop.post("runs/r1/phases/p1/claim/release", {"claim_id": claim_id})
            assert (answer.status_code, answer.json()["state"]) == (200, "RELEASED")
    phase = workshop.phase("p1")
    assert (phase.state, phase.builder_attempts) == ("QUEUED", 0)
    assert workshop.run().state == "PHASE_QUEUEING"
    used = workshop.result("p1", "", claim_id=claim_id)
    assert (used.status_code, used.json()["code"]) == (409, "not_your_claim")


def test_claiming_anywhere_takes_the_oldest_run_that_has_work(workshop: Workshop) -> None:
    for run_id in ("r1", "r2", "r3"):
        workshop.start(run_id, phases=1)
    taken = [workshop.post("claim", {"worker_name": None}).json()["claim"] for _ in range(4)]
    assert [claim and claim["run_id"] for claim in taken] == ["r1", "r2", "r3", None]


def test_a_claim_key_holds_across_runs(workshop: Workshop) -> None:
    workshop.start("r1", phases=1)
    workshop.start("r2", phases=1)
    answers = [workshop.post("claim", {}, HTTP_IDEMPOTENCY_KEY="once").json()["claim"] for _ in range(3)]
    assert len({claim["claim_id"] for claim in answers}) == 1
    claim = answers[0]
    path = f"runs/{claim['run_id']}/phases/{claim['phase_id']}/claim/release"
    assert workshop.post(path, {"claim_id": claim["claim_id"]}).status_code == 200
    ended = workshop.post("claim", {}, HTTP_IDEMPOTENCY_KEY="once")
    assert ended.json()["claim"]["state"] == "RELEASED"
    assert "released" in ended.json()["reason"]
