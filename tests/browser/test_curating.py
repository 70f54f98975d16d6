"""A curator's work in the admin, as a person would do it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from catalog_app.models import Feature, FeatureSource, SourceScan
from catalog_app.services.scanning import execute_scan
from tests.browser.conftest import PASSWORD, OpenPage
from tests.support import catalog_factories as make
from tests.support.license_texts import license_text
from tests.support.upstreams import Upstreams

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEATURES = "/admin/catalog_app/feature/"
OpenAdmin = Callable[[str], Page]


@pytest.fixture
def open_admin(open_page: OpenPage, live_server: LiveServer) -> OpenAdmin:
    """Pages of the admin for a curator who has signed in by its form."""
    ada = User.objects.create_user("ada", password=PASSWORD, is_staff=True)
    ada.groups.add(Group.objects.get_or_create(name="curator")[0])
    page = open_page("/admin/")
    page.locator("[name=username]").fill("ada")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/")

    def go(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    return go


def choose_repo(page: Page, number: int, repo_id: str) -> None:
    """From the search field that the theme puts over a choice of many."""
    page.locator(f"#select2-id_sources-{number}-repo-container").click()
    page.locator(".select2-search__field").fill(repo_id)
    page.locator(".select2-results__option", has_text=repo_id).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{FEATURES}*")


@pytest.fixture
def upstreams(tmp_path: Path, settings: Settings) -> Upstreams:
    """Repositories that scans may fetch."""
    (tmp_path / "upstream").mkdir()
    settings.FETCH_ROOTS = [tmp_path / "upstream"]
    return Upstreams(tmp_path / "upstream", tmp_path / "mirrors")


def let_the_worker_scan() -> None:
    for scan in SourceScan.objects.live():
        execute_scan(scan.pk)


def test_a_curator_adds_a_feature_verifies_mends_and_whitelists_it(
    open_admin: OpenAdmin, upstreams: Upstreams
) -> None:
    make.CatalogFactory.create()
    for repo_id, license_id in (("django-allauth", "MIT"), ("authlib", "BSD-3-Clause")):
        upstream = upstreams.make({"LICENSE": license_text(license_id), "auth.py": "pass\n"}, name=repo_id)
        make.RepoFactory.create(repo_id=repo_id, fetch_from=str(upstream.path))

    page = open_admin(f"{FEATURES}add/")
    page.locator("[name=slug]").fill("oauth-social-login")
    page.locator("[name=title]").fill("Social login")
    page.locator("[name=aliases]").fill("sign in with google\nOAuth login")
    page.get_by_text("Add another Source").click()
    choose_repo(page, 0, "django-allauth")
    page.locator("[name=sources-0-declared_text]").fill("MIT")
    page.get_by_text("Add another Source").click()
    choose_repo(page, 1, "authlib")
    page.locator("[name=sources-1-declared_text]").fill("BSD")
    save(page)

    expect(page.get_by_text("Did you mean BSD-2-Clause or BSD-3-Clause?")).to_be_visible()
    row = page.locator("#result_list tr", has_text="oauth-social-login")
    expect(row).to_contain_text("Declared 2")

    row.get_by_role("link", name="Social login").click()
    page.locator("[name=sources-1-declared_text]").fill("BSD-2-Clause")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Give a reason for this change.")).to_be_visible()
    page.locator("[name=reason]").fill("Settled by its README.")
    save(page)

    row.get_by_role("link", name="Social login").click()
    page.get_by_role("link", name="Verify").click()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("2 scans wait for the worker.")).to_be_visible()
    let_the_worker_scan()

    page = open_admin(f"{FEATURES}?status=mismatch")
    expect(row).to_contain_text("Verified")
    expect(row).to_contain_text("Mismatch")
    row.get_by_role("link", name="Social login").click()
    expect(page.get_by_text("BSD-3-Clause").first).to_be_visible()
    page.locator("[name=sources-1-declared_text]").fill("BSD-3-Clause")
    page.locator("[name=reason]").fill("Its LICENSE has three clauses.")
    save(page)

    page = open_admin(FEATURES)
    expect(row).to_contain_text("Verified 2")
    expect(row).to_contain_text("None")
    row.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("whitelist")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("is whitelisted").first).to_be_visible()
    page.get_by_role("button", name="Whitelist").click()
    expect(page.get_by_text("Give a reason for this change.")).to_be_visible()
    page.locator("[name=reason]").fill("Read both of them.")
    page.get_by_role("button", name="Whitelist").click()
    expect(page.get_by_text("2 repositories whitelisted.")).to_be_visible()

    page.locator("[name=q]").first.fill("google login")
    page.locator("[name=q]").first.press("Enter")
    expect(row).to_contain_text("2 usable")

    feature = Feature.objects.get()
    page = open_admin(f"{FEATURES}{feature.pk}/history/")
    expect(page.get_by_text("Its LICENSE has three clauses.").first).to_be_visible()
    assert FeatureSource.objects.usable().filter(feature=feature).count() == 2


def test_a_curator_imports_what_was_previewed(open_admin: OpenAdmin) -> None:
    make.CatalogFactory.create()
    page = open_admin("/admin/catalog_app/featurecatalog/import/")
    page.locator("[name=pasted]").fill("features:\n  login:\n    title: Login\n    complexity: huge\n")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("pasted.yaml:4:")).to_be_visible()
    expect(page.get_by_role("button", name="Import this")).to_have_count(0)

    page.get_by_role("link", name="Other files").click()
    page.locator("[name=pasted]").fill("features:\n  login:\n    title: Login\n")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("Feature added").first).to_be_visible()
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("Imported: 1 feature added.")).to_be_visible()

    assert Feature.objects.get().title == "Login"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_catalog_complains(open_admin: OpenAdmin, scheme: str) -> None:
    checked = make.verified_source(repo__is_whitelisted=True)
    stack = make.StackFactory.create()
    paths = [
        "/admin/",
        FEATURES,
        f"{FEATURES}add/",
        f"{FEATURES}{checked.feature_id}/change/",
        f"{FEATURES}{checked.feature_id}/history/",
        f"{FEATURES}{checked.feature_id}/retire/",
        "/admin/catalog_app/featuresource/",
        f"/admin/catalog_app/featuresource/{checked.pk}/change/",
        f"/admin/catalog_app/featuresource/{checked.pk}/judge/",
        "/admin/catalog_app/sourcerepo/",
        f"/admin/catalog_app/sourcerepo/{checked.repo_id}/change/",
        "/admin/catalog_app/stackprofile/",
        f"/admin/catalog_app/stackprofile/{stack.pk}/change/",
        "/admin/catalog_app/licensepolicy/",
        f"/admin/catalog_app/licensepolicy/{checked.feature.catalog.license_policy_id}/change/",
        "/admin/catalog_app/featurecatalog/",
        "/admin/catalog_app/featurecatalog/health/",
        "/admin/catalog_app/featurecatalog/import/",
        "/admin/catalog_app/sourcescan/",
        f"/admin/catalog_app/sourcescan/{checked.last_scan_id}/change/",
    ]
    for path in paths:
        page = open_admin(path)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        expect(page.locator("#main")).to_be_visible()
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, path
