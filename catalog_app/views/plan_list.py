"""The list of plans."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.presentation.plans import describe_plan_rows
from catalog_app.selectors import plan_pages
from catalog_app.selectors.outlines import read_plan_outlines
from catalog_app.selectors.plans import PlanFilter
from catalog_app.views.parameters import read_text


@dashboard_page()
def plan_list(request: PageRequest, actor: Actor) -> HttpResponse:
    chosen = _read_filter(request)
    page = plan_pages.list_plans_page(actor, chosen, number=read_number(request, "page") or 1)
    context = {
        "chosen": chosen,
        "is_narrow": bool(chosen.words or chosen.project_type or chosen.project_id),
        "page": page,
        "rows": describe_plan_rows(page.items, read_plan_outlines(page.items)),
        "project_types": plan_pages.list_project_types(actor),
        "projects": project_selectors.list_projects(actor).only("project_id"),
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render(request, "catalog_app/plan_list.html", context)


def _read_filter(request: HttpRequest) -> PlanFilter:
    return PlanFilter(
        words=read_text(request, "q"),
        project_type=read_text(request, "type"),
        project_id=read_text(request, "project"),
        is_archived=request.GET.get("archived") == "1",
    )
