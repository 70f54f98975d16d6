"""Builder results over HTTP: refused, repeated, held, counted (DESIGN §4.2 to §4.4)."""

import base64
from typing import Any

import pytest

from runs_app.models import Attempt, GateRefusal, IncidentPack, Snapshot
from runs_app.services import results
from tests.support.repos import fingerprint
from tests.support.workshop import Json, Workshop

MOVED = b"""diff --git a/README.md b/README.md
--- a/README.md
+++ b/README.md
@@ -1,1 +1,1 @@
-# Not what is there
+# Something else
"""


@pytest.fixture(autouse=True)
def _nobody_is_held_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "HOLD_SECONDS", 0)


def _new_file(path: str, *, quote: str = "", content: str = "x") -> str:
    old, new = f"{quote}a/{path}{quote}", f"{quote}b/{path}{quote}"
    head = f"diff --git {old} {new}\nnew file mode 100644\n--- /dev/null\n+++ {new}\n"
    return f"{head}@@ -0,0 +1 @@\n+{content}\n"


def _code(answer: Json) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


# Refused by the gate


def test_a_refused_patch_names_every_reason_with_path_and_line_and_says_so_again(workshop: Workshop) -> None:
    workshop.start(phases=1)
    before, refs = fingerprint(workshop.repo), workshop.repo.refs()
    patch = (
        _new_file("../out.txt") + _new_file(".git/hooks/pre-commit") + _new_file(".github/workflows/ci.yml")
    )
    first = workshop.result("p1", patch)
    assert _code(first) == (422, "patch_refused")
    reasons = first.json()["errors"]
    assert {reason["code"] for reason in reasons} == {
        "path_escapes",
        "path_is_git_internal",
        "path_protected",
    }
    assert all(reason["path"] and reason["line"] and reason["detail"] for reason in reasons)
    assert first.json()["phase_state"] == "QUEUED"
    again = workshop.result("p1", patch)
    assert again.json() == first.json()
    assert Attempt.objects.get().state == "REFUSED"
    assert GateRefusal.objects.count() == 3
    attempts = workshop.get("runs/r1/phases/p1/attempts").json()
    assert [r["code"] for r in attempts[0]["refusals"]] == [r["code"] for r in reasons]
    assert (fingerprint(workshop.repo), workshop.repo.refs()) == (before, refs)


@pytest.mark.parametrize(
    "patch",
    [
        _new_file("a\\000b", quote='"'),
        _new_file("\\377", quote='"'),
        _new_file("a", content="x\x00y"),
        _new_file("\x07bell"),
        "no patch at all",
        "\n",
        " ",
        "diff --git a/x b/x\n",
    ],
)
def test_a_hostile_patch_is_refused_and_the_refusal_is_kept(workshop: Workshop, patch: str) -> None:
    workshop.start(phases=1)
    answer = workshop.result("p1", patch)
    assert _code(answer) == (422, "patch_refused"), answer.content
    assert Attempt.objects.get().state == "REFUSED"
    assert workshop.result("p1", patch).json() == answer.json()


def test_bytes_that_are_no_utf8_travel_as_base64_and_are_shown_as_escapes(workshop: Workshop) -> None:
    workshop.start(phases=1)
    raw = _new_file("NAME").encode().replace(b"NAME", b"caf\xe9")
    answer = workshop.result("p1", base64.b64encode(raw).decode(), patch_encoding="base64")
    assert _code(answer) == (422, "patch_refused")
    assert answer.json()["errors"][0]["path"] == "caf\\xe9"
    stored = workshop.client("reader").get("/api/v1/runs/r1/phases/p1/attempts/1/patch")
    assert stored.content == raw


def test_a_patch_that_does_not_apply_names_file_and_line(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = workshop.result("p1", MOVED)
    (reason,) = answer.json()["errors"]
    assert (reason["code"], reason["path"]) == ("patch_does_not_apply", "README.md")
    assert reason["line"]


def test_paths_outside_the_phase_are_refused(workshop: Workshop) -> None:
    plan = workshop.plan(phases=1)
    plan["phases"][0]["allowed_paths"] = ["shop/"]
    assert workshop.post("runs/start", plan, role="planner").status_code == 201
    answer = workshop.result("p1", workshop.patch_for({"README.md": "# Mine\n", "shop/x.py": "x = 1\n"}))
    assert [(r["code"], r["path"]) for r in answer.json()["errors"]] == [("path_not_allowed", "README.md")]


def test_three_refusals_end_the_run(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answers = [workshop.result("p1", _new_file(f"../{n}")) for n in range(3)]
    assert [a.json()["phase_state"] for a in answers] == ["QUEUED", "QUEUED", "FAILED"]
    run = workshop.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_BUDGET_EXHAUSTED", "attempts_used_up")
    pack = IncidentPack.objects.get(run=run).content
    refusals = [a["refusals"][0]["code"] for a in pack["failed_phases"][0]["attempts"]]
    assert refusals == ["path_escapes"] * 3
    assert workshop.result("p1", _new_file("../2")).json() == answers[2].json(), "also after the end"
    other = workshop.result("p1", _new_file("../9"))
    assert _code(other) == (409, "run_ended")


# The wrong moment


def test_a_phase_that_is_not_next_is_not_ready_at_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "wait_for", _never_waiting)
    workshop.start(phases=3)
    answer = workshop.result("p2", "")
    assert _code(answer) == (409, "phase_not_ready")
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["next_phase"] == "p1"
    assert not Attempt.objects.exists()


def _never_waiting(look: Any, *, seconds: float) -> Any:
    found = look()
    assert found is not None, "it must not be held"
    return found


def test_the_next_result_is_held_while_ci_runs_and_no_other(
    tested_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = tested_workshop
    looks: list[int] = []

    def look_thrice(look: Any, *, seconds: float) -> Any:
        for turn in range(3):
            found = look()
            looks.append(turn)
            if found is not None:
                return found
            if turn == 1:
                workshop.run_ci()
        return None

    monkeypatch.setattr(results, "wait_for", look_thrice)
    workshop.start(phases=3)
    assert workshop.result("p1", workshop.patch_for({"A": "a\n"})).status_code == 200
    looks.clear()
    not_even_next = workshop.result("p3", "")
    assert _code(not_even_next) == (409, "phase_not_ready")
    assert looks == []
    held = workshop.result("p2", workshop.patch_for({"B": "b\n"}))
    assert held.status_code == 200, held.content
    assert looks == [0, 1, 2]
    assert workshop.phase("p1").state == "COMPLETE"


def test_a_held_result_whose_time_is_up_is_told_to_come_back(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=2)
    workshop.result("p1", "")
    phase = workshop.phase("p2")
    assert phase.state == "QUEUED"
    answer = workshop.result("p2", "")
    assert _code(answer) == (409, "phase_not_ready")
    assert answer.headers["Retry-After"] == "5"


def test_another_patch_for_a_phase_in_ci_or_complete_is_a_conflict(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=2)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    in_ci = workshop.result("p1", workshop.patch_for({"A": "b\n"}))
    assert _code(in_ci) == (409, "wrong_state")
    assert in_ci.json()["state"] == "CI_RUNNING"
    workshop.run_ci()
    claim_id = str(Attempt.objects.get().claim_id)
    for extra in ({}, {"claim_id": claim_id}, {"builder_attempts": 2}):
        done = workshop.result("p1", workshop.patch_for({"A": "b\n"}), **extra)
        assert _code(done) == (409, "phase_complete")
    assert Attempt.objects.count() == 1


# Repeats


def test_the_same_result_again_gives_the_same_answer(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    patch = workshop.patch_for({"A": "a\n"})
    first = workshop.result("p1", patch)
    assert workshop.result("p1", patch).json() == first.json()
    workshop.run_ci()
    assert workshop.run().state == "DONE_SUCCESS"
    assert workshop.result("p1", patch).json() == first.json(), "also after the run has ended"
    assert (Attempt.objects.count(), Snapshot.objects.count()) == (1, 1)
    assert workshop.run().ci_runs_used == 1


def test_a_repeat_with_a_high_count_of_its_own_is_still_a_repeat(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    patch = workshop.patch_for({"A": "a\n"})
    first = workshop.result("p1", patch, builder_attempts=5)
    assert workshop.result("p1", patch, builder_attempts=5).json() == first.json()
    assert Attempt.objects.count() == 1


def test_a_higher_count_is_a_new_attempt_even_with_equal_bytes(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    patch = workshop.patch_for({"RED": "stop\n"})
    workshop.result("p1", patch, builder_attempts=1)
    workshop.run_ci()
    again = workshop.result("p1", patch, builder_attempts=1)
    assert again.json()["attempt"] == 1
    second = workshop.result("p1", patch, builder_attempts=2)
    assert second.json()["attempt"] == 2
    assert second.json()["commit_sha"] != again.json()["commit_sha"]


def test_a_new_claim_is_a_new_attempt_even_with_equal_bytes(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    patch = workshop.patch_for({"RED": "stop\n"})
    workshop.result("p1", patch)
    workshop.run_ci()
    claim_id = workshop.post("runs/r1/claim").json()["claim"]["claim_id"]
    second = workshop.result("p1", patch, claim_id=claim_id)
    assert second.json()["attempt"] == 2
    assert workshop.result("p1", patch, claim_id=claim_id).json() == second.json()


def test_an_idempotency_key_gives_the_same_answer_and_takes_no_other_body(tested_workshop: Workshop) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)
    patch = workshop.patch_for({"RED": "stop\n"})
    first = workshop.result("p1", patch, HTTP_IDEMPOTENCY_KEY="k1")
    assert first.status_code == 200
    workshop.run_ci()
    workshop.result("p1", workshop.patch_for({"RED": "other\n"}), HTTP_IDEMPOTENCY_KEY="k2")
    assert workshop.result("p1", patch, HTTP_IDEMPOTENCY_KEY="k1").json() == first.json()
    reused = workshop.result("p1", workshop.patch_for({"A": "a\n"}), HTTP_IDEMPOTENCY_KEY="k1")
    assert _code(reused) == (422, "idempotency_key_reused")
    assert Attempt.objects.count() == 2


# Statuses and budgets


def test_a_failed_result_ends_the_attempt_without_a_candidate(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = workshop.result("p1", MOVED, status="failed", notes="No idea.")
    assert answer.status_code == 200
    assert (answer.json()["commit_sha"], answer.json()["phase_state"]) == (None, "QUEUED")
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.outcome_code, attempt.outcome_detail) == (
        "FAILED",
        "builder_failed",
        "No idea.",
    )
    assert workshop.result("p1", MOVED, status="failed", notes="No idea.").json() == answer.json()


def test_a_failed_result_over_the_token_cap_ends_the_run(workshop: Workshop) -> None:
    workshop.start(phases=1, token_cap=10)
    answer = workshop.result("p1", None, status="failed", tokens_used=11)
    assert (answer.status_code, answer.json()["phase_state"]) == (200, "FAILED")
    assert (workshop.run().state, workshop.run().failure_code) == (
        "DONE_FAILED_BUDGET_EXHAUSTED",
        "token_cap",
    )


def test_an_empty_patch_is_an_empty_commit(workshop: Workshop) -> None:
    workshop.start(phases=2)
    for phase_id, patch in (("p1", None), ("p2", "")):
        answer = workshop.result(phase_id, patch)
        assert answer.json()["phase_state"] == "COMPLETE"
    assert workshop.repo.tree("autonomous/r1") == workshop.repo.tree("main")
    assert workshop.get("runs/r1/integration_status").json()["commits_ahead"] == 2


def test_a_used_up_token_cap_ends_the_run_before_git_is_asked(workshop: Workshop) -> None:
    workshop.start(phases=2, token_cap=100)
    assert workshop.result("p1", "", tokens_used=60).status_code == 200
    over = workshop.result("p2", workshop.patch_for({"A": "a\n"}), tokens_used=41)
    assert _code(over) == (409, "over_budget")
    assert over.json()["state"] == "FAILED"
    run = workshop.run()
    assert (run.state, run.failure_code, run.tokens_used) == (
        "DONE_FAILED_BUDGET_EXHAUSTED",
        "token_cap",
        101,
    )
    assert run.tip_commit == workshop.repo.rev("autonomous/r1")
    assert workshop.result("p2", workshop.patch_for({"A": "a\n"}), tokens_used=41).json() == over.json()
    assert IncidentPack.objects.get(run=run).content["budgets"]["tokens_used"] == 101


def test_a_used_up_phase_cap_ends_the_run(workshop: Workshop) -> None:
    plan = workshop.plan(phases=1)
    plan["phases"][0]["incident_token_cap"] = 10
    workshop.post("runs/start", plan, role="planner")
    assert _code(workshop.result("p1", "", tokens_used=11)) == (409, "over_budget")
    assert workshop.run().failure_code == "phase_token_cap"


def test_exactly_the_cap_is_within_it(workshop: Workshop) -> None:
    workshop.start(phases=1, token_cap=100)
    assert workshop.result("p1", "", tokens_used=100).status_code == 200
    assert workshop.run().state == "DONE_SUCCESS"


def test_the_commit_says_who_made_it(workshop: Workshop) -> None:
    workshop.start(phases=1)
    claim_id = workshop.post("runs/r1/claim", {"worker_name": "Cursor <7>"}).json()["claim"]["claim_id"]
    commit = workshop.result("p1", "", claim_id=claim_id).json()["commit_sha"]
    text = workshop.repo.git("log", "-1", "--format=%an|%cn|%B", commit).decode()
    assert "Phase 1" in text
    assert "Autopack-Run: r1" in text
    assert "Autopack-Attempt: 1" in text
    assert "|Autopack|" in text


def test_waiting_for_ci_ends_with_the_phase(
    tested_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = tested_workshop
    workshop.start(phases=1)

    def run_ci_meanwhile(phase_pk: int, *, seconds: float) -> Any:
        assert seconds == 60, "the longest wait"
        workshop.run_ci()
        return workshop.phase("p1")

    monkeypatch.setattr("runs_app.api.phases.wait_for_phase", run_ci_meanwhile)
    answer = workshop.result("p1", "", HTTP_PREFER="respond-async, wait=900")
    assert answer.json()["phase_state"] == "COMPLETE"
