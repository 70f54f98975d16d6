"""The page of a phase and the patches of its attempts."""

import re

from django.test import Client
from django.utils import timezone

from runs_app.choices import AttemptState, CiRunState, CiStepState, PhaseState, RunState
from runs_app.models import Attempt, Phase
from tests.support.factories import (
    make_attempt,
    make_candidate,
    make_ci_run,
    make_ci_step_run,
    make_patch,
    make_phase,
    make_phase_issue,
    make_refusal,
    make_verdict,
)


def address(phase: Phase) -> str:
    return f"/dashboard/runs/{phase.run.run_id}/phases/{phase.phase_id}/"


def patch_address(attempt: Attempt) -> str:
    return f"{address(attempt.phase)}attempts/{attempt.number}/patch/"


def big_patch(lines: int, files: int = 1) -> bytes:
    return b"".join(
        b"--- /dev/null\n+++ b/f%d.txt\n@@ -0,0 +1,%d @@\n" % (n, lines)
        + b"".join(b"+line %d of %d\n" % (i, n) for i in range(lines))
        for n in range(files)
    )


def test_a_phase_that_nobody_took_shows_what_is_to_be_built(reader: Client) -> None:
    phase = make_phase(
        description="Build <it>",
        spec={"entry": "cart.py"},
        acceptance_criteria=["has tests"],
        allowed_paths=["shop/**"],
    )
    html = reader.get(address(phase)).content.decode()
    for text in ("Build &lt;it&gt;", "cart.py", "has tests", "shop/**", "No attempt yet"):
        assert text in html


def test_a_phase_that_was_skipped_says_why_it_is_empty(reader: Client) -> None:
    phase = make_phase(state=PhaseState.SKIPPED.value)
    assert "Never attempted" in reader.get(address(phase)).content.decode()


def test_refusals_are_listed_and_shown_at_their_line_of_the_patch(reader: Client) -> None:
    refusal = make_refusal(path="app/main.py", line=7, code="zero_context_hunk", detail="No context.")
    make_patch(attempt=refusal.attempt)
    html = reader.get(address(refusal.attempt.phase)).content.decode()
    assert html.count("zero_context_hunk") == 2
    assert re.search(r'class="removed refused".*?value = compute\(.*?No context\.', html, re.DOTALL)


def test_a_refused_path_is_blamed_at_its_file(reader: Client) -> None:
    refusal = make_refusal(path="app/main.py", line=None, detail="Not yours.")
    make_patch(attempt=refusal.attempt)
    assert reader.get(address(refusal.attempt.phase)).content.decode().count("Not yours.") == 2


def test_the_newest_attempt_is_shown_unless_another_is_asked_for(reader: Client) -> None:
    first = make_attempt(state=AttemptState.RED.value, notes="first try")
    make_attempt(phase=first.phase, number=2, notes="second try")
    assert "second try" in reader.get(address(first.phase)).content.decode()
    assert "first try" in reader.get(f"{address(first.phase)}?attempt=1").content.decode()
    assert "second try" in reader.get(f"{address(first.phase)}?attempt=99").content.decode()


def test_ci_shows_steps_with_tries_and_those_to_come(reader: Client) -> None:
    ci_run = make_ci_run(steps=[{"name": "tests"}, {"name": "lint"}], is_flaky=True)
    make_ci_step_run(ci_run=ci_run, state=CiStepState.FAILED.value, exit_code=3)
    make_ci_step_run(ci_run=ci_run, try_number=2)
    html = reader.get(address(ci_run.candidate.attempt.phase)).content.decode()
    for text in ("try 1", "try 2", "exit 3", "flaky", "lint", "To come"):
        assert text in html


def test_untested_candidates_say_so(reader: Client) -> None:
    ci_run = make_ci_run(state=CiRunState.NOT_CONFIGURED.value, steps=[])
    assert "The commit is untested" in reader.get(address(ci_run.candidate.attempt.phase)).content.decode()


def test_verdicts_and_issues_are_shown(reader: Client) -> None:
    candidate = make_candidate()
    phase = candidate.attempt.phase
    make_verdict(phase=phase, candidate=candidate, recommendation="revise", review_notes="Round it.")
    make_phase_issue(phase=phase, issue_key="tests.cart::total", severity="major")
    html = reader.get(address(phase)).content.decode()
    for text in ("Revise", "Round it.", "tests.cart::total"):
        assert text in html


def test_to_htmx_the_patch_is_a_placeholder_that_the_page_already_has(reader: Client) -> None:
    attempt = make_patch().attempt
    whole = reader.get(address(attempt.phase)).content.decode()
    part = reader.get(address(attempt.phase), HTTP_HX_REQUEST="true").content.decode()
    assert "compute(" in whole
    assert "compute(" not in part
    assert f'id="patch-{attempt.pk}" hx-preserve="true"' in part


def test_a_poll_brings_the_step_that_has_begun(reader: Client) -> None:
    ci_run = make_ci_run(candidate__attempt__phase__state=PhaseState.CI_RUNNING.value)
    phase = ci_run.candidate.attempt.phase
    seen = re.search(r"\?seen=([\w.]+)", reader.get(address(phase)).content.decode())
    assert seen is not None
    poll = f"{address(phase)}?seen={seen[1]}"
    assert reader.get(poll, HTTP_HX_REQUEST="true").status_code == 204
    make_ci_step_run(ci_run=ci_run, name="integration")
    assert b"integration" in reader.get(poll, HTTP_HX_REQUEST="true").content


def test_polling_ends_with_the_phase(reader: Client) -> None:
    phase = make_phase(state=PhaseState.EXECUTING.value)
    assert 'hx-trigger="every 2s"' in reader.get(address(phase)).content.decode()
    phase.state, phase.completed_at = PhaseState.COMPLETE.value, timezone.now()
    phase.save()
    assert "every 2s" not in reader.get(address(phase), HTTP_HX_REQUEST="true").content.decode()


def test_a_queued_phase_of_an_ended_run_does_not_poll(reader: Client) -> None:
    phase = make_phase(tier__run__state=RunState.DONE_SUCCESS.value)
    assert "every 2s" not in reader.get(address(phase)).content.decode()


def test_large_files_stay_closed_and_open_in_pieces(reader: Client) -> None:
    attempt = make_patch(content=big_patch(4_000)).attempt
    assert "line 1 of 0" not in reader.get(address(attempt.phase)).content.decode()
    pieces, skip = [], "0"
    while skip:
        html = reader.get(
            f"{patch_address(attempt)}?file=0&skip={skip}", HTTP_HX_REQUEST="true"
        ).content.decode()
        pieces += re.findall(r">line (\d+) of 0<", html)
        following = re.search(r'hx-get="[^"]+skip=(\d+)"', html)
        skip = following[1] if following else ""
    assert [int(n) for n in pieces] == list(range(4_000))


def test_many_files_come_in_pages(reader: Client) -> None:
    attempt = make_patch(content=big_patch(1, files=250)).attempt
    html = reader.get(address(attempt.phase)).content.decode()
    assert html.count('<details class="ap-file"') == 100
    rest = reader.get(f"{patch_address(attempt)}?first=200", HTTP_HX_REQUEST="true").content.decode()
    assert rest.count('<details class="ap-file"') == 50


def test_the_raw_patch_is_the_bytes_as_they_came(reader: Client) -> None:
    content = b"caf\xe9\r\n\x00"
    attempt = make_patch(content=content).attempt
    response = reader.get(f"{address(attempt.phase)}attempts/1/raw.patch")
    assert response.content == content
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "attachment" in response.headers["Content-Disposition"]


def test_an_attempt_without_a_patch_has_no_patch_page(reader: Client) -> None:
    attempt = make_attempt(state=AttemptState.CLAIMED.value)
    assert reader.get(patch_address(attempt)).status_code == 404
    assert reader.get(f"{patch_address(make_patch().attempt)}?file=7").status_code == 404
