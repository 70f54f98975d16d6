"""Plans: the list, one plan, and what is done to it."""

import pytest
from django.test import Client

from autopack.actors import Role, system_actor
from autopack.models import Project
from catalog_app.briefing.types import Leftover, Place, Wish
from catalog_app.choices import PlanMode, ScanState
from catalog_app.models import FeatureCatalog, Plan, PlanTemplate, PlanVersion, SourceScan
from catalog_app.planning.request import PlanRequest
from catalog_app.services.plans import create_plan
from tests.support.factories import make_project
from tests.support.pages import CountQueries, SignIn
from tests.support.planned import make_catalog, source_of, verify, whitelist

pytestmark = pytest.mark.django_db
LIST = "/dashboard/plans/"
HOSTILE = "<script>alert(1)</script>"


def make_plan(
    title: str = "Help desk",
    *,
    mode: PlanMode = PlanMode.DRAFT,
    wishes: tuple[str, ...] = ("login", "search"),
    project: Project | None = None,
) -> PlanVersion:
    """Of a catalog where login has a declared source and search none."""
    request = PlanRequest(
        title=title,
        project_type="web_app",
        mode=mode,
        wishes=tuple(Wish(slug, f"People want {slug}", slug=slug) for slug in wishes),
        leftovers=(Leftover("make it pop", "No feature is meant.", Place(line=9)),),
    )
    actor = system_actor("test")
    catalog = FeatureCatalog.objects.first() or make_catalog()
    return create_plan(request, catalog=catalog, project=project, actor=actor).version


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(Role.PLANNER)


def read(client: Client, path: str) -> str:
    """A page with every run of white space as one space."""
    return " ".join(client.get(path).content.decode().split())


def test_strangers_are_sent_to_the_sign_in_page_and_readers_write_nothing(
    client: Client, reader: Client
) -> None:
    plan = make_plan().plan
    paths = [f"{LIST}{plan.plan_id}/{part}/" for part in ("step/archive", "verify", "template")]
    assert client.get(LIST).headers["Location"].startswith("/accounts/login/")
    for path in paths:
        assert client.get(path).headers["Location"].startswith("/accounts/login/")
        assert reader.get(path).status_code == 200
        assert reader.post(path).status_code == 403
    assert "Start run" not in read(reader, f"{LIST}{plan.plan_id}/")


def test_what_is_not_there_or_of_a_project_that_is_not_seen_is_not_found(planner: Client) -> None:
    plan = make_plan().plan
    missing = ("other/", f"{plan.plan_id}/?version=7", f"{plan.plan_id}/step/burn/")
    for path in missing:
        assert planner.get(LIST + path, HTTP_ACCEPT="text/html").status_code == 404


def test_the_list_says_what_to_do_without_plans_and_what_plans_wait_for(planner: Client) -> None:
    assert "No plans yet" in read(planner, LIST)
    make_plan()
    make_plan(HOSTILE, mode=PlanMode.ZERO_INTERVENTION, wishes=("search",))
    html = read(planner, LIST)
    assert "Help desk</a>" in html
    assert "1 verification" in html
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "nothing</span>" in html
    assert "No plan matches" in read(planner, f"{LIST}?q=nowhere")
    assert "Help desk</a>" in read(planner, f"{LIST}?q=desk+help&type=web_app")
    assert "Nothing is archived" in read(planner, f"{LIST}?archived=1")


def test_a_plan_shows_what_was_decided_and_why(planner: Client) -> None:
    version = make_plan()
    html = read(planner, f"{LIST}{version.plan.plan_id}/")
    for text in (
        "“People want login”",
        "auth-kit",
        "to verify",
        "1 source to verify before a run may start",
        "Verify all sources",
        "make it pop",
        "Line 9: No feature is meant.",
        version.digest[:10],
        f"api/v1/plans/{version.plan.plan_id}",
    ):
        assert text in html
    phases = read(planner, f"{LIST}{version.plan.plan_id}/?show=phases")
    assert "Run 1" in phases
    assert "Blocked</span>" in phases


def test_a_plan_of_nothing_usable_says_what_would_make_it_so(planner: Client) -> None:
    version = make_plan(mode=PlanMode.ZERO_INTERVENTION)
    html = read(planner, f"{LIST}{version.plan.plan_id}/")
    assert "Sources that may not be used" in html
    assert "Verify it" in html
    assert "before a run may start" not in html


def test_a_plan_is_put_away_and_taken_back(planner: Client) -> None:
    plan = make_plan().plan
    page = f"{LIST}{plan.plan_id}/"
    assert "Archive this plan?" in read(planner, f"{page}step/archive/")
    assert planner.post(f"{page}step/archive/").headers["Location"] == page
    assert "Archived</span>" in read(planner, page)
    assert "Start run" not in read(planner, page)
    assert "Help desk</a>" not in read(planner, LIST)
    assert "Help desk</a>" in read(planner, f"{LIST}?archived=1")
    planner.post(f"{page}step/restore/")
    assert Plan.objects.active().get() == plan
    events = plan.archive_events.all()
    assert [event.is_archived for event in events] == [False, True]
    assert f'Restored</span><span class="ap-row-sub">{events[0].created_by}' in read(planner, page)


def test_all_sources_are_verified_at_once_and_followed(planner: Client) -> None:
    plan = make_plan().plan
    page = f"{LIST}{plan.plan_id}/verify/"
    assert planner.post(page).headers["Location"] == page
    planner.post(page)
    scan = SourceScan.objects.get()
    html = read(planner, page)
    assert "1 of 1 to go" in html
    assert 'hx-trigger="every 2s"' in html
    seen = html.split("seen=")[1].split('"')[0]
    assert planner.get(page, {"seen": seen}, headers={"HX-Request": "true"}).status_code == 204
    scan.state = ScanState.FETCHING.value
    scan.save()
    assert planner.get(page, {"seen": seen}, headers={"HX-Request": "true"}).status_code == 200
    verify(source_of("login"))
    whitelist(source_of("login"))
    html = read(planner, page)
    assert "Every source is verified" in html
    assert "hx-trigger" not in html


def test_a_plan_is_kept_as_a_template(planner: Client) -> None:
    plan = make_plan().plan
    page = f"{LIST}{plan.plan_id}/template/"
    assert 'value="Help desk"' in read(planner, page)
    answer = planner.post(page, {"title": "Desk", "description": "For support.", "tags": "support, , web"})
    template = PlanTemplate.objects.get()
    assert answer.headers["Location"] == f"/dashboard/templates/{template.template_id}/"
    assert (template.title, template.description, template.tags) == (
        "Desk",
        "For support.",
        ["support", "web"],
    )


def test_a_template_that_cannot_be_kept_is_refused_with_every_reason(planner: Client) -> None:
    page = f"{LIST}{make_plan().plan.plan_id}/template/"
    tags = ", ".join(f"tag-{number}" for number in range(51))
    refused = planner.post(page, {"title": "x" * 300, "tags": tags})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "x" * 300 in html
    assert tags in html
    assert "at most 200 characters" in html
    assert "At most 50 tags" in html
    assert not PlanTemplate.objects.exists()


def test_queries_do_not_grow(planner: Client, count_queries: CountQueries) -> None:
    version = make_plan(project=make_project(project_id="shop"))
    paths = (LIST, f"{LIST}{version.plan.plan_id}/")
    few = [count_queries(planner, path) for path in paths]
    for number in range(20):
        make_plan(f"Plan {number}")
    assert [count_queries(planner, path) for path in paths] == few
