"""One plan: what was decided, its phases, `plan.md`, its versions."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import PLANNERS, Actor
from autopack.choices import Choice
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.models import PlanVersion
from catalog_app.planning.document import read_document
from catalog_app.planning.markdown import write_markdown
from catalog_app.planning.types import PlanDocument
from catalog_app.presentation.commands import list_plan_commands
from catalog_app.presentation.markdown_text import render_markdown
from catalog_app.presentation.plans import (
    count_figures,
    describe_questions,
    describe_runs,
    list_blocked,
    list_excluded,
    list_features,
)
from catalog_app.presentation.stretches import cut
from catalog_app.presentation.verifying import count_verifying, describe_verifying
from catalog_app.selectors import plans
from catalog_app.views.parameters import read_choice

FEATURES_OF_PAGE = 100
RUNS_OF_PAGE = 4
MOST_SHOWN = 100
MOST_SHOWN_CHARACTERS = 500_000
"""A longer `plan.md` is only for download."""


class PlanPart(Choice):
    """What of a plan its page shows."""

    DECISIONS = "decisions"
    PHASES = "phases"
    TEXT = "text"


@dashboard_page()
def plan_detail(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponse:
    plan = plans.get_plan(actor, plan_id)
    version = plans.get_plan_version(plan, read_number(request, "version"))
    document = read_document(version.document_text)
    part = read_choice(request, "show", PlanPart) or PlanPart.DECISIONS
    blocked = list_blocked(document)
    sources = plans.list_planned_sources(plan.catalog, version.document) if blocked else ()
    context = {
        "plan": plan,
        "version": version,
        "is_latest": version.number == plan.latest_version,
        "document": document,
        "figures": count_figures(document),
        "part": part.value,
        "blocked": blocked,
        "verifying": count_verifying(describe_verifying(sources)),
        "commands": list_plan_commands(plan, base_url=request.build_absolute_uri("/")),
        "archive_events": plan.archive_events.all()[:MOST_SHOWN],
        "may_plan": actor.has_role(*PLANNERS),
    }
    number = read_number(request, "page") or 1
    return render(request, "catalog_app/plan.html", context | _describe_part(part, version, document, number))


def _describe_part(
    part: PlanPart, version: PlanVersion, document: PlanDocument, number: int
) -> dict[str, object]:
    if part is PlanPart.PHASES:
        return {"page": cut(describe_runs(document), number=number, size=RUNS_OF_PAGE)}
    if part is PlanPart.TEXT:
        text = write_markdown(version.document)
        return {"text": render_markdown(text) if len(text) <= MOST_SHOWN_CHARACTERS else ""}
    excluded = list_excluded(document)
    return {
        "page": cut(list_features(document), number=number, size=FEATURES_OF_PAGE),
        "excluded": excluded[:MOST_SHOWN],
        "excluded_count": len(excluded),
        "leftovers": document.leftovers[:MOST_SHOWN],
        "warnings": document.warnings[:MOST_SHOWN],
        "questions": describe_questions(document)[:MOST_SHOWN],
    }


@dashboard_page()
def plan_markdown(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponse:
    """`plan.md` as a file."""
    plan = plans.get_plan(actor, plan_id)
    version = plans.get_plan_version(plan, read_number(request, "version"))
    text = write_markdown(version.document)
    headers = {"Content-Disposition": f'attachment; filename="{plan.plan_id}-v{version.number}.md"'}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
