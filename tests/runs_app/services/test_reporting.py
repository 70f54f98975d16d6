"""How runs end is told to the catalog, in the transaction that ends them."""

from typing import Any

from catalog_app.models import ReuseOutcome, RunOutcome
from runs_app.models import Run
from runs_app.services.sweeping import sweep
from tests.support.workshop import Workshop

SOURCE = {"source_repo_id": "auth-kit", "source_paths": ["auth"], "pinned_commit": "a" * 40}


def start(workshop: Workshop, run_id: str, *, reusing: dict[str, Any], phases: int = 1) -> None:
    plan = workshop.plan(run_id, phases=phases)
    plan["phases"][0] |= {
        "task_category": "external_feature_reuse",
        "spec": reusing,
        "max_builder_attempts": 1,
    }
    assert workshop.post("runs/start", plan, role="planner").status_code == 201


def refuse(workshop: Workshop, run_id: str) -> None:
    answer = workshop.result("p1", "no patch at all", run_id=run_id, tokens_used=70)
    assert answer.status_code == 422, answer.content


def test_a_cancelled_run_says_nothing_of_its_sources_and_a_failed_one_does(workshop: Workshop) -> None:
    start(workshop, "cancelled", reusing=SOURCE)
    start(workshop, "failed", reusing=SOURCE, phases=2)
    start(workshop, "nameless", reusing={"source_repo_id": ["odd"], "source_paths": "odd"})
    start(workshop, "sourceless", reusing={})

    workshop.post("runs/cancelled/cancel", role="operator")
    for run_id in ("failed", "nameless", "sourceless"):
        refuse(workshop, run_id)

    assert RunOutcome.objects.count() == 4
    failed = RunOutcome.objects.get(run_id="failed")
    assert (failed.is_success, failed.state) == (False, "DONE_FAILED_BUDGET_EXHAUSTED")
    assert (failed.failed_phase, failed.failed_category) == ("p1", "external_feature_reuse")
    assert (failed.failure_code, failed.phases_total, failed.phases_complete) == ("attempts_used_up", 2, 0)
    reuse = failed.reuses.get()
    assert (reuse.repo_id, reuse.paths, reuse.is_completed) == ("auth-kit", ["auth"], False)
    assert ReuseOutcome.objects.count() == 2


def test_a_success_is_reported_once_and_the_sweeper_makes_up_for_what_was_not(workshop: Workshop) -> None:
    start(workshop, "r1", reusing=SOURCE)
    built = workshop.result("p1", workshop.patch_for({"auth.py": "OPEN = False\n"}), tokens_used=120)
    assert built.status_code == 200, built.content
    assert workshop.run().state == "DONE_SUCCESS"

    outcome = RunOutcome.objects.get(run_id="r1")
    assert (outcome.is_success, outcome.tokens, outcome.phases_complete) == (True, 120, 1)
    assert outcome.reuses.get().is_completed
    assert workshop.run().is_outcome_reported
    assert sweep()["outcomes"] == 0

    outcome.delete()
    Run.objects.filter(run_id="r1").update(is_outcome_reported=False)
    assert sweep()["outcomes"] == 1
    assert RunOutcome.objects.get(run_id="r1").reuses.get().tokens == 120
