"""Every page: no complaint on its console, no overflow on a phone, reachable by keyboard."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from runs_app.choices import AttemptState, CiRunState, CiStepState, PhaseState, RunState
from tests.browser.conftest import OpenPage
from tests.support.factories import (
    append_log,
    make_attempt,
    make_candidate,
    make_ci_run,
    make_ci_step_run,
    make_incident_pack,
    make_patch,
    make_phase,
    make_refusal,
    make_run,
    make_verdict,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATHS = [
    "/dashboard/",
    "/dashboard/runs/",
    "/dashboard/runs/?state=failed&q=r",
    "/dashboard/runs/live-one/",
    "/dashboard/runs/live-one/events/",
    "/dashboard/runs/live-one/cancel/",
    "/dashboard/runs/live-one/phases/p1/",
    "/dashboard/runs/live-one/phases/p1/?attempt=1",
    "/dashboard/runs/live-one/phases/p1/attempts/1/patch/",
    "/dashboard/runs/failed-one/",
    "/dashboard/runs/failed-one/incident/",
    "/dashboard/runs/failed-one/promote/",
    "/dashboard/projects/",
    "/dashboard/projects/shop/",
]


@pytest.fixture
def rows(transactional_db: None) -> None:
    """A live run with a refused and a tested attempt, and a failed run."""
    run = make_run(
        run_id="live-one", project__project_id="shop", isolation="none", state=RunState.CI_RUNNING.value
    )
    phase = make_phase(phase_id="p1", tier__run=run, state=PhaseState.CI_RUNNING.value)
    refused = make_attempt(phase=phase, state=AttemptState.REFUSED.value)
    make_patch(attempt=refused)
    make_refusal(attempt=refused, path="app/main.py", line=7)
    attempt = make_attempt(phase=phase, number=2)
    make_patch(attempt=attempt)
    candidate = make_candidate(attempt=attempt)
    ci_run = make_ci_run(candidate=candidate, state=CiRunState.FAILED.value)
    step = make_ci_step_run(ci_run=ci_run, state=CiStepState.FAILED.value)
    append_log(step, b"x" * 500 + b"\n\x1b[31mFAILED\x1b[0m\n")
    make_verdict(phase=phase, candidate=candidate)
    failed = make_run(
        run_id="failed-one",
        project=run.project,
        state=RunState.DONE_FAILED_ENVIRONMENT.value,
        failure_reason="The branch moved.",
        is_ci_configured=False,
    )
    make_incident_pack(run=failed)


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


@pytest.mark.usefixtures("rows")
def test_no_page_complains_or_overflows(signed_in: OpenPage) -> None:
    page = signed_in()
    origin = page.url.split("/dashboard/")[0]
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for path in PATHS:
            page.goto(f"{origin}{path}")
            expect(page.get_by_role("main")).to_be_visible()
            page.wait_for_function("document.fonts.status === 'loaded'")
            assert overflow(page) <= 0, f"{path} at {width}"


def test_the_navigation_has_room_at_every_width(signed_in: OpenPage, operator: User) -> None:
    operator.username = "a.person.with.quite.a.long.name@example.org"
    operator.is_staff = True
    operator.save()
    page = signed_in("/dashboard/plans/")
    for width in range(1200, 360, -60):
        page.set_viewport_size({"width": width, "height": 844})
        assert overflow(page) <= 0, width


@pytest.mark.usefixtures("rows")
def test_text_is_readable_in_both_themes(signed_in: OpenPage) -> None:
    """Ink and canvas differ in lightness by far, whichever theme is on."""
    page = signed_in("/dashboard/runs/live-one/")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        lead = page.evaluate(
            """() => {
                const surface = document.createElement("canvas");
                const canvas = surface.getContext("2d", { willReadFrequently: true });
                const lightness = (color) => {
                    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
                    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
                    return (r + g + b) / 3;
                };
                const style = getComputedStyle(document.body);
                return lightness(style.color) - lightness(style.backgroundColor);
            }"""
        )
        assert lead > 150 if scheme == "dark" else lead < -150


def test_a_stranger_signs_in_and_gets_where_they_wanted(open_page: OpenPage, operator: object) -> None:
    page = open_page("/dashboard/runs/")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/dashboard/runs/"))
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("correct")
    page.get_by_label("Password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_signing_out_is_a_menu_away(signed_in: OpenPage) -> None:
    page = signed_in("/dashboard/")
    page.locator("summary", has_text="ada").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_theme_is_kept(signed_in: OpenPage) -> None:
    page = signed_in("/dashboard/")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme-choice", "auto")
    page.get_by_role("button", name="Theme: auto").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("link", name="Projects").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_the_first_tab_stop_skips_the_navigation(signed_in: OpenPage) -> None:
    page = signed_in("/dashboard/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_search_field_is_a_key_away(signed_in: OpenPage) -> None:
    make_run(run_id="needle-1")
    make_run(run_id="other-1")
    page = signed_in("/dashboard/runs/")
    page.keyboard.press("/")
    page.keyboard.type("needle")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="needle-1")).to_be_visible()
    expect(page.get_by_role("link", name="other-1")).to_have_count(0)
