"""The template library."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from autopack.actors import PLANNERS, Actor
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.presentation.template_library import describe_templates
from catalog_app.selectors import templates
from catalog_app.selectors.outlines import read_template_outlines
from catalog_app.selectors.templates import TemplateFilter, TemplateOrder
from catalog_app.views.parameters import read_choice, read_text


@dashboard_page()
def template_list(request: PageRequest, actor: Actor) -> HttpResponse:
    chosen = _read_filter(request)
    page = templates.list_templates_page(actor, chosen, number=read_number(request, "page") or 1)
    context = {
        "chosen": chosen,
        "choices": templates.read_template_choices(actor),
        "orders": list(TemplateOrder),
        "page": page,
        "rows": describe_templates(
            page.items,
            outlines=read_template_outlines(page.items),
            statistics=templates.read_template_statistics(actor, page.items),
        ),
        "archived_switch": None if chosen.is_archived else "1",
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render(request, "catalog_app/library/list.html", context)


def _read_filter(request: HttpRequest) -> TemplateFilter:
    return TemplateFilter(
        text=read_text(request, "q"),
        project_type=read_text(request, "project_type"),
        stack=read_text(request, "stack"),
        tag=read_text(request, "tag"),
        is_archived=request.GET.get("archived") == "1",
        order=read_choice(request, "sort", TemplateOrder) or TemplateOrder.RECENT,
    )
