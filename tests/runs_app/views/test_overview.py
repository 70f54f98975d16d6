"""The overview."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.utils import timezone

from runs_app.choices import AttemptState, PhaseState, RunState
from tests.runs_app.views.conftest import CountQueries
from tests.support.factories import add_event, make_attempt, make_phase, make_project, make_run


def test_the_first_visit_shows_the_first_steps(reader: Client) -> None:
    html = reader.get("/dashboard/").content.decode()
    assert "First steps" in html
    assert "manage.py create_key" in html
    assert "hx-trigger" not in html


def test_a_live_run_shows_its_phase_and_what_it_waits_for(reader: Client) -> None:
    phase = make_phase(name="Checkout", state=PhaseState.CI_RUNNING.value, waiting_for="auditor")
    html = reader.get("/dashboard/").content.decode()
    assert phase.run.run_id in html
    assert "Checkout" in html
    assert "waits for auditor" in html


def test_it_polls_only_while_a_run_is_live(reader: Client) -> None:
    run = make_run()
    assert b'hx-trigger="every 2s"' in reader.get("/dashboard/").content
    run.state, run.completed_at = RunState.DONE_SUCCESS.value, timezone.now()
    run.save()
    html = reader.get("/dashboard/", HTTP_HX_REQUEST="true").content
    assert b"hx-trigger" not in html
    assert b"<html" not in html


def test_a_poll_without_news_changes_nothing(reader: Client) -> None:
    phase = make_phase()
    event = add_event(phase.run)
    poll = f"/dashboard/?seen={event.pk}.0.1"
    assert reader.get(poll, HTTP_HX_REQUEST="true").status_code == 204
    phase.waiting_for = "auditor"
    phase.save()
    assert b"waits for auditor" in reader.get(poll, HTTP_HX_REQUEST="true").content
    newer = add_event(phase.run)
    assert reader.get(f"/dashboard/?seen={event.pk}.1.1", HTTP_HX_REQUEST="true").status_code == 200
    assert reader.get(f"/dashboard/?seen={newer.pk}.1.1", HTTP_HX_REQUEST="true").status_code == 204


def test_what_needs_attention_is_named_with_its_reason(reader: Client) -> None:
    now = timezone.now()
    make_project(
        project_id="broken",
        repository_status="unusable",
        repository_problem_detail="There is no .git in it.",
    )
    make_project(project_id="untested", ci_normal=[])
    failed = make_run(
        state=RunState.DONE_FAILED_ENVIRONMENT.value,
        completed_at=now - timedelta(hours=1),
        failure_reason="The branch moved.",
    )
    make_attempt(state=AttemptState.REFUSED.value, outcome_detail="escapes the repository")
    html = reader.get("/dashboard/").content.decode()
    for text in ("There is no .git in it.", "untested", failed.run_id, "The branch moved.", "escapes the"):
        assert text in html


def test_a_missing_worker_is_said(reader: Client) -> None:
    run = make_run()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    for path in ("/dashboard/", f"/dashboard/runs/{run.run_id}/"):
        assert "No worker is alive" in reader.get(path).content.decode()


def test_old_failures_are_not_news(reader: Client) -> None:
    make_run()
    make_run(state=RunState.DONE_FAILED_ENVIRONMENT.value, failure_reason="long ago")
    assert "All calm" in reader.get("/dashboard/").content.decode()


def test_queries_do_not_grow_with_runs(reader: Client, count_queries: CountQueries) -> None:
    def add(count: int) -> None:
        for run in make_run.batch(count):
            make_phase(tier__run=run)
            make_run(state=RunState.DONE_SUCCESS.value, project=run.project)

    add(5)
    few = count_queries(reader, "/dashboard/")
    add(40)
    assert count_queries(reader, "/dashboard/") == few
