"""The template library as a planner works with it: a finished run kept, and started again."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.models import Project
from catalog_app.models import PlanTemplate
from runs_app.models import Run
from tests.browser.conftest import OpenPage
from tests.support.catalog_factories import CatalogFactory, FeatureFactory, StackFactory, verified_source
from tests.support.plan_documents import make_document, make_feature, make_option
from tests.support.plan_factories import RunOutcomeFactory
from tests.support.plan_templates import make_template
from tests.support.repos import make_repo
from tests.support.workshop import Workshop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVIL = "<script>window.pwned = true</script><img src=x onerror='window.pwned = true'>"


@pytest.fixture
def workshop(transactional_db: None, tmp_path: Path) -> Workshop:
    """A project on a real repository, without CI, and a catalog to plan from."""
    ProcrastinateJob.objects.all().delete()
    repo = make_repo(tmp_path / "shop", {"README.md": "# Shop\n"})
    project = Project.objects.create(
        project_id="shop", name="Shop", repo_path=str(repo.path), ci_kind="none", repository_status="usable"
    )
    (tmp_path / "scratch").mkdir()
    catalog = CatalogFactory.create()
    StackFactory.create(slug="web", title="Web shop", catalog=catalog)
    for slug in ("login", "teams"):
        feature = FeatureFactory.create(slug=slug, title=slug.capitalize(), catalog=catalog)
        verified_source(feature=feature, repo__repo_id=f"{slug}-kit", repo__is_whitelisted=True)
    return Workshop(repo, project, tmp_path / "scratch")


def finish_run(workshop: Workshop) -> None:
    workshop.start("first-shop", phases=1, title="Shop")
    workshop.post("runs/first-shop/claim")
    patch = workshop.patch_for({"cart.py": "TOTAL = 0\n"})
    workshop.result("p1", patch, run_id="first-shop")
    assert workshop.run("first-shop").state == "DONE_SUCCESS"


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


def test_a_finished_run_is_kept_and_started_again(
    signed_in: OpenPage, workshop: Workshop, operator: User
) -> None:
    finish_run(workshop)
    page = signed_in("/dashboard/runs/first-shop/")
    page.get_by_role("button", name="Save as template").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shop")
    expect(page.get_by_text("from run first-shop")).to_be_visible()
    expect(page.get_by_text("1 of 1 run", exact=True)).to_be_visible()

    page.get_by_role("link", name="Use this template").click()
    preview = page.locator("#preview")
    expect(preview.get_by_text("it is the template's plan")).to_be_visible()
    page.get_by_label("More features, one a line").press_sequentially("Login")
    expect(preview.get_by_role("heading", name="What would be planned")).to_be_visible()
    expect(preview.locator(".ap-planned")).to_contain_text("Login")
    page.get_by_label("Title", exact=True).fill("Second shop")
    page.get_by_label("Project", exact=True).select_option("shop")
    page.get_by_role("button", name="Save and start a run…").press("Enter")

    page.get_by_role("button", name=re.compile("Start")).click()
    page.wait_for_url("**/dashboard/runs/**")
    run = Run.objects.exclude(run_id="first-shop").get()
    assert run.plan_version is not None
    assert run.plan_version.template_version == PlanTemplate.objects.get().versions.get()
    assert run.plan_version.plan.title == "Second shop"
    assert run.phases.filter(name="Phase 1").exists()
    expect(page.get_by_role("link", name="Second shop")).to_be_visible()
    expect(page.get_by_role("link", name="Shop", exact=True)).to_be_visible()


def test_hostile_names_do_nothing_and_no_page_overflows(
    signed_in: OpenPage, workshop: Workshop, operator: User
) -> None:
    plan = make_document(
        make_feature("login", title=EVIL, quotes=(EVIL,), reason=EVIL, source=make_option(why=EVIL)),
        make_feature("x" * 40, title="x" * 200, slug=""),
        title=EVIL,
        summary=EVIL,
    )
    template = make_template("evil", plan, title=EVIL, description=EVIL, tags=[EVIL[:60], "x" * 60])
    make_template("w" * 100, title="W" * 200, project_type="p" * 100, stack="s" * 100)
    version = template.versions.get()
    RunOutcomeFactory.create(
        template_version=version, is_success=False, failed_phase="p" * 100, failed_category=EVIL[:99]
    )
    page = signed_in("/dashboard/templates/")
    origin = page.url.split("/dashboard/")[0]
    paths = ["", "?q=nothing", "evil/", f"{'w' * 100}/", f"compare/pair/?first=evil&second={'w' * 100}"]
    paths += ["evil/edit/", "evil/archive/", "evil/use/", "import/files/"]
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(f"{origin}/dashboard/templates/{path}")
            expect(page.get_by_role("main")).to_be_visible()
            page.wait_for_function("document.fonts.status === 'loaded'")
            assert overflow(page) <= 0, f"{path} at {width}"
            assert page.evaluate("window.pwned") is None, path


def test_a_library_goes_out_and_comes_back_through_the_browser(
    signed_in: OpenPage, workshop: Workshop, operator: User, tmp_path: Path
) -> None:
    template = make_template("shop", title="Shop")
    before = template.versions.get()
    page = signed_in("/dashboard/templates/shop/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    archive = tmp_path / "shop.zip"
    download.value.save_as(archive)
    template.versions.all().delete()
    template.delete()

    page.goto(page.url.replace("/shop/", "/import/files/"))
    page.get_by_label("YAML files").set_input_files(archive)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Imported: 1 created.")).to_be_visible()
    assert PlanTemplate.objects.get().versions.get().document_text == before.document_text
