"""The page of a run, its timeline and its incident pack."""

import json
import re
from typing import Any

from django.test import Client
from django.utils import timezone

from catalog_app.models import PlanTemplate
from runs_app.choices import AttemptState, EventKind, PhaseState, RunState
from runs_app.models import Run
from tests.runs_app.views.conftest import CountQueries
from tests.support.catalog_factories import CatalogFactory
from tests.support.factories import (
    add_event,
    make_attempt,
    make_candidate,
    make_incident_pack,
    make_patch,
    make_phase,
    make_run,
    make_snapshot,
    make_tier,
)


def page(client: Client, run: Run, query: str = "", **headers: Any) -> str:
    return client.get(f"/dashboard/runs/{run.run_id}/{query}", **headers).content.decode()


def add_snapshot(run: Run, name: str) -> None:
    tier = run.tiers.first() or make_tier(run=run)
    phase = make_phase(tier=tier, name=name, state=PhaseState.COMPLETE.value)
    attempt = make_attempt(phase=phase, state=AttemptState.ACCEPTED.value)
    make_patch(attempt=attempt, lines_added=17)
    make_snapshot(candidate=make_candidate(attempt=attempt))


def test_a_run_without_ci_and_without_isolation_says_so(reader: Client) -> None:
    html = page(reader, make_run(is_ci_configured=False, isolation="none", isolation_reason="no namespaces"))
    assert "No CI configured" in html
    assert "no namespaces" in html


def test_a_failed_run_gives_the_reason_and_the_incident_pack(reader: Client) -> None:
    run = make_run(
        state=RunState.DONE_FAILED_BUDGET_EXHAUSTED.value,
        failure_code="token_cap",
        failure_reason="Spent <all> of it.",
    )
    make_incident_pack(run=run)
    html = page(reader, run)
    assert "Spent &lt;all&gt; of it." in html
    assert f"/dashboard/runs/{run.run_id}/incident/" in html


def test_the_incident_pack_is_a_page_and_a_file(reader: Client) -> None:
    pack = make_incident_pack()
    path = f"/dashboard/runs/{pack.run.run_id}/incident/"
    assert b"The whole pack" in reader.get(path).content
    response = reader.get(f"{path}?format=json")
    assert json.loads(response.content) == pack.content
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_run_without_incident_has_no_such_page(reader: Client) -> None:
    assert reader.get(f"/dashboard/runs/{make_run().run_id}/incident/").status_code == 404


def test_the_board_shows_tiers_phases_commits_and_why_a_phase_is_tried_again(reader: Client) -> None:
    run = make_run(phases_total=2, phases_complete=1)
    add_snapshot(run, "Skeleton")
    tier = make_tier(run=run, name="Second tier")
    again = make_phase(tier=tier, name="Cart", builder_attempts=1)
    make_attempt(
        phase=again, state=AttemptState.RED.value, ended_at=timezone.now(), outcome_detail="tests are red"
    )
    html = page(reader, run)
    for text in ("Skeleton", "+17", "Second tier", "Cart", "tests are red"):
        assert text in html


def test_git_commands_are_quoted(reader: Client) -> None:
    run = make_run(project__repo_path="/srv/my repos/$(shop)")
    html = page(reader, run)
    assert 'data-copy="git -C &#x27;/srv/my repos/$(shop)&#x27; log' in html


def test_only_an_operator_sees_the_buttons(reader: Client, operator: Client) -> None:
    run = make_run()
    assert "Cancel run" not in page(reader, run)
    assert "Cancel run" in page(operator, run)


def test_an_eligible_run_offers_its_promotion(operator: Client) -> None:
    eligible = make_run(state=RunState.DONE_SUCCESS.value, promotion_eligible_to_main=True)
    untested = make_run(state=RunState.DONE_SUCCESS.value, is_ci_configured=False)
    assert "Promote to main" in page(operator, eligible)
    assert "Why not promoted?" in page(operator, untested)


def test_polling_answers_only_news_and_ends_with_the_run(reader: Client) -> None:
    run = make_run()
    html = page(reader, run)
    seen = re.search(r"\?seen=([\w.]+)", html)
    assert seen is not None
    quiet = reader.get(f"/dashboard/runs/{run.run_id}/?seen={seen[1]}", HTTP_HX_REQUEST="true")
    assert quiet.status_code == 204
    phase = make_phase(tier__run=run, waiting_for="auditor")
    assert "waits for auditor" in page(reader, run, f"?seen={seen[1]}", HTTP_HX_REQUEST="true")
    phase.delete()
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE_SUCCESS.value, completed_at=timezone.now())
    ended = page(reader, run, f"?seen={seen[1]}", HTTP_HX_REQUEST="true")
    assert "Succeeded" in ended
    assert "hx-trigger" not in ended


def test_queries_do_not_grow_with_phases(reader: Client, count_queries: CountQueries) -> None:
    run = make_run()
    for n in range(3):
        add_snapshot(run, f"Phase {n}")
    few = count_queries(reader, f"/dashboard/runs/{run.run_id}/")
    for n in range(30):
        add_snapshot(run, f"More {n}")
        add_event(run, EventKind.SNAPSHOT, phase=run.phases.last())
    assert count_queries(reader, f"/dashboard/runs/{run.run_id}/") == few


def test_the_timeline_tells_what_matters_and_on_request_everything(reader: Client) -> None:
    run = make_run()
    add_event(run, EventKind.RUN_STATE, after=RunState.GATE.value)
    add_event(run, EventKind.LEASE_RENEWED, subject="p1", actor_name="cursor-1")
    add_event(run, EventKind.ATTEMPT_STATE, subject="p1#1", after="REFUSED", payload={"detail": "escapes"})
    path = f"/dashboard/runs/{run.run_id}/events/"
    short, full = reader.get(path).content.decode(), reader.get(f"{path}?show=all").content.decode()
    assert "escapes" in short
    assert "keeps working" not in short
    assert "keeps working on p1" in full


def test_the_timeline_asks_only_for_what_came_since(reader: Client) -> None:
    run = make_run()
    add_event(run, EventKind.NOTE, payload={"detail": "the old one"})
    path = f"/dashboard/runs/{run.run_id}/events/?after=1"
    assert reader.get(path, HTTP_HX_REQUEST="true").status_code == 204
    add_event(run, EventKind.NOTE, payload={"detail": "the new one"})
    html = reader.get(path, HTTP_HX_REQUEST="true").content.decode()
    assert "the new one" in html
    assert "the old one" not in html
    assert "after=2" in html


def test_the_timeline_goes_back_in_pages(reader: Client) -> None:
    run = make_run()
    for n in range(1, 96):
        add_event(run, EventKind.NOTE, payload={"detail": f"note {n}."})
    html = page(reader, run)
    found = [re.findall(r"note (\d+)\.", html)]
    while older := re.search(r'hx-get="([^"]+before=\d+)"', html):
        html = reader.get(older[1], HTTP_HX_REQUEST="true").content.decode()
        found.append(re.findall(r"note (\d+)\.", html))
    assert [int(n) for piece in found for n in piece] == list(range(95, 0, -1))


def test_only_a_run_that_succeeded_is_kept_as_a_template(reader: Client, operator: Client) -> None:
    failed = make_run(state=RunState.DONE_FAILED_BUDGET_EXHAUSTED.value)
    succeeded = make_run(state=RunState.DONE_SUCCESS.value)
    path = f"/dashboard/runs/{failed.run_id}/template/"
    assert reader.post(path).status_code == 403
    assert "Only what has worked" in operator.post(path, follow=True).content.decode()
    assert operator.get(path).status_code == 302
    assert not PlanTemplate.objects.exists()
    assert "Save as template" not in page(operator, failed)
    assert "Save as template" not in page(reader, succeeded)


def test_one_click_makes_a_template_of_a_run_and_the_run_leads_to_it(operator: Client) -> None:
    CatalogFactory.create()
    run = make_run(title="Shop", state=RunState.DONE_SUCCESS.value)
    add_snapshot(run, "Skeleton")
    assert "Save as template" in page(operator, run)
    kept = operator.post(f"/dashboard/runs/{run.run_id}/template/", follow=True)
    assert kept.redirect_chain == [("/dashboard/templates/shop/", 302)]
    html = page(operator, run)
    assert "Save as template" not in html
    assert 'href="/dashboard/templates/shop/"' in html
