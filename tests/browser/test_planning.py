"""Planning as a person does it: by keyboard, from pasted text, on a phone, and whatever names are made of."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from catalog_app.models import FeatureCatalog, PlanVersion
from tests.browser.conftest import OpenPage
from tests.support.planned import make_catalog, source_of, verify, whitelist

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW = "/dashboard/plans/new/plan/"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture
def catalog(transactional_db: None) -> FeatureCatalog:
    """Login can be reused, search has no source, teams has one that nobody has verified."""
    catalog = make_catalog()
    verify(source_of("login"))
    whitelist(source_of("login"))
    return catalog


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


class SlowAnswers:
    """Requests wait until they are let go."""

    def __init__(self) -> None:
        self.is_holding = True
        self._held: list[Route] = []

    def hold(self, route: Route) -> None:
        if self.is_holding:
            self._held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        self.is_holding = False
        while self._held:
            self._held.pop(0).continue_()


def expect_no_dialog(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"something ran: {dialog.message}"))


@pytest.mark.usefixtures("catalog")
def test_a_plan_is_put_together_by_keyboard_alone(signed_in: OpenPage) -> None:
    page = signed_in(NEW)
    expect_no_dialog(page)
    expect(page.get_by_label("Add a feature in your own words")).to_be_focused()
    for number, words in enumerate(("Login", "Search", HOSTILE, "no cookies"), 1):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        rows = page.locator("#wishes > ol > li")
        expect(rows).to_have_count(min(number, 3))
        expect(page.get_by_label("Add a feature in your own words")).to_be_focused()
    expect(page.get_by_role("heading", name="Not wanted")).to_be_visible()
    expect(rows.first).to_contain_text("auth-kit")
    expect(rows.nth(2)).to_contain_text(HOSTILE)
    page.locator("#act-search").press("Enter")
    expect(page.locator("#wishes del")).to_have_text("Search")
    expect(page.locator("#act-search")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#wishes del")).to_have_count(0)
    page.locator("#why-login > summary").press("Enter")
    page.get_by_label("Should be there").first.press("Space")
    expect(rows.first.locator(".ap-tag", has_text="should")).to_be_visible()
    expect(page.locator("#why-login")).to_have_attribute("open", "")
    page.get_by_role("button", name="Save plan").press("Enter")
    expect(page.get_by_text("Say what the plan is called.")).to_be_visible()
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type(f"Desk {HOSTILE}")
    page.get_by_role("button", name="Save plan").press("Enter")
    expect(page.get_by_role("heading", name=f"Desk {HOSTILE}")).to_be_visible()
    for part in ("Phases", "plan.md", "Versions"):
        page.get_by_label("Parts of the plan").get_by_role("link", name=part).click()
        expect(page.get_by_role("heading", name=f"Desk {HOSTILE}").first).to_be_visible()
    assert [feature["quote"] for feature in PlanVersion.objects.get().request["features"]] == [
        "Login",
        "Search",
        HOSTILE,
    ]


@pytest.mark.usefixtures("catalog")
def test_steps_that_are_quicker_than_the_answers_are_all_taken(signed_in: OpenPage) -> None:
    page = signed_in(NEW)
    slow = SlowAnswers()
    page.route(f"**{NEW}", slow.hold)
    line = page.get_by_label("Add a feature in your own words")
    for words in ("Login", "Search", "Teams", "no cookies"):
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        expect(line).to_have_value("")
    page.keyboard.type("half a wo")
    expect(page.get_by_text("Working…")).to_be_visible()
    slow.let_go()
    rows = page.locator("#wishes > ol > li")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("heading", name="Not wanted")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("3 features")
    expect(line).to_have_value("half a wo")
    slow.is_holding = True
    page.locator("#act-search").click()
    page.locator("#act-teams").click()
    page.locator("#why-login > summary").click()
    page.get_by_label("Should be there").first.check()
    slow.let_go()
    expect(page.locator("#wishes del")).to_have_text(["Search", "Teams"])
    expect(page.locator("#wish-login").get_by_label("Should be there")).to_be_checked()


@pytest.mark.usefixtures("catalog")
def test_what_was_not_taken_is_not_lost(signed_in: OpenPage, console: list[str]) -> None:
    page = signed_in(NEW)
    line = page.get_by_label("Add a feature in your own words")
    page.route(f"**{NEW}", lambda route: route.abort(), times=1)
    page.keyboard.type("Login")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Trying again")).to_be_visible()
    expect(page.locator("#wishes > ol > li")).to_have_count(1)
    page.route(f"**{NEW}", lambda route: route.fulfill(status=500), times=1)
    page.keyboard.type("Search")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What you have entered is still here")).to_be_visible()
    expect(line).to_have_value("Search")
    assert len(console) > 0
    console.clear()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


@pytest.mark.usefixtures("catalog")
def test_a_pasted_text_becomes_a_draft_whose_sources_are_verified(signed_in: OpenPage) -> None:
    page = signed_in(NEW)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("A list of features").fill("# Desk\n\n- Login\n- Teams\n- No live chat\n")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#wishes > ol > li")).to_have_count(2)
    expect(page.get_by_label("Title")).to_have_value("Desk")
    page.get_by_label("May reuse").select_option("draft")
    expect(page.get_by_text("1 source of this draft has to be verified")).to_be_visible()
    page.locator(".ap-segments-radio").get_by_text("plan.md").click()
    expect(page.locator(".ap-markdown h1")).to_have_text("Desk")
    assert overflow(page) == 0
    page.get_by_role("button", name="Save plan").click()
    page.get_by_role("button", name="Verify all sources").click()
    expect(page.get_by_text("1 of 1 to go")).to_be_visible()
    verify(source_of("teams"))
    expect(page.get_by_text("Every source is verified")).to_be_visible()
    assert overflow(page) == 0
    page.get_by_role("link", name="Start run").click()
    expect(page.get_by_label("Id of the run")).to_have_value(re.compile("desk-1"))
    assert overflow(page) == 0


@pytest.mark.usefixtures("catalog")
def test_names_without_end_fit_a_phone(signed_in: OpenPage) -> None:
    page = signed_in(NEW)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Title").fill("Endless" * 28)
    page.get_by_label("A list of features").fill(f"- Login\n- {'Unbroken' * 20}\n")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#wishes > ol > li")).to_have_count(2)
    assert overflow(page) == 0
    page.get_by_role("button", name="Save plan").click()
    expect(page.get_by_label("Parts of the plan")).to_be_visible()
    assert overflow(page) == 0
    for address in (
        f"{page.url}?show=phases",
        f"{page.url}versions/",
        page.url.partition("plans/")[0] + "plans/",
    ):
        page.goto(address)
        assert overflow(page) == 0, address
        clipped = "box => box.scrollWidth > box.clientWidth"
        assert not any(box.evaluate(clipped) for box in page.locator(".ap-scroll").all()), address


@pytest.mark.usefixtures("catalog")
def test_it_works_without_script(signed_in: OpenPage) -> None:
    address, cookies = (page := signed_in(NEW)).url, page.context.cookies()
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]  # what the other context says of its own
    page = plain.new_page()
    page.goto(address)
    page.get_by_label("Title").fill("Desk")
    page.get_by_label("Add a feature in your own words").fill("Login")
    page.keyboard.press("Enter")
    expect(page.locator("#wishes > ol > li")).to_have_count(1)
    page.locator("#why-login > summary").click()
    page.get_by_label("Should be there").check()
    page.get_by_role("button", name="Update").click()
    expect(page.locator("#wish-login > .ap-wish-what > .ap-tag")).to_have_text("should")
    page.get_by_role("button", name="Save plan").click()
    expect(page.get_by_role("heading", name="Desk")).to_be_visible()
    plain.close()
