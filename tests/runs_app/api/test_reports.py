"""Lists, metrics and reports: v7's field names, pages, and a cost that does not grow with the runs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.models import Project
from autopack.services.keys import create_key
from runs_app.choices import RunState
from runs_app.models import BacklogIssue, Phase, PhaseIssue, Run, RunIssue, Tier
from tests.support.factories import START, RunFactory, make_project, make_run, multiply
from tests.support.workshop import Workshop

LISTS = ["runs", "metrics/runs", "project/issues/backlog", "reports/issue_backlog_summary"]
REPORTS = ["reports/budget_analysis"]


@pytest.fixture
def reader(db: None) -> APIClient:
    created = create_key("reader", roles=[Role.READER], actor=system_actor("test"))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {created.plaintext}")
    return client


@pytest.fixture
def project(db: None) -> Project:
    return make_project(project_id="many")


def _fill(project: Project, count: int) -> None:
    """Runs of every state, each with a tier, a phase and a place in the backlog."""
    have = Run.objects.count()
    states = sorted(RunState)
    numbers = range(have, have + count)
    runs = Run.objects.bulk_create(
        RunFactory.build(
            run_id=f"run-{n:06d}",
            project=project,
            state=states[n % len(states)].value,
            integration_branch=f"autonomous/run-{n:06d}",
            failure_code="token_cap" if n % 3 else "attempts_used_up",
            created_at=START + timedelta(seconds=n),
        )
        for n in numbers
    )
    tiers = Tier.objects.bulk_create(Tier(run=run, tier_id="t", tier_index=0, name="T") for run in runs)
    Phase.objects.bulk_create(
        Phase(
            run=tier.run,
            tier=tier,
            phase_id="p",
            phase_index=0,
            position=0,
            name="P",
            max_builder_attempts=3,
            max_auditor_attempts=2,
            tokens_used=10,
        )
        for tier in tiers
    )
    BacklogIssue.objects.bulk_create(
        BacklogIssue(
            project=project,
            issue_key=f"k{n}",
            severity="minor",
            effective_severity="major" if n % 2 else "minor",
            source="test",
            category=f"c{n % 7}",
            first_seen_run="a",
            last_seen_run="b",
            age_in_runs=n % 50,
            created_at=START,
            last_seen_at=START,
        )
        for n in numbers
    )


def _fill_up_to_ten_thousand() -> None:
    """To each of ten runs 999 later ones with all that belongs to them."""
    name = "'run-' || lpad((n * 10 + right({of}.run_id, 6)::int)::text, 6, '0')"
    run_id = name.format(of="old")
    copy = (
        "(SELECT copy.id FROM runs_app_run AS first JOIN runs_app_run AS copy"
        f" ON copy.run_id = {name.format(of='first')} WHERE first.id = old.run_id)"
    )
    multiply(
        Run,
        999,
        run_id=run_id,
        integration_branch=f"'autonomous/' || {run_id}",
        created_at="old.created_at + n * interval '10 seconds'",
    )
    multiply(Tier, 999, run_id=copy)
    multiply(
        Phase, 999, run_id=copy, tier_id=f"(SELECT id FROM runs_app_tier AS tier WHERE tier.run_id = {copy})"
    )
    multiply(BacklogIssue, 999, issue_key="'k' || n * 10 + substr(old.issue_key, 2)::int")
    assert Run.objects.count() == Phase.objects.count() == BacklogIssue.objects.count() == 10_000


def _count_queries(get: Callable[[], Any]) -> int:
    get()  # Once for what is remembered of a key.
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert get().status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", LISTS + REPORTS)
def test_a_list_costs_as_many_queries_with_200_runs_as_with_10(
    reader: APIClient, project: Project, path: str
) -> None:
    _fill(project, 10)
    few = _count_queries(lambda: reader.get(f"/api/v1/{path}"))
    _fill(project, 190)
    assert _count_queries(lambda: reader.get(f"/api/v1/{path}")) == few <= 12


@pytest.mark.slow
def test_ten_thousand_runs_cost_no_more_queries_and_are_paged_to_the_end(
    reader: APIClient, project: Project
) -> None:
    _fill(project, 10)
    few = {path: _count_queries(lambda p=path: reader.get(f"/api/v1/{p}")) for path in LISTS + REPORTS}  # type: ignore[misc]  # the default binds the loop's variable
    _fill_up_to_ten_thousand()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # The server would do so by itself, but not in this transaction.
    for path, count in few.items():
        assert _count_queries(lambda p=path: reader.get(f"/api/v1/{p}")) == count  # type: ignore[misc]  # as above
    seen: list[str] = []
    address: str | None = "/api/v1/runs?page_size=200&status=live"
    while address:
        page = reader.get(address).json()
        seen += [run["id"] for run in page["results"]]
        address = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == Run.objects.live().count()


def test_a_page_goes_on_where_the_last_one_ended_although_new_runs_come(
    reader: APIClient, project: Project
) -> None:
    _fill(project, 5)
    first = reader.get("/api/v1/runs?page_size=2").json()
    _fill(project, 3)
    second = reader.get(first["next"]).json()
    ids = [run["id"] for page in (first, second) for run in page["results"]]
    assert ids == ["run-000004", "run-000003", "run-000002", "run-000001"]
    back = reader.get(second["previous"]).json()
    assert [run["id"] for run in back["results"]] == ids[:2]


def test_runs_are_filtered_by_state_group_project_and_words(reader: APIClient, project: Project) -> None:
    _fill(project, 24)
    make_run(run_id="elsewhere", title="About Tables")

    def ids(query: str) -> set[str]:
        return {run["id"] for run in reader.get(f"/api/v1/runs?page_size=200&{query}").json()["results"]}

    assert ids("") == set(Run.objects.values_list("run_id", flat=True))
    assert ids("status=live") == set(Run.objects.live().values_list("run_id", flat=True))
    assert ids("status=failed") == set(Run.objects.failed().values_list("run_id", flat=True))
    assert ids("status=done") == set(
        Run.objects.filter(state="DONE_SUCCESS").values_list("run_id", flat=True)
    )
    assert ids("status=gate") == set(Run.objects.filter(state="GATE").values_list("run_id", flat=True))
    assert ids("status=nonsense") == set()
    assert ids("q=tables") == ids("q=ELSE") == {"elsewhere"}
    assert "elsewhere" not in ids("project_id=many")


def test_run_metrics_carry_what_v7_shows(reader: APIClient) -> None:
    make_run(run_id="r1", state="DONE_FAILED_ENVIRONMENT", failure_reason="x", tokens_used=5, ci_runs_used=2)
    (row,) = reader.get("/api/v1/metrics/runs?status=failed").json()["results"]
    assert set(row) >= {
        "id", "state", "debt_status", "safety_profile", "run_scope", "failure_reason", "tokens_used",
        "ci_runs_used", "minor_issues_count", "major_issues_count", "promotion_eligible_to_main",
    }  # fmt: skip
    assert (row["tokens_used"], row["ci_runs_used"]) == (5, 2)


# Issues on their three levels


def _issue(workshop: Workshop, phase_id: str, key: str, severity: str = "minor", **body: Any) -> Any:
    whole = {"issue_key": key, "severity": severity, "source": "static_check", "category": "style"} | body
    return workshop.post(f"runs/{body.get('run_id', 'r1')}/phases/{phase_id}/record_issue", whole)


def test_a_recorded_issue_answers_with_the_fields_of_v7(workshop: Workshop) -> None:
    workshop.start(phases=1)
    answer = _issue(
        workshop, "p1", "k", evidence_refs=None, task_category=None, complexity=None, expected_fail=None
    )
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) >= {
        "issue_key", "severity", "effective_severity", "source", "category", "task_category", "complexity",
        "expected_fail", "occurrence_count", "first_seen_run", "last_seen_run", "evidence_refs",
    }  # fmt: skip
    for bad in ({"severity": "grave"}, {"issue_key": ""}, {"source": None}, {"evidence_refs": "x"}):
        assert _issue(workshop, "p1", "k", **bad).status_code == 422
    assert _issue(workshop, "p9", "k").status_code == 404


def test_counts_are_of_distinct_keys_and_a_major_sighting_makes_the_issue_major(workshop: Workshop) -> None:
    workshop.start(phases=2)
    for phase_id, key, severity in [
        ("p1", "a", "minor"), ("p1", "a", "minor"), ("p2", "a", "minor"), ("p2", "b", "minor"),
    ]:  # fmt: skip
        _issue(workshop, phase_id, key, severity)
    run = workshop.run()
    assert (run.minor_issues_count, run.major_issues_count) == (2, 0)
    assert RunIssue.objects.get(issue_key="a").occurrence_count == 3
    assert PhaseIssue.objects.get(issue_key="a", phase__phase_id="p1").occurrence_count == 2
    tier = run.tiers.get()
    assert (tier.minor_issues_count, tier.cleanliness) == (2, "clean")
    _issue(workshop, "p2", "b", "major")
    run.refresh_from_db()
    tier.refresh_from_db()
    assert (run.minor_issues_count, run.major_issues_count) == (1, 1)
    assert (tier.major_issues_count, tier.cleanliness) == (1, "not_clean")
    index = workshop.get("runs/r1/issues/index").json()
    assert [(i["issue_key"], i["effective_severity"]) for i in index["issues"]] == [
        ("a", "minor"),
        ("b", "major"),
    ]
    (metrics,) = workshop.get("metrics/tiers/r1").json()["tiers"]
    assert metrics["promotion_blocked"] is True


def test_a_tier_tolerates_two_minor_issues_for_each_phase_and_expected_ones_do_not_count(
    workshop: Workshop,
) -> None:
    workshop.start(phases=1)
    for key in ("a", "b"):
        _issue(workshop, "p1", key)
    _issue(workshop, "p1", "known", "major", expected_fail=True)
    assert workshop.run().tiers.get().cleanliness == "clean"
    _issue(workshop, "p1", "c")
    assert workshop.run().tiers.get().cleanliness == "not_clean"


def test_the_backlog_counts_the_runs_and_tiers_that_saw_a_key(workshop: Workshop) -> None:
    for run_id in ("r1", "r2"):
        plan = workshop.plan(run_id, phases=2)
        plan["tiers"].append({"tier_id": "t2", "tier_index": 1, "name": "Two"})
        plan["phases"][1]["tier_id"] = "t2"
        assert workshop.post("runs/start", plan, role="planner").status_code == 201
    # To and fro between the runs and tiers: each counts once.
    for run_id, phase_id in [("r1", "p1"), ("r2", "p1"), ("r1", "p2"), ("r1", "p1"), ("r2", "p1")]:
        path = f"runs/{run_id}/phases/{phase_id}/record_issue"
        workshop.post(path, {"issue_key": "k", "severity": "minor", "source": "test", "category": "c"})
    (row,) = workshop.get("project/issues/backlog").json()["results"]
    assert (row["age_in_runs"], row["age_in_tiers"], row["occurrence_count"]) == (2, 3, 5)
    assert (row["first_seen_run"], row["last_seen_run"]) == ("r1", "r2")
    summary = workshop.get("reports/issue_backlog_summary").json()
    assert (summary["total_issues"], summary["minor_issues"], summary["occurrences"]) == (1, 1, 5)
    assert summary["by_category"] == [{"category": "c", "issues": 1, "seen": 5}]
    assert [i["issue_key"] for i in summary["longest_standing"]] == ["k"]


def test_an_issue_is_recorded_after_the_run_has_ended_too(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", "")
    assert _issue(workshop, "p1", "late").status_code == 200
    assert workshop.run().minor_issues_count == 1


# Reports


def test_the_budget_analysis_names_tiers_slices_and_the_auditors_part(workshop: Workshop) -> None:
    plan = workshop.plan(phases=2, token_cap=10)
    plan["phases"][0] |= {"task_category": "schema_change"}
    workshop.post("runs/start", plan, role="planner")
    workshop.result("p1", "", tokens_used=11)
    analysis = workshop.get("reports/budget_analysis").json()
    assert analysis["aborted_runs"] == 1
    assert analysis["by_failure_code"] == [{"failure_code": "token_cap", "runs": 1}]
    assert analysis["tiers"] == [{"tier_id": "t1", "name": "Tier one", "runs": 1, "tokens_used": 11}]
    assert [(s["slice"], s["tokens_used"]) for s in analysis["slices"]] == [
        ("schema_change:high", 11),
        ("uncategorised:medium", 0),
    ]
    assert analysis["auditor"] == {"patches": 0, "patches_accepted": 0, "phases_complete_with_auditor": 0}


def test_the_summary_of_a_run_has_its_phases_issues_and_no_incident_when_all_is_well(
    workshop: Workshop,
) -> None:
    workshop.start(phases=1)
    _issue(workshop, "p1", "k")
    workshop.result("p1", "")
    summary = workshop.get("reports/run_summary/r1").json()
    assert (summary["id"], summary["state"], summary["incident"]) == ("r1", "DONE_SUCCESS", None)
    assert [i["issue_key"] for i in summary["issues"]] == ["k"]
    assert summary["tiers"][0]["phases"][0]["state"] == "COMPLETE"
    assert summary["debt_status"] == "minor"


def test_events_are_read_from_where_one_stopped_and_say_when_no_more_will_come(workshop: Workshop) -> None:
    workshop.start(phases=1)
    first = workshop.get("runs/r1/events?limit=2").json()
    assert (first["last_sequence"], first["is_live"]) == (2, True)
    workshop.result("p1", "")
    sequences: list[int] = []
    after, is_live = 0, True
    while is_live:
        page = workshop.get(f"runs/r1/events?after={after}&limit=3").json()
        assert page["events"], "an ended run is not live beyond its last event"
        sequences += [event["sequence"] for event in page["events"]]
        after, is_live = page["last_sequence"], page["is_live"]
    assert sequences == list(range(1, workshop.run().event_count + 1))
    beyond = workshop.get(f"runs/r1/events?after={after}").json()
    assert (beyond["events"], beyond["last_sequence"], beyond["is_live"]) == ([], after, False)
