"""Who may call what, and what a key of another project sees: nothing."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.models import Project
from autopack.services.keys import create_key
from runs_app.models import CiStepRun
from tests.support.factories import make_ci_step_run
from tests.support.workshop import Workshop

P = "runs/r1/phases/p1"
WRITERS: dict[str, set[Role]] = {
    "runs/start": {Role.PLANNER, Role.OPERATOR},
    "claim": {Role.BUILDER},
    "runs/r1/claim": {Role.BUILDER},
    f"{P}/claim/renew": {Role.BUILDER},
    f"{P}/claim/release": {Role.BUILDER},
    f"{P}/builder_result": {Role.BUILDER},
    f"{P}/record_issue": {Role.BUILDER},
    f"{P}/auditor_request": {Role.BUILDER},
    f"{P}/auditor_result": {Role.AUDITOR},
    f"{P}/ci_result": {Role.VERIFIER},
    f"{P}/update_status": {Role.OPERATOR},
    "runs/r1/cancel": {Role.OPERATOR},
    "runs/r1/promote": {Role.OPERATOR},
    "runs/r1/save_as_template": {Role.PLANNER, Role.OPERATOR},
}
READ = [
    "projects",
    "projects/shop",
    "project/issues/backlog",
    "runs",
    "runs/r1",
    "runs/r1/events",
    "runs/r1/incident",
    "runs/r1/integration_status",
    "runs/r1/issues/index",
    P,
    f"{P}/context",
    f"{P}/attempts",
    f"{P}/attempts/1/patch",
    f"{P}/ci",
    "metrics/runs",
    "metrics/tiers/r1",
    "reports/issue_backlog_summary",
    "reports/budget_analysis",
    "reports/run_summary/r1",
]


@pytest.fixture
def busy(workshop: Workshop) -> Workshop:
    """A run with a result and an issue."""
    workshop.start(phases=2)
    issue = {"issue_key": "k", "severity": "minor", "category": "c"}
    assert workshop.result("p1", "", suggested_issues=[issue]).status_code == 200
    return workshop


def _stranger(*roles: Role) -> APIClient:
    """Every role asked for, in another project."""
    other, _ = Project.objects.get_or_create(
        project_id="other", defaults={"name": "Other", "repo_path": "/nowhere"}
    )
    created = create_key("stranger", roles=list(roles), projects=[other], actor=system_actor("test"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {created.plaintext}")
    return client


def test_the_tables_here_know_every_address() -> None:
    from runs_app.api.urls import urlpatterns

    known = {
        path.replace("r1", "<str:run_id>", 1).replace("p1", "<str:phase_id>") for path in [*WRITERS, *READ]
    }
    known = {path.replace("attempts/1", "attempts/<int:number>") for path in known}
    known |= {"projects/<str:project_id>", "ci/steps/<int:step_run_id>/log"}
    assert {str(url.pattern) for url in urlpatterns} - known == set()


def test_nobody_writes_without_the_role_for_it(busy: Workshop) -> None:
    for path, allowed in WRITERS.items():
        for role in Role:
            answer = busy.client(role).post(f"/api/v1/{path}", {}, format="json")
            if role in allowed:
                assert answer.status_code not in (401, 403), (path, role)
                continue
            assert answer.status_code == 403, (path, role, answer.status_code)
            problem = answer.json()
            assert problem["code"] == "missing_role"
            assert set(problem["needed"]) == {r.value for r in allowed}
    unknown = APIClient()
    for path in [*WRITERS, *READ]:
        verb = unknown.post if path in WRITERS else unknown.get
        assert verb(f"/api/v1/{path}").status_code == 401, path


def test_every_role_reads_everything(busy: Workshop) -> None:
    for role in Role:
        for path in READ:
            assert busy.client(role).get(f"/api/v1/{path}").status_code == 200, (path, role)


def test_what_only_reads_takes_no_other_method(busy: Workshop) -> None:
    for path in READ:
        for verb in ("post", "put", "patch", "delete"):
            answer = getattr(busy.client("operator"), verb)(f"/api/v1/{path}", {}, format="json")
            assert answer.status_code in (403, 405), (path, verb, answer.status_code)
    for path in WRITERS:
        if path not in READ:
            assert busy.client("reader").get(f"/api/v1/{path}").status_code in (404, 405), path


def test_the_routes_without_the_prefix_answer_the_same(busy: Workshop) -> None:
    for path in READ:
        plain = busy.client("reader").get(f"/{path}")
        prefixed = busy.client("reader").get(f"/api/v1/{path}")
        assert (plain.status_code, _body(plain)) == (prefixed.status_code, _body(prefixed)), path
    for path in WRITERS:
        answer = busy.client("reader").post(f"/{path}", {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_role"), path
    for path in ("runs/nowhere", "runs/r1/phases/nothing", "metrics/tiers/nowhere"):
        for prefix in ("/", "/api/v1/"):
            answer = busy.client("reader").get(prefix + path)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "application/problem+json"


def _body(answer: Any) -> Any:
    if not answer.headers["Content-Type"].startswith("application/json"):
        return answer.content
    body = answer.json()
    if isinstance(body, dict):
        body.pop("next", None)
        body.pop("previous", None)
    return body


def test_a_key_of_another_project_sees_nothing(busy: Workshop) -> None:
    stranger = _stranger(*Role)
    step: CiStepRun = make_ci_step_run(ci_run__candidate__attempt__phase=busy.phase("p2"))
    for path in [f"ci/steps/{step.pk}/log", *READ]:
        answer = stranger.get(f"/api/v1/{path}")
        is_list = path in {
            "projects",
            "project/issues/backlog",
            "runs",
            "metrics/runs",
            "reports/issue_backlog_summary",
            "reports/budget_analysis",
        }
        assert answer.status_code == (200 if is_list else 404), path
        assert not is_list or "shop" not in answer.content.decode(), path
    assert stranger.get("/api/v1/runs").json()["results"] == []
    assert stranger.get("/api/v1/reports/issue_backlog_summary").json()["total_issues"] == 0
    assert stranger.get("/api/v1/runs?project_id=shop").json()["results"] == []
    assert stranger.get("/api/v1/project/issues/backlog?project_id=shop").status_code == 404


def test_a_key_of_another_project_changes_nothing(busy: Workshop) -> None:
    stranger = _stranger(*Role)
    events = busy.run().event_count
    bodies: dict[str, Any] = {
        f"{P}/builder_result": {"run_id": "r1", "phase_id": "p1", "status": "success"},
        f"{P}/auditor_result": {
            "run_id": "r1", "phase_id": "p1", "recommendation": "revise", "review_notes": "x",
        },
        f"{P}/auditor_request": {"run_id": "r1", "phase_id": "p1"},
        f"{P}/record_issue": {"issue_key": "k", "severity": "minor", "source": "test", "category": "c"},
        f"{P}/update_status": {"state": "FAILED"},
        f"{P}/ci_result": {"run_id": "r1", "phase_id": "p1", "commit_sha": "a" * 40, "status": "passed"},
        f"{P}/claim/renew": {"claim_id": "9b2c6f0e-3c39-4b0a-9f55-2d6c4f5a8f11"},
        f"{P}/claim/release": {"claim_id": "9b2c6f0e-3c39-4b0a-9f55-2d6c4f5a8f11"},
        "runs/r1/claim": {},
        "runs/r1/cancel": {},
        "runs/r1/promote": {},
        "runs/r1/save_as_template": {},
    }  # fmt: skip
    for path, body in bodies.items():
        answer = stranger.post(f"/api/v1/{path}", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found"), (path, answer.content)
    assert stranger.post("/api/v1/claim", {}, format="json").json()["claim"] is None
    assert busy.run().event_count == events


def test_hostile_addresses_and_queries_are_never_a_failure_of_ours(busy: Workshop) -> None:
    reader = busy.client("reader")
    for path in [
        "runs/%00",
        "runs/%ff%fe",
        "runs/" + "x" * 3000,
        f"{P}/attempts/99999999999999999999999999/patch",
        f"{P}/attempts/0/patch",
        "ci/steps/99999999999999999999999999/log",
        "runs?cursor=%00",
        "runs?cursor=cD1hYmM=",
        "runs?cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
        "runs?cursor=cD0tMQ==",
        "runs?cursor=bz05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5JnA9MQ==",
        "runs?page_size=-1",
        "runs?page_size=" + "9" * 5000,
        "runs?status=%00",
        "runs?q=%00",
        "runs?q=%25_%5C",
        "runs?project_id=%00",
        "runs/r1/events?after=" + "9" * 5000,
        "runs/r1/events?after=-1",
        "runs/r1/events?after=1.5",
        "runs/r1/events?limit=0",
        "runs/r1/events?limit=٣",
        "projects/%00",
        "project/issues/backlog?cursor=!!!",
        "reports/issue_backlog_summary?limit=x",
        "reports/issue_backlog_summary?project_id=%00",
        "metrics/runs?status=" + "x" * 5000,
    ]:
        answer = reader.get(f"/api/v1/{path}")
        assert answer.status_code in (200, 400, 404, 422), (path[:80], answer.status_code)
