"""Starting a run of a plan from its page."""

import pytest

from autopack.actors import Role, system_actor
from autopack.models import Project
from catalog_app.briefing.types import Wish
from catalog_app.choices import PlanMode
from catalog_app.models import PlanVersion
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import PlanRequest
from catalog_app.services.plans import create_plan, revise_plan
from runs_app.models import Run
from tests.support.factories import make_project
from tests.support.pages import SignIn
from tests.support.planned import make_catalog, source_of, verify
from tests.support.workshop import Workshop


def plan_of(workshop: Workshop, *slugs: str, stack: str = "") -> PlanVersion:
    request = PlanRequest(
        title="Desk",
        project_type="web_app",
        mode=PlanMode.DRAFT,
        stack=stack,
        wishes=tuple(Wish(slug, slug, slug=slug) for slug in slugs),
    )
    actor = system_actor("test")
    return create_plan(
        request, catalog=make_catalog(), project=workshop.project, plan_id="desk", actor=actor
    ).version


def test_what_stands_in_the_way_is_said_with_the_way_out(workshop: Workshop, sign_in: SignIn) -> None:
    plan_of(workshop, "login")
    page, planner = "/dashboard/start/desk/", sign_in(Role.PLANNER)
    assert sign_in(Role.READER).post(page).status_code == 403
    answer = planner.post(page, {"run_id": "mine", "part": "1", "base": "somewhere"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Verify all sources" in html
    assert 'value="mine"' in html
    assert 'value="somewhere"' in html
    assert not Run.objects.exists()


def test_a_run_is_started_and_the_page_shows_it_beside_its_part(workshop: Workshop, sign_in: SignIn) -> None:
    version = plan_of(workshop, "search")
    page, planner = "/dashboard/start/desk/", sign_in(Role.PLANNER)
    assert 'value="desk-1"' in planner.get(page).content.decode()
    body = {"run_id": "desk-1", "part": "1", "project": workshop.project.project_id}
    for _ in range(2):
        answer = planner.post(page, body)
        assert answer.headers["Location"] == "/dashboard/runs/desk-1/"
    run = Run.objects.get()
    assert (run.plan_version, run.plan_run_number) == (version, 1)
    html = planner.get(page).content.decode()
    assert 'href="/dashboard/runs/desk-1/"' in html
    assert 'value="desk-2"' in html


@pytest.mark.parametrize("part", ["0", "9", "x", "9" * 5_000])
def test_what_is_no_part_of_the_plan_is_not_taken_for_another(
    workshop: Workshop, sign_in: SignIn, part: str
) -> None:
    plan_of(workshop, "search")
    body = {"run_id": "desk-1", "part": part, "project": workshop.project.project_id}
    answer = sign_in(Role.PLANNER).post("/dashboard/start/desk/", body)
    assert answer.status_code == 422
    assert "has no run" in answer.content.decode()
    assert not Run.objects.exists()


def test_what_the_page_has_shown_is_started_whatever_the_plan_has_become(
    workshop: Workshop, sign_in: SignIn
) -> None:
    seen = plan_of(workshop, "search")
    page, planner = "/dashboard/start/desk/", sign_in(Role.PLANNER)
    assert 'name="version" value="1"' in planner.get(page).content.decode()
    revise_plan(seen.plan, PlanChanges(title="Another desk"), actor=system_actor("test"))
    body = {"run_id": "desk-1", "part": "1", "project": workshop.project.project_id}
    assert planner.post(page, body | {"version": "x"}).status_code == 422
    assert planner.post(page, body | {"version": "1"}).status_code == 302
    assert Run.objects.get().plan_version == seen
    assert 'name="version" value="2"' in planner.get(page).content.decode()


def test_what_is_verified_since_stands_in_the_way_no_more(workshop: Workshop, sign_in: SignIn) -> None:
    plan_of(workshop, "login")
    page, planner = "/dashboard/start/desk/", sign_in(Role.PLANNER)
    html = planner.get(page).content.decode()
    assert "1 source has to be verified before a run can start" in html
    assert "1 blocked" in html
    verify(source_of("login"))
    for path in (page, "/dashboard/plans/desk/"):
        html = planner.get(path).content.decode()
        assert "Verify all sources" not in html
        assert "1 blocked" not in html
    assert "1 source has been verified since" in html


def test_open_questions_are_said_before_anything_is_filled_in(workshop: Workshop, sign_in: SignIn) -> None:
    plan_of(workshop, "search", stack="none-such")
    html = sign_in(Role.PLANNER).get("/dashboard/start/desk/").content.decode()
    assert "1 question wants an answer before a run can start" in html
    assert 'href="/dashboard/plans/desk/#questions-title"' in html


def test_a_plan_of_no_project_asks_for_one_where_there_are_several(
    workshop: Workshop, sign_in: SignIn
) -> None:
    version = plan_of(workshop, "search")
    version.plan.project = None
    version.plan.save()
    page, planner = "/dashboard/start/desk/", sign_in(Role.PLANNER)
    assert "<option selected>shop</option>" in planner.get(page).content.decode()
    make_project(project_id="blog")
    assert "Choose one" in planner.get(page).content.decode()
    Project.objects.update(is_active=False)
    assert "There is none yet" in planner.get(page).content.decode()


@pytest.mark.django_db
def test_a_plan_that_is_not_there_is_not_found(sign_in: SignIn) -> None:
    path = "/dashboard/start/none/"
    assert sign_in(Role.PLANNER).get(path, HTTP_ACCEPT="text/html").status_code == 404
