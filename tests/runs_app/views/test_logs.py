"""Logs: the end first, what came since, what was before."""

import re

from django.test import Client

from runs_app.choices import CiStepState
from runs_app.models import CiStepRun
from tests.support.factories import append_log, make_ci_step_run


def part(client: Client, step: CiStepRun, query: str = "") -> str:
    return client.get(f"/dashboard/steps/{step.pk}/log/{query}", HTTP_HX_REQUEST="true").content.decode()


def lines_of(html: str) -> list[int]:
    return [int(n) for n in re.findall(r"line (\d+)\.", html)]


def filled(step: CiStepRun, lines: int) -> CiStepRun:
    text = b"".join(b"line %d.\n" % n for n in range(lines))
    for start in range(0, len(text), 10_000):
        append_log(step, text[start : start + 10_000])
    return step


def test_an_unknown_step_is_not_found(reader: Client) -> None:
    assert reader.get("/dashboard/steps/1/log/").status_code == 404
    assert reader.get("/dashboard/steps/1/raw.log").status_code == 404


def test_output_is_escaped(reader: Client) -> None:
    step = make_ci_step_run(state=CiStepState.PASSED.value)
    append_log(step, b"<script>alert(1)</script>\n")
    assert "<script>alert" not in part(reader, step)


def test_a_running_step_asks_for_more_and_an_ended_one_does_not(reader: Client) -> None:
    step = make_ci_step_run()
    append_log(step, b"one\ntw")
    html = part(reader, step)
    assert "one" in html
    assert "tw" not in html.replace("ap-log-text", "")
    assert "?since=4" in html
    step.state = CiStepState.PASSED.value
    step.save()
    html = part(reader, step, "?since=4")
    assert "tw" in html
    assert "hx-trigger" not in html


def test_nothing_new_changes_nothing(reader: Client) -> None:
    step = make_ci_step_run()
    append_log(step, b"one\n")
    response = reader.get(f"/dashboard/steps/{step.pk}/log/?since=4", HTTP_HX_REQUEST="true")
    assert response.status_code == 204


def test_only_new_bytes_are_sent(reader: Client) -> None:
    step = make_ci_step_run()
    append_log(step, b"old\n")
    append_log(step, b"fresh\nmore\n")
    html = part(reader, step, "?since=4")
    assert "fresh" in html
    assert "old" not in html
    assert "?since=15" in html


def test_pieces_add_no_line_of_their_own(reader: Client) -> None:
    step = make_ci_step_run()
    append_log(step, b"one\ntwo\n")
    for query in ("?since=4", "?before=4"):
        assert re.sub(r"<[^>]+>|running…", "", part(reader, step, query)).count("\n") == 1


def test_a_reader_far_behind_is_brought_to_the_end(reader: Client) -> None:
    step = filled(make_ci_step_run(), 30_000)
    html = part(reader, step, "?since=9")
    assert lines_of(html)[-1] == 29_999
    assert "left out to catch up" in html
    assert len(html) < 150_000


def test_a_large_log_shows_its_end_and_goes_back_without_a_gap(reader: Client) -> None:
    step = filled(make_ci_step_run(state=CiStepState.FAILED.value), 30_000)
    html = part(reader, step)
    found = lines_of(html)
    assert len(html) < 150_000
    while earlier := re.search(r'hx-get="[^"]+\?before=(\d+)"', html):
        html = part(reader, step, f"?before={earlier[1]}")
        found = lines_of(html) + found
    assert found == list(range(30_000))


def test_the_raw_log_is_all_of_it(reader: Client) -> None:
    step = filled(make_ci_step_run(state=CiStepState.PASSED.value), 5_000)
    response = reader.get(f"/dashboard/steps/{step.pk}/raw.log")
    assert len(response.content) == step.log_bytes
    assert response.headers["Content-Type"].startswith("text/plain")


def test_without_htmx_it_is_a_page(reader: Client) -> None:
    step = filled(make_ci_step_run(), 3)
    html = reader.get(f"/dashboard/steps/{step.pk}/log/").content.decode()
    assert "<html" in html
    assert lines_of(html) == [0, 1, 2]
