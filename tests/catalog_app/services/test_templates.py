"""Templates that are kept: of plans and of what was asked for, edited, put away and taken out again."""

from typing import Any

import pytest

from autopack.actors import Actor, ActorKind, Role
from autopack.errors import AutopackError, Refused
from catalog_app.briefing.types import Wish
from catalog_app.choices import ParameterType, TemplateOrigin
from catalog_app.errors import InvalidPlanRequest, TemplateArchived, TemplateConflict, TemplateExists
from catalog_app.models import PlanTemplate, PlanVersion, TemplateVersion
from catalog_app.planning.request import Parameter, PlanRequest
from catalog_app.services.planning import request_of
from catalog_app.services.plans import create_plan
from catalog_app.services.recording import signature
from catalog_app.services.template_rows import KeptTemplate, TemplateDraft
from catalog_app.services.templates import (
    archive_template,
    create_template_from_content,
    create_template_from_plan,
    edit_template,
    restore_template,
)
from tests.support import catalog_factories as make
from tests.support.factories import ProjectFactory
from tests.support.plan_factories import RunOutcomeFactory

pytestmark = pytest.mark.django_db

ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))
GUEST = Actor(ActorKind.KEY, "key:1", "guest", frozenset({Role.PLANNER}), frozenset({"blog"}))
TEAM = Parameter("team", ParameterType.TEXT, "sales")


def plan(*wanted: str, title: str = "Shop", **options: Any) -> PlanVersion:
    request = PlanRequest(title=title, wishes=tuple(Wish(word, f"Has {word}") for word in wanted))
    return create_plan(request, catalog=make.CatalogFactory.create(), actor=ADA, **options).version


def keep(version: PlanVersion, *, actor: Actor = ADA, **said: Any) -> KeptTemplate:
    return create_template_from_plan(version, TemplateDraft(**said), actor=actor)


def keep_content(request: PlanRequest, **said: Any) -> KeptTemplate:
    catalog = make.CatalogFactory.create()
    return create_template_from_content(request, TemplateDraft(**said), catalog=catalog, actor=ADA)


def refused(kind: type[AutopackError], code: str, version: PlanVersion, **said: Any) -> AutopackError:
    with pytest.raises(kind) as caught:
        keep(version, **said)
    assert caught.value.problem_code == code
    return caught.value


def test_what_cannot_be_kept_is_refused() -> None:
    version = plan("login")
    refused(Refused, "invalid_template_id", version, template_id="../shop")
    error = refused(Refused, "invalid_template", version, title="x" * 201, tags=["y" * 61])
    assert [each["pointer"] for each in error.errors] == ["/title", "/tags"]
    with pytest.raises(InvalidPlanRequest):
        keep_content(PlanRequest(title="Nothing"))
    assert not PlanTemplate.objects.exists()


def test_an_id_belongs_to_what_it_was_made_of_and_to_those_who_see_it() -> None:
    shop = ProjectFactory.create(project_id="shop")
    version = plan("login", project=shop)
    keep(version, template_id="one")
    assert refused(TemplateExists, "template_exists", plan("teams"), template_id="one").extra["allowed"]
    hidden = refused(TemplateExists, "template_exists", version, template_id="one", actor=GUEST)
    assert hidden.extra["allowed"] == []


def test_a_template_holds_the_plan_byte_for_byte() -> None:
    shop = ProjectFactory.create(project_id="shop")
    version = plan("login", "teams", project=shop)

    kept = keep(version, description=" For shops. ", tags=["web", " web ", "a  b"], note="Good one.")

    template, own = kept.template, TemplateVersion.objects.get()
    assert (template.template_id, template.title, template.project) == ("shop", "Shop", shop)
    assert (template.description, template.tags, template.latest_version) == ("For shops.", ["web", "a b"], 1)
    assert (template.origin, template.origin_ref) == ("plan", version.plan.plan_id)
    assert (own.document_text, own.digest) == (version.document_text, version.digest)
    assert (own.request, own.request_digest) == (version.request, version.request_digest)
    assert (own.outline, own.note, own.created_by) == (version.outline, "Good one.", "ada (user:1)")


def test_the_same_plan_again_is_the_same_template_and_another_version_of_it_the_next() -> None:
    version = plan("login")
    first, again = keep(version), keep(version, title="Other words")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.version == first.version

    version.digest, version.document_text = "3" * 64, version.document_text + " "
    later = keep(version)
    assert (later.is_new, later.version.number, later.template) == (True, 2, first.template)
    assert keep(version, template_id="another").template.template_id == "another"
    assert [keep(plan("teams")).template.template_id for _ in range(2)] == ["shop-2", "shop-3"]


def test_a_run_that_a_template_was_made_of_counts_for_it() -> None:
    outcome = RunOutcomeFactory.create(run_id="run-1")
    kept = keep(plan("login"), origin=TemplateOrigin.RUN, origin_ref="run-1")
    outcome.refresh_from_db()
    assert outcome.template_version == kept.version
    assert keep(plan("login"), origin=TemplateOrigin.RUN, origin_ref="run-1").version == kept.version

    edited = edit_template(kept.template, parameters=[TEAM], actor=ADA)
    again = keep(plan("login"), origin=TemplateOrigin.RUN, origin_ref="run-1")
    assert (again.version, again.is_new) == (edited.version, False)


def test_edits_are_bound_to_what_was_seen_and_to_what_is_there() -> None:
    template = keep(plan("login")).template
    with pytest.raises(TemplateConflict) as caught:
        edit_template(template, title="New", seen_version=2, actor=ADA)
    assert caught.value.extra["version"] == 1
    with pytest.raises(InvalidPlanRequest) as wrong:
        edit_template(template, parameters=[Parameter("n", ParameterType.NUMBER, "x")], actor=ADA)
    assert [error["pointer"] for error in wrong.value.errors] == ["/parameters/0/default"]
    archive_template(template, actor=ADA)
    with pytest.raises(TemplateArchived):
        edit_template(template, title="New", actor=ADA)
    template.refresh_from_db()
    assert (template.title, template.latest_version) == ("Shop", 1)


def test_every_edit_is_a_version_that_says_what_was_there() -> None:
    template = keep(plan("login"), tags=["web"]).template

    assert not edit_template(template, title="Shop", tags=["web"], actor=ADA).is_new
    renamed = edit_template(template, title="Store", tags=[], note="Said so.", seen_version=1, actor=ADA)

    assert (renamed.template.title, renamed.template.tags, renamed.version.number) == ("Store", [], 2)
    assert renamed.version.note == "Said so.\nTitle before: Shop\nTags before: web"
    assert renamed.version.digest == TemplateVersion.objects.get(number=1).digest


def test_an_edit_that_is_sent_again_is_the_version_that_it_made() -> None:
    template = keep(plan("login")).template
    first = edit_template(template, title="Store", parameters=[TEAM], seen_version=1, actor=ADA)

    again = edit_template(template, title="Store", parameters=[TEAM], seen_version=1, actor=ADA)

    assert (first.version.number, again.is_new, again.version) == (2, False, first.version)
    for said in ({"title": "Other", "actor": ADA}, {"title": "Store", "actor": GUEST}):
        with pytest.raises(TemplateConflict):
            edit_template(template, seen_version=1, **said)  # type: ignore[arg-type]  # as it came


def test_other_parameters_are_planned_anew() -> None:
    request = PlanRequest(
        title="Shop",
        wishes=(Wish("login", "Login for {{team}}"),),
        parameters=(TEAM,),
        values={"team": "support"},
    )
    template = keep_content(request).template
    assert template.origin == TemplateOrigin.PLAN

    number = Parameter("team", ParameterType.NUMBER, 7)
    kept = edit_template(template, parameters=[number], actor=ADA)

    changed = request_of(kept.version)
    assert (changed.parameters, changed.values) == ((number,), {})
    assert kept.version.document["parameters"] == {"team": 7}
    assert kept.version.document["features"][0]["quotes"] == ["Login for 7"]


def test_a_template_is_put_away_and_taken_out_again() -> None:
    version = plan("login")
    template = archive_template(keep(version).template, actor=ADA)
    assert template.archived_at is not None
    assert archive_template(template, actor=ADA).archived_at == template.archived_at
    refused(TemplateArchived, "template_archived", version, template_id="shop")
    assert keep(version).template.template_id == "shop-2"
    assert restore_template(template, actor=ADA).archived_at is None
    assert [each.is_archived for each in template.archive_events.all()] == [False, True]
    assert template.archive_events.latest("id").created_by == signature(ADA)
