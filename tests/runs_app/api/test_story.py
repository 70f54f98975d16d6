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


def test_the_v7_story_with_nothing_but_the_fields_of_v7(workshop: Workshop) -> None:
    """As a pydantic client sends it: every optional field there, as null, and without the prefix."""
    start = {
        "run": {
            "run_id": "v7", "safety_profile": None, "run_scope": "incremental", "token_cap": None,
            "max_phases": None, "max_duration_minutes": None,
        },
        "tiers": [{"tier_id": "T1", "tier_index": 0, "name": "Core", "description": None}],
        "phases": [
            {
                "phase_id": "P1", "phase_index": 0, "tier_id": "T1", "name": "Tax", "description": None,
                "task_category": "feature_scaffolding", "complexity": None, "builder_mode": "compose",
            }
        ],
    }  # fmt: skip
    started = workshop.client("planner").post("/runs/start", start, format="json")
    assert started.status_code == 201, started.content
    result = {
        "phase_id": "P1", "run_id": "v7", "status": "needs_review", "files_changed": ["shop/tax.py"],
        "patch_content": workshop.patch_for({"shop/tax.py": "RATE = 0.2\n"}).decode(),
        "lines_added": 1, "lines_removed": 0, "builder_attempts": 1, "tokens_used": 1200,
        "duration_minutes": 2.5, "notes": None, "suggested_issues": [
            {
                "issue_key": "rounding", "severity": "minor", "source": "cursor_self_doubt",
                "category": "correctness", "evidence_refs": None, "description": None,
            }
        ],
        "probe_results": [
            {"probe_type": "lint", "exit_code": 0, "stdout": "", "stderr": None, "duration_seconds": None}
        ],
    }  # fmt: skip
    built = workshop.client("builder").post("/runs/v7/phases/P1/builder_result", result, format="json")
    assert built.status_code == 200, built.content
    assert set(built.json()) >= {"message", "commit_sha", "phase_state"}
    assert built.json()["phase_state"] == "CI_RUNNING"
    request = {
        "phase_id": "P1", "run_id": "v7", "tier_id": "T1", "builder_result": result, "failure_context": None,
        "review_focus": None, "auditor_profile": None,
    }  # fmt: skip
    asked = workshop.client("builder").post("/runs/v7/phases/P1/auditor_request", request, format="json")
    assert asked.status_code == 200, asked.content
    assert set(asked.json()) == {"message", "review_focus", "auditor_profile"}
    verdict = {
        "phase_id": "P1", "run_id": "v7", "review_notes": "Fine.", "recommendation": "approve",
        "issues_found": None, "suggested_patches": None, "auditor_attempts": 1, "tokens_used": 300,
        "confidence": "high",
    }  # fmt: skip
    audited = workshop.client("auditor").post("/runs/v7/phases/P1/auditor_result", verdict, format="json")
    assert audited.status_code == 200, audited.content
    assert set(audited.json()) >= {
        "message", "recommendation", "patches_applied", "commit_shas", "phase_state",
    }  # fmt: skip
    assert audited.json()["phase_state"] == "COMPLETE"
    status = workshop.client("reader").get("/runs/v7/integration_status").json()
    assert (status["branch"], status["tip"]) == ("autonomous/v7", built.json()["commit_sha"])
    assert (status["commits_ahead"], status["merges_cleanly"]) == (1, True)
    run = workshop.client("reader").get("/runs/v7").json()
    assert (run["id"], run["state"], run["tokens_used"]) == ("v7", "DONE_SUCCESS", 1500)
    issue = {
        "issue_key": "late", "severity": "minor", "source": "probe", "category": "style",
        "evidence_refs": None, "task_category": None, "complexity": None, "expected_fail": False,
    }  # fmt: skip
    recorded = workshop.client("builder").post("/runs/v7/phases/P1/record_issue", issue, format="json")
    assert recorded.status_code == 200, recorded.content
    change = {
        "state": "COMPLETE", "builder_attempts": None, "tokens_used": None, "minor_issues_count": 0,
        "major_issues_count": 0,
    }  # fmt: skip
    path = "/runs/v7/phases/P1/update_status"
    assert workshop.client("operator").post(path, change, format="json").status_code == 200, "it is already"
    back = workshop.client("operator").post(path, change | {"state": "QUEUED"}, format="json")
    assert (back.status_code, back.json()["allowed"]) == (409, [])
    assert workshop.client("reader").get("/health").status_code in (200, 503)
