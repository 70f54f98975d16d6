"""Pages that follow what happens, and stop when it is over."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from runs_app.choices import (
    AttemptState,
    CiRunState,
    CiStepState,
    EventKind,
    PhaseState,
    RunState,
)
from runs_app.models import Phase, Run
from tests.browser.conftest import OpenPage
from tests.support.factories import (
    add_event,
    append_log,
    make_attempt,
    make_ci_run,
    make_ci_step_run,
    make_patch,
    make_phase,
    make_refusal,
    make_run,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def move(run: Run, state: RunState) -> None:
    """What a transition leaves behind: the state and its event."""
    before, run.state = run.state, state.value
    run.completed_at = timezone.now() if state.is_final else None
    run.save()
    add_event(run, EventKind.RUN_STATE, before=before, after=state.value, at=timezone.now())


def polls(page: Page) -> int:
    """Elements that still ask the server by themselves."""
    return page.locator("[hx-trigger*=every]").count()


def address(phase: Phase) -> str:
    return f"/dashboard/runs/{phase.run.run_id}/phases/{phase.phase_id}/"


def test_a_run_updates_itself_until_it_has_ended(signed_in: OpenPage) -> None:
    phase = make_phase(name="Cart", tier__run__phases_total=1)
    run = phase.run
    page = signed_in(f"/dashboard/runs/{run.run_id}/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Building")
    move(run, RunState.GATE)
    expect(heading).to_contain_text("Gate")
    phase.state = PhaseState.COMPLETE.value
    phase.save()
    run.phases_complete = 1
    move(run, RunState.DONE_SUCCESS)
    expect(heading).to_contain_text("Succeeded")
    expect(page.locator("#announce")).to_have_text("succeeded, 1 of 1 phases complete")
    expect(page.locator(".ap-timeline")).to_contain_text("Run: succeeded")
    expect(page.locator("[hx-trigger*=every]")).to_have_count(0)


def test_an_ended_run_asks_nothing(signed_in: OpenPage) -> None:
    run = make_run(state=RunState.DONE_SUCCESS.value)
    page = signed_in(f"/dashboard/runs/{run.run_id}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Succeeded")
    assert polls(page) == 0


def test_the_overview_notices_that_the_last_run_has_ended(signed_in: OpenPage) -> None:
    run = make_run()
    page = signed_in("/dashboard/")
    live = page.get_by_role("region", name="Live runs")
    expect(live).to_contain_text(run.run_id)
    move(run, RunState.DONE_SUCCESS)
    expect(live).to_contain_text("Nothing is running")
    assert polls(page) == 0


def test_a_log_grows_in_place_and_keeps_what_was_read(signed_in: OpenPage) -> None:
    ci_run = make_ci_run(
        candidate__attempt__phase__state=PhaseState.CI_RUNNING.value, started_at=timezone.now()
    )
    step = make_ci_step_run(ci_run=ci_run, started_at=timezone.now())
    append_log(step, b"\x1b[32mfirst line\x1b[0m\n")
    phase = ci_run.candidate.attempt.phase
    page = signed_in(address(phase))
    log = page.get_by_label("Output of tests")
    expect(log).to_contain_text("first line")
    first = log.locator(".ansi-green").element_handle()
    append_log(step, b"second line\n")
    expect(log).to_contain_text("second line")
    append_log(step, b"the end")
    step.state, step.completed_at = CiStepState.PASSED.value, timezone.now()
    step.save()
    ci_run.state = CiRunState.PASSED.value
    ci_run.save()
    add_event(phase.run, EventKind.CI_STATE, phase=phase, after=CiRunState.PASSED.value)
    expect(log).to_contain_text("the end")
    expect(page.get_by_role("heading", name="CI Passed")).to_be_visible()
    assert first.evaluate("node => node.isConnected"), "the log was replaced instead of continued"
    expect(log.locator("[hx-trigger]")).to_have_count(0)


def test_an_update_keeps_the_patch_as_the_reader_left_it(signed_in: OpenPage) -> None:
    phase = make_phase(state=PhaseState.EXECUTING.value)
    attempt = make_attempt(phase=phase, state=AttemptState.SUBMITTED.value)
    make_patch(attempt=attempt)
    page = signed_in(address(phase))
    file = page.locator("details.ap-file", has_text="app/main.py")
    expect(file.get_by_text("compute(2)")).to_be_visible()
    file.locator("summary").click()
    expect(file.get_by_text("compute(2)")).to_be_hidden()
    phase.state = PhaseState.CI_RUNNING.value
    phase.save()
    add_event(phase.run, EventKind.PHASE_STATE, phase=phase, after=PhaseState.CI_RUNNING.value)
    expect(page.get_by_role("heading", level=1)).to_contain_text("CI running")
    expect(file).to_be_visible()
    expect(file.get_by_text("compute(2)")).to_be_hidden()


def test_a_new_attempt_brings_its_patch(signed_in: OpenPage) -> None:
    phase = make_phase(state=PhaseState.EXECUTING.value)
    page = signed_in(address(phase))
    expect(page.get_by_text("No attempt yet")).to_be_visible()
    attempt = make_attempt(phase=phase, state=AttemptState.REFUSED.value)
    make_patch(attempt=attempt)
    make_refusal(attempt=attempt, path="app/main.py", line=7, detail="Not within the allowed paths.")
    add_event(phase.run, EventKind.ATTEMPT_STATE, phase=phase, after=AttemptState.REFUSED.value)
    expect(page.get_by_role("heading", name="Refused by the gate")).to_be_visible()
    expect(page.locator(".ap-diff .refusal")).to_contain_text("Not within the allowed paths.")


def test_a_large_file_opens_on_demand(signed_in: OpenPage) -> None:
    lines = b"".join(b"+line %d\n" % n for n in range(2_000))
    patch = make_patch(content=b"--- /dev/null\n+++ b/big.txt\n@@ -0,0 +1,2000 @@\n" + lines)
    page = signed_in(address(patch.attempt.phase))
    file = page.locator("details.ap-file", has_text="big.txt")
    expect(file.get_by_text("line 7", exact=True)).to_have_count(0)
    file.locator("summary").click()
    expect(file.get_by_text("line 7", exact=True)).to_be_visible()
    file.get_by_role("link", name=re.compile("More lines")).click()
    expect(file.get_by_text("line 1999", exact=True)).to_be_visible()


def test_earlier_output_is_a_click_away(signed_in: OpenPage) -> None:
    ci_run = make_ci_run(state=CiRunState.FAILED.value)
    step = make_ci_step_run(ci_run=ci_run, state=CiStepState.FAILED.value)
    for n in range(12):
        append_log(step, b"".join(b"line %d of block %d\n" % (i, n) for i in range(600)))
    page = signed_in(address(ci_run.candidate.attempt.phase))
    log = page.get_by_label("Output of tests")
    expect(log).to_contain_text("line 599 of block 11")
    expect(log).not_to_contain_text("line 0 of block 0\n")
    while log.get_by_role("link", name=re.compile("Earlier output")).count():
        before = log.locator(".ap-log-chunk").count()
        log.get_by_role("link", name=re.compile("Earlier output")).click()
        expect(log.locator(".ap-log-chunk")).to_have_count(before + 1)
    expect(log).to_contain_text("line 0 of block 0\n")


def test_cancelling_asks_first(signed_in: OpenPage) -> None:
    run = make_run(state=RunState.PHASE_QUEUEING.value)
    make_phase(tier__run=run)
    page = signed_in(f"/dashboard/runs/{run.run_id}/")
    page.get_by_role("link", name="Cancel run").click()
    page.get_by_role("link", name="Keep it running").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ready for a builder")
    page.get_by_role("link", name="Cancel run").click()
    page.get_by_label("Reason").fill("Wrong plan.")
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("is cancelled")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Failed: requires human review")
    expect(page.get_by_text("Wrong plan.").first).to_be_visible()


def test_commands_are_copied(context: BrowserContext, signed_in: OpenPage) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    run = make_run()
    page = signed_in(f"/dashboard/runs/{run.run_id}/")
    page.get_by_role("button", name="Copy branch name").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == run.integration_branch


def test_a_session_that_ended_leads_to_the_sign_in(context: BrowserContext, signed_in: OpenPage) -> None:
    run = make_run()
    page = signed_in(f"/dashboard/runs/{run.run_id}/")
    context.clear_cookies()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.usefixtures("console")
def test_pages_work_without_javascript(context: BrowserContext, signed_in: OpenPage) -> None:
    ci_run = make_ci_run(state=CiRunState.PASSED.value)
    step = make_ci_step_run(ci_run=ci_run, state=CiStepState.PASSED.value)
    append_log(step, b"all good\n")
    attempt = ci_run.candidate.attempt
    make_patch(attempt=attempt)
    page = signed_in("/dashboard/")
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    bare = plain.new_page()
    bare.goto(page.url.replace("/dashboard/", address(attempt.phase)))
    expect(bare.get_by_text("compute(2)")).to_be_visible()
    bare.locator("details.ap-log summary").first.click()
    bare.get_by_role("link", name="Open the log").click()
    expect(bare.get_by_text("all good")).to_be_visible()
    plain.close()
