"""The same, but: what somebody sees before a plan is kept is what is kept."""

from typing import Any

import pytest
from django.test import Client

from autopack.actors import Role, system_actor
from catalog_app.briefing.types import Wish
from catalog_app.choices import ParameterType
from catalog_app.models import FeatureSource, Plan, TemplateVersion
from catalog_app.planning.request import Parameter, PlanRequest
from catalog_app.services.plans import create_plan
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import archive_template, create_template_from_plan
from tests.support.catalog_factories import (
    START,
    CatalogFactory,
    FeatureFactory,
    StackFactory,
    verified_source,
)
from tests.support.factories import ProjectFactory
from tests.support.pages import SignIn

PAGE = "/dashboard/templates/shop/use/"
# Any: fields of a form.
UNTOUCHED: dict[str, Any] = {"boxes": "1", "keep": ["login", "teams"], "value:company": "Acme"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(Role.PLANNER)


@pytest.fixture(autouse=True)
def version(db: None) -> TemplateVersion:
    """Kept from a plan on a catalog of three features, two of them in it."""
    catalog = CatalogFactory.create()
    for slug in ("login", "teams", "billing"):
        feature = FeatureFactory.create(slug=slug, title=slug.capitalize(), catalog=catalog)
        verified_source(feature=feature, repo__repo_id=f"{slug}-kit", repo__is_whitelisted=True)
    StackFactory.create(slug="web", catalog=catalog)
    request = PlanRequest(
        title="Shop",
        wishes=(Wish("login", "People sign in", slug="login"), Wish("teams", "Teams", slug="teams")),
        parameters=(Parameter("company", ParameterType.TEXT, "Acme"),),
    )
    plan = create_plan(request, catalog=catalog, actor=system_actor("test"))
    draft = TemplateDraft(template_id="shop")
    return create_template_from_plan(plan.version, draft, actor=system_actor("test")).version


def words(client: Client, form: dict[str, Any] | None = None, **headers: Any) -> str:
    """Any: fields of a form, headers as a client takes them."""
    response = client.post(PAGE, form, **headers) if form is not None else client.get(PAGE)
    return " ".join(response.content.decode().split())


def test_readers_see_that_it_needs_a_role(reader: Client) -> None:
    assert "needs the role planner" in words(reader)
    assert reader.post(PAGE, UNTOUCHED).status_code == 403


def test_what_cannot_be_planned_is_said_and_nothing_is_lost(planner: Client) -> None:
    form = UNTOUCHED | {"keep": [], "added": "", "title": "Kept <title>", "step": "save"}
    response = planner.post(PAGE, form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Say at least one feature" in html
    assert "Kept &lt;title&gt;" in html
    assert planner.post(PAGE, UNTOUCHED | {"plan_id": "no id", "step": "save"}).status_code == 422
    assert planner.post(PAGE, UNTOUCHED | {"project": "unknown", "step": "save"}).status_code == 422
    assert Plan.objects.count() == 1


def test_nothing_is_made_from_an_archived_template(planner: Client, version: TemplateVersion) -> None:
    archive_template(version.template, actor=system_actor("test"))
    assert "The template is archived" in words(planner)
    assert planner.post(PAGE, UNTOUCHED | {"step": "save"}).status_code == 422


def test_untouched_it_is_the_plan_of_the_template(planner: Client, version: TemplateVersion) -> None:
    html = words(planner)
    assert "it is the template's plan, byte for byte" in html
    assert "Nothing that concerns this template" in html
    twice = [planner.post(PAGE, UNTOUCHED | {"token": "x", "step": "save"}) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in twice}) == 1
    saved = planner.post(PAGE, UNTOUCHED | {"plan_id": "again", "step": "save"})
    assert saved.headers["Location"] == "/dashboard/plans/again/"
    made = Plan.objects.get(plan_id="again").versions.get()
    assert (made.document_text, made.template_version) == (version.document_text, version)


def test_the_preview_shows_the_difference_without_keeping_anything(planner: Client) -> None:
    form = UNTOUCHED | {"keep": ["login"], "added": "Billing\n"}
    html = words(planner, form, **HTMX)
    assert html.startswith('<div id="preview"')
    assert "byte for byte" not in html
    assert "Teams" in html
    assert "Billing" in html
    assert Plan.objects.count() == 1


def test_words_change_the_plan_and_what_they_leave_open_is_asked(planner: Client) -> None:
    html = words(planner, UNTOUCHED | {"words": "the same, but without teams"}, **HTMX)
    assert "byte for byte" not in html
    assert "Say more exactly" in words(planner, UNTOUCHED | {"words": "hello there"}, **HTMX)
    saved = planner.post(PAGE, UNTOUCHED | {"words": "without teams", "plan_id": "less", "step": "save"})
    assert saved.headers["Location"] == "/dashboard/plans/less/"
    asked = Plan.objects.get(plan_id="less").versions.get().request
    assert [wish["key"] for wish in asked["features"]] == ["login"]
    line = UNTOUCHED | {"added": "No teams\nshould: Billing", "plan_id": "line", "step": "save"}
    boxes = UNTOUCHED | {"keep": ["login"], "words": "drop teams", "plan_id": "both", "step": "save"}
    for form in (line, boxes):
        assert planner.post(PAGE, form).status_code == 302
        asked = Plan.objects.get(plan_id=form["plan_id"]).versions.get().request
        assert "teams" not in [wish["key"] for wish in asked["features"]]
        assert "vetoes" not in asked
    asked = Plan.objects.get(plan_id="line").versions.get().request
    assert [(wish["quote"], wish.get("strength")) for wish in asked["features"]][1:] == [
        ("Billing", "should")
    ]


def test_what_changed_in_the_catalog_since_is_listed(planner: Client) -> None:
    FeatureSource.objects.filter(feature__slug="login").update(retired_at=START)
    assert "Source gone" in words(planner)


def test_save_and_start_leads_to_the_start_of_a_run(planner: Client) -> None:
    ProjectFactory.create(project_id="shop")
    form = UNTOUCHED | {"title": "Second", "project": "shop", "value:company": "Zeta", "step": "start"}
    assert planner.post(PAGE, form).headers["Location"] == "/dashboard/start/second/"
    plan = Plan.objects.get(plan_id="second")
    assert plan.project is not None
    assert plan.versions.get().request["values"] == {"company": "Zeta"}
