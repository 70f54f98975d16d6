"""Starting a run: every refusal, and what a start leaves behind (DESIGN §4 "Start")."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.git.errors import GitTimedOut
from autopack.models import Project
from autopack.services.keys import create_key
from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.models import Phase, Run, Tier
from runs_app.services.sweeping import sweep
from tests.support.clock import Clock
from tests.support.repos import fingerprint, make_repo
from tests.support.workshop import Json, Workshop, python_step


def _start(workshop: Workshop, plan: Any) -> Json:
    return workshop.client("planner").post(
        "/api/v1/runs/start", json.dumps(plan).encode(), content_type="application/json"
    )


def _codes(answer: Json) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


# The request

BAD_IDS: list[Any] = ["", "..", "a..b", "x.lock", "a/b", "a b", ".a", "-a", "a.", "x" * 101, "ä", "a\nb"]
BAD_IDS += ["a\x00b", "\ud800", None, {}, []]


def test_ids_that_git_or_the_rules_do_not_accept(workshop: Workshop) -> None:
    for name in BAD_IDS:
        for kind in ("run", "tier", "phase"):
            plan = workshop.plan(phases=1)
            match kind:
                case "run":
                    plan["run"]["run_id"] = name
                case "tier":
                    plan["tiers"][0]["tier_id"] = name
                case _:
                    plan["phases"][0]["phase_id"] = name
            answer = _start(workshop, plan)
            assert answer.status_code == 422, (name, kind, answer.content)
    assert not Run.objects.exists()
    assert not [ref for ref in workshop.repo.refs() if "autonomous" in ref]


@pytest.mark.parametrize("name", ["r", "R-1_2.3", "0", "x" * 100, "a.lock.b"])
def test_ids_that_are_fine(workshop: Workshop, name: str) -> None:
    plan = workshop.plan(name, phases=1)
    plan["phases"][0]["phase_id"] = name
    assert _start(workshop, plan).status_code == 201
    assert workshop.result(name, "", run_id=name).json()["phase_state"] == "COMPLETE"
    assert workshop.repo.rev(f"autonomous/{name}")


def test_malformed_plans_are_the_clients_error(workshop: Workshop) -> None:
    def change(**parts: Any) -> dict[str, Any]:
        return workshop.plan(phases=1) | parts

    bodies: list[Any] = [
        None, 5, "x", [], {}, {"run": None}, change(run=None), change(run="r1"), change(tiers=[]),
        change(tiers={}), change(tiers=[None]), change(phases=[]), change(phases=[5]), change(phases=None),
        change(phases=[{"phase_id": "p1"}]),
    ]  # fmt: skip
    of_run: dict[str, list[Any]] = {
        "safety_profile": ["bold", 5, [], {}],
        "run_scope": ["galaxy", [], {}],
        "token_cap": [0, -1, 10**20, "many", 1.5, [], True],
        "max_phases": [0, -1, 10**9],
        "max_duration_minutes": [0, 10**9],
        "lease_seconds": [1, 10**9],
        "title": ["x" * 201, "\x00", "\ud800", {}],
        "base": ["x" * 256, {}],
        "project_id": [{}, "x" * 101],
    }
    for field, values in of_run.items():
        bodies += [change(run={"run_id": "r1", field: value}) for value in values]
    of_phase: dict[str, list[Any]] = {
        "phase_index": ["first", None, 2**40],
        "complexity": ["extreme", 5],
        "ci_profile": ["lax"],
        "allowed_paths": ["a", [5.5, {}], [""], ["\x00"]],
        "acceptance_criteria": ["a", [None]],
        "spec": ["text", [1], {"a": "\x00"}, {"a": "\ud800"}],
        "max_builder_attempts": [0, 101],
        "incident_token_cap": [0],
        "name": ["", None, "x" * 201],
    }
    for field, values in of_phase.items():
        for value in values:
            plan = workshop.plan(phases=1)
            plan["phases"][0][field] = value
            bodies.append(plan)
    for body in bodies:
        answer = _start(workshop, body)
        assert answer.status_code in (400, 422), (str(body)[:300], answer.status_code, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
    beyond = json.dumps(change(more=0.5)).replace("0.5", "1e999")
    answer = workshop.client("planner").post("/api/v1/runs/start", beyond, content_type="application/json")
    assert (answer.status_code, "out of range" in answer.json()["detail"]) == (400, True)
    assert not Run.objects.exists()


def test_a_plan_that_makes_no_sense_is_refused_with_every_reason(workshop: Workshop) -> None:
    plan = workshop.plan(phases=3, max_phases=2)
    plan["tiers"].append(plan["tiers"][0])
    plan["phases"][1]["phase_id"] = "p1"
    plan["phases"][2]["tier_id"] = "t9"
    answer = _start(workshop, plan)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan_refused")
    assert _codes(answer) == ["too_many_phases", "duplicate_tier", "duplicate_phase", "unknown_tier"]
    assert answer.json()["errors"][3]["pointer"] == "/phases/2/tier_id"
    assert not Run.objects.exists()


def test_more_than_25_phases_need_a_higher_cap(workshop: Workshop) -> None:
    assert _codes(workshop.start(phases=26)) == ["too_many_phases"]
    assert workshop.start(phases=26, max_phases=26).status_code == 201


# The project


def test_the_project_must_be_known_active_and_unambiguous(workshop: Workshop) -> None:
    unknown = workshop.start(project_id="elsewhere")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_project")
    workshop.configure(is_active=False)
    inactive = workshop.start(project_id="shop")
    assert (inactive.status_code, inactive.json()["code"]) == (409, "project_inactive")
    none = workshop.start()
    assert (none.status_code, none.json()["code"]) == (422, "no_project")
    workshop.configure(is_active=True)
    Project.objects.create(project_id="other", name="Other", repo_path="/nowhere")
    many = workshop.start()
    assert (many.status_code, many.json()["code"]) == (422, "project_required")
    assert many.json()["projects"] == ["other", "shop"]
    assert workshop.start(project_id="shop").status_code == 201


def test_a_key_of_another_project_cannot_start_or_learn_about_a_run_here(workshop: Workshop) -> None:
    other = Project.objects.create(project_id="other", name="Other", repo_path="/nowhere")
    workshop.start(project_id="shop")
    created = create_key("x", roles=[Role.PLANNER], projects=[other], actor=system_actor("test"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {created.plaintext}")
    foreign = client.post("/api/v1/runs/start", workshop.plan("r2", project_id="shop"), format="json")
    assert foreign.status_code == 404
    taken = client.post("/api/v1/runs/start", workshop.plan("r1", project_id="shop"), format="json")
    assert (taken.status_code, taken.json()["code"]) == (409, "run_id_conflict")
    assert "state" not in taken.json()


# The repository


def test_an_unusable_repository_is_a_conflict_with_a_reason(workshop: Workshop, tmp_path: Path) -> None:
    workshop.repo.commit("Two", {"x": "y"})
    shallow = tmp_path / "shallow"
    workshop.repo.git("clone", "--quiet", "--depth", "1", f"file://{workshop.repo.path}", str(shallow))
    (tmp_path / "empty").mkdir()
    for place, reason in (
        (tmp_path / "gone", "missing"),
        (tmp_path / "empty", "not_a_repository"),
        (shallow, "shallow"),
    ):
        workshop.configure(repo_path=str(place))
        answer = workshop.start()
        assert (answer.status_code, answer.json()["code"]) == (409, "repository_unusable"), answer.content
        assert answer.json()["reason_code"] == reason
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "base", ["nowhere", "main~99", "f" * 40, "--help", ":/First", "main..", "HEAD^{/x}", "@{-1}"]
)
def test_a_base_that_git_does_not_know(workshop: Workshop, base: str) -> None:
    answer = workshop.start(base=base)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan_refused"), answer.content
    assert answer.json()["errors"][0]["pointer"] == "/run/base"


def test_a_branch_of_somebody_else_stays_theirs(workshop: Workshop) -> None:
    workshop.repo.git("branch", "autonomous/r1")
    answer = workshop.start()
    assert (answer.status_code, answer.json()["code"]) == (409, "branch_conflict")
    assert not Run.objects.exists()


def test_a_branch_that_stands_in_the_way_of_the_name_is_a_conflict_however_often_one_asks(
    workshop: Workshop,
) -> None:
    workshop.repo.git("branch", "autonomous")
    for _ in range(2):
        answer = workshop.start()
        assert (answer.status_code, answer.json()["code"]) == (409, "branch_conflict"), answer.content
    assert workshop.run().state == "DONE_FAILED_POLICY_VIOLATION"
    assert workshop.repo.rev("refs/heads/autonomous") == workshop.repo.rev("main")


def test_a_git_that_is_away_is_told_and_the_same_request_finishes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise GitTimedOut("git took too long")

    with monkeypatch.context() as broken:
        broken.setattr(LocalGitCliAdapter, "ensure_integration_branch", away)
        answer = workshop.start()
        assert (answer.status_code, answer.json()["code"]) == (503, "git_unavailable")
        assert answer.headers["Retry-After"]
        assert workshop.run().state == "PLAN_BOOTSTRAP"
        claim = workshop.post("runs/r1/claim")
        assert claim.json()["claim"] is None
    assert workshop.start().json()["state"] == "PHASE_QUEUEING"


def test_a_git_that_stays_away_ends_the_run_in_time(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(LocalGitCliAdapter, "ensure_integration_branch", away)
    assert workshop.start(max_duration_minutes=30).status_code == 503
    clock.advance(minutes=29)
    assert sweep()["runs"] == 0
    clock.advance(minutes=2)
    assert sweep()["runs"] == 1
    run = workshop.run()
    assert (run.state, run.failure_code) == ("DONE_FAILED_ENVIRONMENT", "git_unavailable")


# What follows what


def test_a_run_follows_only_a_success_of_its_own_project(workshop: Workshop, tmp_path: Path) -> None:
    unknown = workshop.start("r2", after="r1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "run_not_found")
    workshop.start("r1", phases=1)
    early = workshop.start("r2", after="r1")
    both = workshop.start("r2", after="r1", base="main")
    assert (both.status_code, both.json()["errors"][0]["pointer"]) == (422, "/run/base")
    assert (early.status_code, early.json()["state"]) == (409, "PHASE_QUEUEING")
    workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    other = make_repo(tmp_path / "other")
    Project.objects.create(project_id="other", name="O", repo_path=str(other.path), ci_kind="none")
    assert workshop.start("r3", after="r1", project_id="other").status_code == 404
    chained = workshop.start("r2", phases=1, after="r1", project_id="shop")
    assert chained.status_code == 201
    assert chained.json()["base_commit"] == workshop.repo.rev("autonomous/r1")
    workshop.result("p1", workshop.patch_for({"B": "b\n"}, onto="autonomous/r1"), run_id="r2")
    assert set(workshop.repo.listing("autonomous/r2")) >= {"A", "B"}


# What a start leaves behind


def test_the_same_request_gives_the_same_run_and_another_one_a_conflict(workshop: Workshop) -> None:
    first = workshop.start()
    assert workshop.start().json() == first.json()
    other = workshop.start(title="Another")
    assert (other.status_code, other.json()["code"]) == (409, "run_id_conflict")
    assert (Run.objects.count(), Tier.objects.count(), Phase.objects.count()) == (1, 1, 2)
    workshop.post("runs/r1/cancel", {}, role="operator")
    assert workshop.start().json()["state"] == "DONE_FAILED_REQUIRES_HUMAN_REVIEW"


def test_the_same_request_twice_at_the_same_moment_gives_the_same_run(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is done between this one's look at the rows and its look at the branches."""
    real = LocalGitCliAdapter.find_branch
    others: list[Any] = []

    def find_branch(*args: Any) -> Any:
        if not others:
            others.append(None)
            others[0] = workshop.start().json()
        return real(*args)

    monkeypatch.setattr(LocalGitCliAdapter, "find_branch", find_branch)
    answer = workshop.start()
    assert (answer.status_code, answer.json()) == (201, others[0])


def test_the_answer_is_the_run_of_v7_with_the_defaults(workshop: Workshop) -> None:
    run = workshop.start(run_scope="incremental", safety_profile=None, token_cap=None).json()
    assert set(run) >= {
        "id", "state", "safety_profile", "run_scope", "created_at", "started_at", "completed_at",
        "tokens_used", "ci_runs_used", "minor_issues_count", "major_issues_count",
        "promotion_eligible_to_main", "debt_status", "failure_reason", "tiers",
    }  # fmt: skip
    assert set(run["tiers"][0]) >= {
        "tier_id", "name", "state", "tier_index", "cleanliness", "minor_issues_count",
        "major_issues_count", "phases",
    }  # fmt: skip
    assert set(run["tiers"][0]["phases"][0]) >= {
        "phase_id", "name", "state", "task_category", "complexity", "builder_mode", "phase_index",
    }  # fmt: skip
    assert (run["id"], run["run_scope"], run["safety_profile"]) == ("r1", "multi_tier", "normal")
    assert run["token_cap"] == 5_000_000
    events = workshop.get("runs/r1/events").json()["events"]
    assert [e["after"] for e in events] == ["PLAN_BOOTSTRAP", "RUN_CREATED", "PHASE_QUEUEING"]
    assert events[0]["payload"]["base_commit"] == workshop.repo.rev("main")


def test_phases_go_in_the_order_of_tiers_and_then_of_their_index(workshop: Workshop) -> None:
    plan = workshop.plan(phases=4)
    plan["tiers"] = [
        {"tier_id": "late", "tier_index": 9, "name": "Late"},
        {"tier_id": "early", "tier_index": -1, "name": "Early"},
    ]
    for phase, (tier, index) in zip(
        plan["phases"], [("late", 0), ("early", 5), ("late", -3), ("early", 1)], strict=True
    ):
        phase |= {"tier_id": tier, "phase_index": index}
    run = _start(workshop, plan).json()
    assert [t["tier_id"] for t in run["tiers"]] == ["early", "late"]
    assert [p["phase_id"] for t in run["tiers"] for p in t["phases"]] == ["p4", "p2", "p3", "p1"]


def test_a_base_by_name_and_by_id(workshop: Workshop) -> None:
    first = workshop.repo.rev("main")
    workshop.repo.commit("Two", {"x": "y\n"})
    before = fingerprint(workshop.repo)
    assert workshop.start("by-id", base=first).json()["base_commit"] == first
    assert workshop.start("by-short-id", base=first[:10]).json()["base_commit"] == first
    assert workshop.start("by-name", base="main~1").json()["base_commit"] == first
    assert workshop.start("by-default").json()["base_commit"] == workshop.repo.rev("main")
    assert fingerprint(workshop.repo) == before


def test_a_repository_that_vanished_is_told_wherever_git_is_needed(workshop: Workshop) -> None:
    workshop.start(phases=1)
    patch = workshop.patch_for({"A": "a\n"})
    away = workshop.repo.path.with_name("away")
    shutil.move(workshop.repo.path, away)
    status = workshop.get("runs/r1/integration_status")
    assert (status.status_code, status.json()["code"]) == (409, "repository_unusable")
    stuck = workshop.result("p1", patch)
    assert (stuck.status_code, stuck.json()["code"]) == (503, "git_unavailable")
    assert workshop.get("runs/r1/phases/p1").json()["waiting_for"] == "git"
    assert sweep()["intents"] == 0
    shutil.move(away, workshop.repo.path)
    assert sweep()["intents"] == 1
    assert workshop.result("p1", patch).json()["phase_state"] == "COMPLETE"


def test_secrets_of_ci_steps_are_neither_shown_nor_handed_out(workshop: Workshop) -> None:
    step = python_step("", env={"DEPLOY_TOKEN": "s3cr3t-value", "STAGE": "test"})
    workshop.configure(ci_kind="local", ci_normal=[step], ci_strict=[step])
    workshop.start(phases=1)
    for path in ("projects", "projects/shop", "runs/r1/phases/p1/context"):
        shown = workshop.get(path).content.decode()
        assert "STAGE" in shown
        assert "DEPLOY_TOKEN" in shown
        assert "s3cr3t" not in shown, path
    assert "s3cr3t" not in workshop.post("runs/r1/claim").content.decode()
    assert workshop.run().list_ci_steps("normal") == [step]
