"""Curating from a list, as a person does."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from catalog_app.models import CurationCandidate, CurationRun, Feature, FeatureSource
from tests.browser.conftest import PASSWORD, OpenPage
from tests.support.catalog_factories import CatalogFactory, FeatureFactory
from tests.support.curation import WELL_KEPT, Curation

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LIST = "/admin/catalog_app/curationrun/"


@pytest.fixture
def curation(live_server: LiveServer, settings: Settings, tmp_path: Path) -> Curation:
    ProcrastinateJob.objects.all().delete()
    (tmp_path / "upstream").mkdir()
    settings.FETCH_ROOTS = [tmp_path / "upstream"]
    settings.AUTOPACK_HOME = tmp_path / "home"
    CatalogFactory.create(title="Main catalog")
    return Curation(tmp_path / "upstream")


@pytest.fixture
def curator_page(open_page: OpenPage, live_server: LiveServer) -> Page:
    """The list of runs, open for a curator."""
    user = User.objects.create_user("ada", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name="curator")[0])
    page = open_page(f"/admin/login/?next={LIST}")
    page.locator("[name=username]").fill("ada")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"**{LIST}")
    return page


def test_two_repositories_from_the_list_to_the_catalog(curator_page: Page, curation: Curation) -> None:
    links = curation.make("magic-links")
    old = curation.make("old-links", {**WELL_KEPT, "README.md": "# Old links\n"})
    page = curator_page
    page.goto(page.url + "add/")
    page.get_by_label("Title").fill("Sign-in")
    page.get_by_label("Repositories").fill(f"{links.path}\n{old.path}\n")
    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_text("0 of 2 looked at")).to_be_visible()

    curation.work()
    expect(page.get_by_text("All 2 looked at")).to_be_visible()
    expect(page.locator("[hx-trigger^=every]")).to_have_count(0)
    first = page.get_by_role("article", name="magic-links")
    expect(first).to_contain_text("MIT")
    first.get_by_text("of 100, measured").click()
    expect(first).to_contain_text("The last commit is")

    first.get_by_label("Title").fill("Sign-in by link")
    first.get_by_label("Slug").fill("sign-in-links")
    first.get_by_label("Slug").press("Tab")
    expect(first).to_contain_text("Kept for when you accept it.")
    page.get_by_label("Reason").fill("Small and tested.")
    first.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("is in the catalog now (sign-in-links), not whitelisted yet")).to_be_visible()
    expect(first).to_have_count(0)

    page.get_by_label("Reason").fill("The other one is better kept.")
    page.get_by_label("Select").check()
    page.locator("#decide").get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Every candidate is decided")).to_be_visible()

    page.get_by_role("link", name="Sign-in by link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign-in by link")
    expect(page.get_by_text("Verified", exact=True).first).to_be_visible()
    assert FeatureSource.objects.get().pinned_commit == links.head()
    assert CurationCandidate.objects.get(state="rejected").decision_reason == "The other one is better kept."


def test_what_is_wrong_stands_in_its_row_and_is_not_accepted(curator_page: Page, curation: Curation) -> None:
    FeatureFactory.create(slug="login")
    candidate = curation.candidate()
    page = curator_page
    page.goto(f"{page.url}{candidate.run_id}/change/")
    row = page.get_by_role("article")
    row.get_by_label("Slug").fill("login")
    row.get_by_label("Slug").press("Tab")
    expect(row).to_contain_text("The catalog has a feature login.")
    page.get_by_label("Reason").fill("Good.")
    row.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was decided.")
    expect(row.get_by_label("Slug")).to_have_value("login")
    assert Feature.objects.count() == 1


def test_a_repository_is_added_to_the_feature_that_it_resembles(
    curator_page: Page, curation: Curation
) -> None:
    FeatureFactory.create(slug="links", title="Magic links")
    candidate = curation.candidate()
    page = curator_page
    page.goto(f"{page.url}{candidate.run_id}/change/")
    page.get_by_role("button", name="Add to it").click()
    page.get_by_label("Reason").fill("A second source.")
    page.get_by_role("article").get_by_role("button", name="Accept").click()
    expect(page.get_by_text("is in the catalog now (links)")).to_be_visible()
    assert FeatureSource.objects.get().feature.slug == "links"


def test_a_run_is_decided_by_keys(curator_page: Page, curation: Curation) -> None:
    run = curation.survey(curation.make("a"), curation.make("b"))
    page = curator_page
    page.goto(f"{page.url}{run.pk}/change/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.type("Edited in place")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("Both good.")
    page.keyboard.press("Enter")
    assert CurationRun.objects.get().state == "ready"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every candidate is decided")).to_be_visible()
    assert [f.title for f in Feature.objects.order_by("slug")] == ["Magic links", "Edited in place"]
