"""One template, and two side by side."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import PLANNERS, Actor
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.models import PlanTemplate
from catalog_app.planning.document import read_document
from catalog_app.planning.markdown import write_markdown
from catalog_app.presentation import template_library as shown
from catalog_app.presentation.commands import list_template_commands
from catalog_app.presentation.comparing import compare_plans, summarise
from catalog_app.presentation.plans import count_figures, describe_runs, list_features
from catalog_app.selectors import templates
from catalog_app.selectors.templates import TemplateFilter, TemplateOrder
from catalog_app.services.planning import request_of
from catalog_app.views.parameters import read_text

MOST_FEATURES, MOST_RUNS = 200, 8
"""That the page shows; `plan.md` has all of them."""
MOST_OTHERS = 200
"""Templates that one can be compared with from its page."""


@dashboard_page()
def template_detail(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    template = templates.get_template(actor, template_id)
    version = templates.get_template_version(template, read_number(request, "version"))
    plan = read_document(version.document_text)
    asked = request_of(version)
    statistics = templates.read_template_statistics(actor, [template])[template.pk]
    others = templates.list_templates(actor, TemplateFilter(order=TemplateOrder.TITLE))
    context = {
        "template": template,
        "version": version,
        "origin": shown.tell_origin(template),
        "archive_events": template.archive_events.all()[:MOST_OTHERS],
        "versions": list(templates.list_template_versions(template)),
        "plan": plan,
        "figures": count_figures(plan),
        "features": list_features(plan)[:MOST_FEATURES],
        "runs": describe_runs(plan)[:MOST_RUNS],
        "parameters": shown.describe_parameters(asked.parameters),
        "statistics": statistics,
        "success": shown.describe_success(statistics),
        "failures": shown.describe_failures(statistics.failures),
        "others": others.exclude(pk=template.pk)[:MOST_OTHERS],
        "commands": list_template_commands(template, base_url=request.build_absolute_uri("/")),
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render(request, "catalog_app/library/template.html", context)


@dashboard_page()
def template_markdown(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    """The `plan.md` of a version as a file."""
    template = templates.get_template(actor, template_id)
    version = templates.get_template_version(template, read_number(request, "version"))
    headers = {"Content-Disposition": f'attachment; filename="{template.template_id}-v{version.number}.md"'}
    text = write_markdown(version.document)
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)


@dashboard_page()
def template_compare(request: PageRequest, actor: Actor) -> HttpResponse:
    both: list[PlanTemplate] = [
        templates.get_template(actor, read_text(request, name)) for name in ("first", "second")
    ]
    first, second = (
        read_document(templates.get_template_version(template).document_text) for template in both
    )
    statistics = templates.read_template_statistics(actor, both)
    outcomes = shown.compare_outcomes([statistics[template.pk] for template in both])
    groups = compare_plans((first, second), outcomes=outcomes)
    context = {"sides": both, "groups": groups, "summary": summarise(groups)}
    return render(request, "catalog_app/library/compare.html", context)
