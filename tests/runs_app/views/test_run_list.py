"""The run list: filters, cursors, and a cost that does not depend on the number of runs."""

import re

import pytest
from django.test import Client

from runs_app.choices import RunState
from runs_app.models import Run
from tests.runs_app.views.conftest import CountQueries
from tests.support.factories import make_project, make_run, multiply

LIST = "/dashboard/runs/"


def listed(client: Client, query: str = "") -> list[str]:
    """Run ids on the page, in its order."""
    html = client.get(f"{LIST}{query}").content.decode()
    return re.findall(r'<a class="ap-mono ap-strong" href="/dashboard/runs/([^/]+)/">', html)


@pytest.mark.parametrize(
    "query",
    ["?state=nonsense", "?before=x", "?before=-1", "?after=99999999999999999999", "?q=%00", "?before="],
)
def test_nonsense_in_the_address_is_no_error(reader: Client, query: str) -> None:
    make_run()
    assert reader.get(f"{LIST}{query}").status_code == 200


def test_no_run_matches_says_so(reader: Client) -> None:
    make_run()
    assert "No run matches" in reader.get(f"{LIST}?q=nothing-like-it").content.decode()


def test_search_text_is_escaped(reader: Client) -> None:
    html = reader.get(f"{LIST}?q=%22%3E%3Cscript%3E").content.decode()
    assert '"><script>' not in html


def test_filters_by_state_project_profile_and_text(reader: Client) -> None:
    shop = make_project(project_id="shop")
    make_run(run_id="live-1")
    make_run(run_id="good-1", state=RunState.DONE_SUCCESS.value, project=shop)
    make_run(run_id="bad-1", state=RunState.DONE_FAILED_POLICY_VIOLATION.value)
    make_run(run_id="strict-1", safety_profile="safety_critical", title="Payments")
    assert listed(reader, "?state=live") == ["strict-1", "live-1"]
    assert listed(reader, "?state=succeeded") == ["good-1"]
    assert listed(reader, "?state=failed") == ["bad-1"]
    assert listed(reader, "?project=shop") == ["good-1"]
    assert listed(reader, "?profile=safety_critical") == ["strict-1"]
    assert listed(reader, "?q=PAYM") == ["strict-1"]
    assert listed(reader, "?q=d-1") == ["bad-1", "good-1"]


def test_cursors_lead_to_every_run_once_and_back(reader: Client) -> None:
    project = make_project()
    runs = make_run.batch(120, project=project, state=RunState.DONE_SUCCESS.value)
    expected = [run.run_id for run in reversed(runs)]
    pages, query = [], ""
    while True:
        html = reader.get(f"{LIST}{query}").content.decode()
        pages.append(listed(reader, query))
        older = re.search(r'href="(\?before=\d+)"', html)
        if older is None:
            break
        query = older[1]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [run_id for page in pages for run_id in page] == expected
    newer = re.search(r'href="(\?after=\d+)"', reader.get(f"{LIST}{query}").content.decode())
    assert newer is not None
    assert listed(reader, newer[1]) == pages[1]


def test_a_cursor_keeps_the_filter(reader: Client) -> None:
    make_run.batch(60, state=RunState.DONE_SUCCESS.value)
    html = reader.get(f"{LIST}?state=succeeded").content.decode()
    assert re.search(r'href="\?state=succeeded&amp;before=\d+"', html)


def test_polling_ends_with_the_last_live_run(reader: Client) -> None:
    run = make_run()
    html = reader.get(LIST).content.decode()
    seen = re.search(r"seen=(\w+)", html)
    assert seen is not None
    assert reader.get(f"{LIST}?seen={seen[1]}", HTTP_HX_REQUEST="true").status_code == 204
    Run.objects.filter(pk=run.pk).update(
        state=RunState.DONE_SUCCESS.value, completed_at=run.created_at, event_count=1
    )
    response = reader.get(f"{LIST}?seen={seen[1]}", HTTP_HX_REQUEST="true")
    assert b"hx-trigger" not in response.content


def test_queries_are_the_same_for_10_and_200_runs(reader: Client, count_queries: CountQueries) -> None:
    make_run.batch(10)
    few = count_queries(reader, LIST)
    make_run.batch(190)
    assert count_queries(reader, LIST) == few <= 6


@pytest.mark.slow
def test_queries_are_the_same_for_10000_runs(reader: Client, count_queries: CountQueries) -> None:
    project = make_project()
    make_run.batch(10, project=project)
    few = {path: count_queries(reader, path) for path in (LIST, "/dashboard/", "/dashboard/projects/")}
    multiply(
        Run, 999, run_id="old.run_id || '-' || n", integration_branch="old.integration_branch || '-' || n"
    )
    assert Run.objects.count() == 10_000
    for path, count in few.items():
        assert count_queries(reader, path) == count
