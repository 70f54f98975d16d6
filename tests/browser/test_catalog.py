"""Finding a feature as a person would: facets, search, the sources side by side, on a desk and on a phone."""

import re

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import FeatureSource, PreferredRepo, SourceRepo, SourceScan
from tests.browser.conftest import OpenPage
from tests.support.catalog_factories import (
    CatalogFactory,
    CombinationFactory,
    FeatureFactory,
    RepoFactory,
    ScanFactory,
    SourceFactory,
    StackFactory,
    verified_source,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOME = "/dashboard/catalog/main/"
EVIDENCE = {
    "contradictions": ["2 of 9 files say Apache-2.0, such as a.py; the licence file says MIT."],
    "evidence": [
        {"file": "a/" * 40 + "LICENSE", "method": "licence text", "expression": "MIT", "lines": [1, 21]}
    ],
}
QUALITY = {
    "parts": [
        {"name": "tests", "points": 10, "weight": 3, "reason": "84 test files, such as tests/test_login.py."},
        {"name": "ci", "points": 0, "weight": 2, "reason": "No continuous integration was found."},
    ]
}


@pytest.fixture
def source(transactional_db: None) -> FeatureSource:
    """A usable source of one feature among a few, with all that its pages can show."""
    CatalogFactory.create(slug="internal", title="Internal")
    stack = StackFactory.create(slug="web", title="Web shop", slots={"cache": "redis"})
    PreferredRepo.objects.create(stack=stack, repo_ref="nowhere")
    login = FeatureFactory.create(
        slug="oauth-login", title="Social login", category="auth", aliases=["sign in with a provider"]
    )
    source = verified_source(
        feature=login,
        repo=RepoFactory.create(repo_id="allauth", is_whitelisted=True),
        paths=["allauth/socialaccount/providers/a-rather-long-path-of-a-source"],
        nested_licenses={"allauth/vendored": "Apache-2.0"},
        extra={"stars": 9000},
    )
    SourceScan.objects.update(evidence=EVIDENCE, quality=QUALITY, measures={"authors": 3})
    other = SourceFactory.create(
        feature=login,
        repo__repo_id="other",
        status=SourceStatus.MISMATCH.value,
        status_detail="The licence at the path is GPL-3.0-only, declared is MIT.",
        license_decision="denied",
    )
    ScanFactory.create(
        pk=900, source=other, state=ScanState.INSPECTING.value, step="Reading licences", progress_percent=60
    )
    SourceFactory.create(
        feature=FeatureFactory.create(slug="invoices", title="Invoices", category="payments")
    )
    FeatureFactory.create(slug="maps", title="Maps", category="geo", requires=["oauth-login"])
    CombinationFactory.create(title="Base", features=["oauth-login", "invoices"])
    return source


@pytest.fixture
def curator(operator: User) -> User:
    operator.groups.add(Group.objects.get_or_create(name="curator")[0])
    return operator


def titles(page: Page) -> list[str]:
    return page.locator(".ap-features td:first-child a").all_text_contents()


def test_no_page_complains_or_overflows(signed_in: OpenPage, source: FeatureSource, curator: User) -> None:
    assert source.last_scan is not None
    paths = [
        HOME,
        f"{HOME}?q=login&status=verified&retired=1",
        f"{HOME}?q=nothing",
        f"{HOME}features/oauth-login/",
        f"{HOME}features/maps/",
        f"{HOME}stacks/",
        f"{HOME}stacks/web/",
        f"{HOME}sources/",
        f"{HOME}sources/?status=mismatch",
        f"{HOME}health/",
        "/dashboard/catalog/internal/",
        f"/dashboard/catalog/sources/{source.pk}/",
        f"/dashboard/catalog/sources/{source.pk}/retire/",
        f"/dashboard/catalog/scans/{source.last_scan.pk}/",
        "/dashboard/catalog/scans/900/",
        "/dashboard/",
    ]
    page = signed_in()
    origin = page.url.split("/dashboard/")[0]
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(f"{origin}{path}")
            expect(page.get_by_role("main")).to_be_visible()
            page.wait_for_function("document.fonts.status === 'loaded'")
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (
                path,
                width,
            )


@pytest.mark.usefixtures("source")
def test_facets_narrow_the_list_in_place_and_the_browser_goes_back(signed_in: OpenPage) -> None:
    page = signed_in("/dashboard/")
    page.get_by_role("link", name="Catalog", exact=True).click()
    expect(page.get_by_text("3 features")).to_be_visible()
    page.evaluate("window.isSamePage = true")
    page.get_by_role("link", name="auth 1").click()
    expect(page.get_by_text("1 feature", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?category=auth$"))
    assert titles(page) == ["Social login"]
    page.get_by_role("link", name="geo 1").click()
    expect(page.get_by_text("2 features")).to_be_visible()
    assert page.evaluate("window.isSamePage") is True
    page.go_back()
    expect(page.get_by_text("1 feature", exact=True)).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(1)
    page.reload()
    assert titles(page) == ["Social login"]


@pytest.mark.usefixtures("source")
def test_typing_searches_and_keeps_the_facets_and_the_cursor(signed_in: OpenPage) -> None:
    page = signed_in(f"{HOME}?category=auth&category=payments")
    page.keyboard.press("/")
    page.keyboard.type("provider sign")
    expect(page.get_by_text("1 feature for")).to_be_visible()
    assert titles(page) == ["Social login"]
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page).to_have_url(re.compile(r"q=provider"))
    expect(page).to_have_url(re.compile(r"category=auth"))
    page.get_by_label("Sort by").select_option(label="Best quality")
    expect(page).to_have_url(re.compile(r"sort=quality"))
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_text("3 features")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("")


@pytest.mark.usefixtures("source")
def test_the_list_works_without_script(signed_in: OpenPage) -> None:
    address, cookies = (page := signed_in(HOME)).url, page.context.cookies()
    browser = page.context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]  # what the other context says of its own
    page = plain.new_page()
    page.goto(address)
    page.get_by_role("link", name="auth 1").click()
    assert titles(page) == ["Social login"]
    page.get_by_role("searchbox").fill("invoices")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No feature matches")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=invoices.*category=auth|category=auth.*q=invoices"))
    plain.close()


@pytest.mark.usefixtures("source")
def test_on_a_phone_the_filters_unfold_and_stay_open(signed_in: OpenPage) -> None:
    page = signed_in(HOME)
    page.set_viewport_size({"width": 390, "height": 844})
    facet = page.get_by_role("link", name="auth 1")
    expect(facet).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    facet.click()
    expect(page.get_by_text("1 feature", exact=True)).to_be_visible()
    expect(facet).to_be_visible()
    expect(facet).to_have_attribute("aria-current", "true")


def test_sources_stand_side_by_side_with_their_reasons(signed_in: OpenPage, source: FeatureSource) -> None:
    page = signed_in(HOME)
    page.get_by_role("link", name="Social login").click()
    expect(page.get_by_role("heading", name="Social login")).to_be_visible()
    allauth, other = page.get_by_role("article", name="allauth"), page.get_by_role("article", name="other")
    expect(other).to_contain_text("Reading licences")
    expect(other).to_contain_text("declared is MIT")
    boxes = [card.bounding_box() for card in (allauth, other)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["height"] == boxes[1]["height"]
    allauth.get_by_text("2 parts").click()
    expect(allauth).to_contain_text("84 test files")
    allauth.get_by_role("link", name="allauth", exact=True).click()
    expect(page.get_by_role("heading", name="Evidence of the licence")).to_be_visible()
    expect(page.get_by_text("No continuous integration was found.")).to_be_visible()


@pytest.mark.usefixtures("source")
def test_a_scan_is_followed_until_it_ends_and_what_was_unfolded_stays(signed_in: OpenPage) -> None:
    page = signed_in(f"{HOME}features/oauth-login/")
    page.get_by_role("article", name="allauth").get_by_text("2 parts").click()
    SourceScan.objects.filter(pk=900).update(progress_percent=90, step="Measuring")
    expect(page.get_by_text("Measuring")).to_be_visible()
    expect(page.get_by_text("84 test files")).to_be_visible()
    SourceScan.objects.filter(pk=900).update(state=ScanState.CANCELLED.value)
    expect(page.get_by_text("Measuring")).to_have_count(0)
    expect(page.locator("[hx-trigger^=every]")).to_have_count(0)


@pytest.mark.usefixtures("curator")
def test_a_curator_takes_a_repository_off_the_whitelist(signed_in: OpenPage, source: FeatureSource) -> None:
    page = signed_in(f"{HOME}features/oauth-login/")
    page.get_by_role("article", name="allauth").get_by_role("link", name="Take off the whitelist").click()
    page.get_by_label("Why").fill("Under new ownership.")
    page.get_by_role("button", name="Take off the whitelist").click()
    expect(page.get_by_text("allauth is no longer whitelisted.")).to_be_visible()
    expect(page.get_by_role("article", name="allauth")).to_contain_text("Repository not whitelisted")
    page.get_by_role("link", name="allauth", exact=True).click()
    expect(page.get_by_text("“Under new ownership.”")).to_be_visible()
    assert not SourceRepo.objects.get(repo_id="allauth").is_whitelisted


@pytest.mark.usefixtures("curator", "source")
def test_a_curator_has_a_source_verified_and_watches_it(signed_in: OpenPage) -> None:
    page = signed_in(f"{HOME}features/oauth-login/")
    card = page.get_by_role("article", name="allauth")
    card.get_by_role("button", name="Verify").click()
    expect(card).to_contain_text("waits for the worker")
    expect(page).to_have_url(re.compile(r"/features/oauth-login/$"))
    card.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The scan is cancelled.")).to_be_visible()
    expect(card.get_by_role("button", name="Verify")).to_be_visible()


@pytest.mark.usefixtures("source")
def test_numbers_of_the_health_page_lead_to_their_lists(signed_in: OpenPage) -> None:
    page = signed_in("/dashboard/")
    page.get_by_role("link", name="1 mismatch").click()
    expect(page.get_by_text("1 source", exact=True)).to_be_visible()
    page.get_by_role("link", name="Health").click()
    page.get_by_role("link", name=re.compile("^Without any source")).click()
    expect(page.get_by_text("1 feature", exact=True)).to_be_visible()
    assert titles(page) == ["Maps"]
