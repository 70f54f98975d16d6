"""Templates: who sees which, in what order, and what their runs have shown, at a constant cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopack.actors import Actor, ActorKind, Role, system_actor
from autopack.errors import Refused
from catalog_app.errors import TemplateNotFound
from catalog_app.models import PlanTemplate
from catalog_app.selectors import templates
from catalog_app.selectors.outlines import read_template_outlines
from catalog_app.selectors.templates import FailureCount, TemplateFilter, TemplateOrder, TemplateStatistics
from tests.support.catalog_factories import START
from tests.support.factories import ProjectFactory
from tests.support.plan_factories import (
    PlanVersionFactory,
    RunOutcomeFactory,
    TemplateFactory,
    TemplateVersionFactory,
)

pytestmark = pytest.mark.django_db
ANYBODY = system_actor("test")


def ids(wanted: TemplateFilter) -> list[str]:
    return [template.template_id for template in templates.list_templates(ANYBODY, wanted)]


@pytest.fixture
def library(db: None) -> dict[str, PlanTemplate]:
    """`chat` ran three times and failed once, `admin` never ran, `shop` failed once; `old` is archived."""
    made = {
        "chat": TemplateFactory.create(
            template_id="chat",
            title="Chatbot",
            description="Answers from documents",
            project_type="rag_app",
            stack="django-htmx",
            tags=["ai", "billing"],
        ),
        "admin": TemplateFactory.create(template_id="admin", title="admin tool", project_type="internal"),
        "shop": TemplateFactory.create(template_id="shop", title="Shop", tags=["billing"]),
        "old": TemplateFactory.create(template_id="old", title="Old", archived_at=START),
    }
    for day, template in enumerate(made.values()):
        TemplateVersionFactory.create(
            template=template, outline={"features": day}, created_at=START - timedelta(days=day)
        )
        template.latest_version = 1
        template.save()
    newer = TemplateVersionFactory.create(
        template=made["shop"], number=2, outline={"features": 9}, created_at=START + timedelta(days=9)
    )
    made["shop"].latest_version = 2
    made["shop"].save()
    first = made["chat"].versions.get()
    for minutes, tokens in ((10, 100), (20, 300), (60, 200)):
        RunOutcomeFactory.create(
            template_version=first, duration_seconds=minutes * 60, tokens=tokens, ci_runs=4
        )
    failure = {
        "is_success": False,
        "failed_phase": "p1",
        "failed_category": "tests",
        "failure_code": "ci_red",
    }
    RunOutcomeFactory.create(template_version=first, duration_seconds=0, tokens=0, ci_runs=0, **failure)
    RunOutcomeFactory.create(template_version=newer, **failure)
    RunOutcomeFactory.create(**failure)
    return made


def test_what_is_not_there_or_not_to_be_seen_is_not_found() -> None:
    TemplateVersionFactory.create(template__template_id="ours", template__project=ProjectFactory.create())
    stranger = Actor(ActorKind.KEY, "key:1", "cursor", frozenset({Role.PLANNER}), frozenset({"other"}))
    for actor, name in ((stranger, "ours"), (ANYBODY, "theirs")):
        with pytest.raises(TemplateNotFound):
            templates.get_template(actor, name)
    ours = templates.get_template(ANYBODY, "ours")
    with pytest.raises(TemplateNotFound):
        templates.get_template_version(ours, 2)
    assert list(templates.list_templates(stranger)) == []


@pytest.mark.usefixtures("library")
def test_filters_narrow_and_orders_arrange() -> None:
    assert ids(TemplateFilter()) == ["shop", "chat", "admin"]
    assert ids(TemplateFilter(order=TemplateOrder.TITLE)) == ["admin", "chat", "shop"]
    assert ids(TemplateFilter(order=TemplateOrder.SUCCESS)) == ["chat", "admin", "shop"]
    assert ids(TemplateFilter(is_archived=True)) == ["old"]
    assert ids(TemplateFilter(text="bill DOCU")) == ["chat"]
    assert ids(TemplateFilter(text="%")) == []
    assert ids(TemplateFilter(tag="billing")) == ["shop", "chat"]
    assert ids(TemplateFilter(project_type="rag_app", stack="django-htmx")) == ["chat"]
    choices = templates.read_template_choices(ANYBODY)
    assert (choices.project_types, choices.stacks, choices.tags) == (
        ["internal", "rag_app"],
        ["django-htmx"],
        ["ai", "billing"],
    )


def test_statistics_come_from_ended_runs_of_any_version(library: dict[str, PlanTemplate]) -> None:
    found = templates.read_template_statistics(ANYBODY, library.values())
    chat = found[library["chat"].pk]
    assert (chat.runs, chat.succeeded, chat.success_rate) == (4, 3, 0.75)
    assert (chat.median_duration_seconds, chat.median_tokens, chat.median_ci_runs) == (900, 150, 4)
    assert list(chat.failures) == [FailureCount("p1", "tests", "ci_red", 1)]
    assert found[library["shop"].pk].success_rate == 0
    assert found[library["admin"].pk] == TemplateStatistics()
    assert found[library["admin"].pk].success_rate is None


def test_where_the_runs_of_others_failed_is_not_said(library: dict[str, PlanTemplate]) -> None:
    theirs = PlanVersionFactory.create(plan__project=ProjectFactory.create(project_id="theirs"))
    RunOutcomeFactory.create(
        template_version=library["shop"].versions.get(number=2),
        plan_version=theirs,
        is_success=False,
        failed_phase="build-secret-thing",
    )
    stranger = Actor(ActorKind.KEY, "key:1", "cursor", frozenset({Role.PLANNER}), frozenset({"other"}))
    for actor, phases in ((stranger, {"p1"}), (ANYBODY, {"p1", "build-secret-thing"})):
        found = templates.read_template_statistics(actor, [library["shop"]])[library["shop"].pk]
        assert found.runs == 2
        assert {failure.phase_id for failure in found.failures} == phases


def test_the_library_is_read_whole_in_two_queries_as_far_as_that_goes(
    library: dict[str, PlanTemplate], monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = templates.read_library(ANYBODY)
        names = [(version.template.template_id, version.number) for version in found]
    assert sorted(names) == [("admin", 1), ("chat", 1), ("shop", 2)]
    assert len(queries) == 2
    assert [version.template for version in templates.read_library(ANYBODY, ("old",))] == [library["old"]]
    with pytest.raises(TemplateNotFound, match="'new'"):
        templates.read_library(ANYBODY, ("old", "new"))
    monkeypatch.setattr(templates, "MOST_READ", 2)
    with pytest.raises(Refused, match="more than 2 templates"):
        templates.read_library(ANYBODY)


def test_a_page_costs_the_same_however_many_there_are(library: dict[str, PlanTemplate]) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = templates.list_templates_page(ANYBODY, TemplateFilter(), number=1)
        outlines = read_template_outlines(page.items)
        templates.read_template_statistics(ANYBODY, page.items)
    assert page.total == 3
    assert outlines[library["shop"].pk] == {"features": 9}
    assert len(queries) == 5


def test_versions_say_how_many_plans_were_made_from_them(library: dict[str, PlanTemplate]) -> None:
    first = library["shop"].versions.get(number=1)
    made = PlanVersionFactory.create(template_version=first)
    PlanVersionFactory.create(plan=made.plan, number=2, template_version=first)
    listed = templates.list_template_versions(library["shop"])
    assert [(version.number, version.plan_count) for version in listed] == [(2, 0), (1, 1)]  # type: ignore[attr-defined]  # annotated
    assert templates.get_template_version(library["shop"]).number == 2
