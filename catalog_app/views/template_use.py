"""The same, but: a plan from a template. The form shows what it would come to; nothing is kept before it is
saved."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.choices import PlanMode
from catalog_app.models import FeatureCatalog, TemplateVersion
from catalog_app.planning.diff import describe, diff_documents
from catalog_app.planning.document import read_document
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.types import PlanDocument
from catalog_app.presentation.plans import count_figures, list_features
from catalog_app.selectors import catalogs, stacks, templates
from catalog_app.services.instantiating import plan_from_template, preview_instance
from catalog_app.services.planning import request_of
from catalog_app.services.templates import catalog_of
from catalog_app.views.template_form import (
    TemplateForm,
    changes_of,
    describe_fields,
    read_template_form,
    start_template_form,
)

SAVING = {"save": "plans:plan", "start": "runs:plan-start"}
"""What to do with the new plan, and the page that leads to."""
MOST_SHOWN = 200
"""Features that the preview lists."""


@dashboard_page(*PLANNERS)
def template_use(request: PageRequest, actor: Actor, template_id: str) -> HttpResponseBase:
    template = templates.get_template(actor, template_id)
    version = templates.get_template_version(template, read_number(request, "version"))
    asked = request_of(version)
    if request.method != "POST":
        return _show(request, actor, version, asked, start_template_form(asked))
    form = read_template_form(request.POST, asked)
    if form.step not in SAVING or any(field.problem for field in describe_fields(form, asked)):
        return _show(request, actor, version, asked, form)
    try:
        saved = plan_from_template(
            version,
            changes_of(form, asked),
            plan_id=form.plan_id,
            form_token=form.token,
            catalog=_find_catalog(version, form),
            project=project_selectors.get_project(actor, form.project) if form.project else None,
            actor=actor,
        )
    except AutopackError as error:
        return _show(request, actor, version, asked, form, refusal=error)
    messages.success(request, f"The plan {saved.plan.title} is saved.")
    return redirect(SAVING[form.step], saved.plan.plan_id)


def _find_catalog(version: TemplateVersion, form: TemplateForm) -> FeatureCatalog:
    return catalogs.get_catalog(form.catalog) if form.catalog else catalog_of(version)


def _show(
    request: PageRequest,
    actor: Actor,
    version: TemplateVersion,
    asked: PlanRequest,
    form: TemplateForm,
    *,
    refusal: AutopackError | None = None,
) -> HttpResponse:
    before = read_document(version.document_text)
    catalog = _find_catalog(version, form)
    fields = describe_fields(form, asked)
    context: dict[str, Any] = {  # of a template
        "template": version.template,
        "version": version,
        "plan": before,
        "form": form,
        "fields": fields,
        "field_problems": [field for field in fields if field.problem],
        "wishes": _title_wishes(asked, before),
        "catalog": catalog,
        "refusal": refusal,
        "may_plan": actor.has_role(*PLANNERS),
        **_preview(actor, version, asked, form, catalog),
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "catalog_app/library/use_preview.html", context)
    context |= {
        "catalogs": catalogs.list_catalogs(),
        "modes": list(PlanMode),
        "projects": project_selectors.list_projects(actor).active().only("project_id"),
        "stacks": list(stacks.list_stacks(catalog, is_retired=False)),
    }
    is_refused = refusal is not None or (form.step in SAVING and bool(context["field_problems"]))
    return render(request, "catalog_app/library/use.html", context, status=422 if is_refused else 200)


def _preview(
    actor: Actor, version: TemplateVersion, asked: PlanRequest, form: TemplateForm, catalog: FeatureCatalog
) -> dict[str, Any]:
    """What would be planned, or why nothing can. Any: a template's context."""
    try:
        project = project_selectors.get_project(actor, form.project) if form.project else None
        instance = preview_instance(version, changes_of(form, asked), catalog=catalog, project=project)
    except AutopackError as error:
        return {"preview_refusal": error}
    plan = instance.drafted.plan
    return {
        "instance": instance,
        "differences": describe(diff_documents(instance.before, plan)),
        "figures": count_figures(plan),
        "features": list_features(plan)[:MOST_SHOWN],
    }


def _title_wishes(asked: PlanRequest, plan: PlanDocument) -> list[tuple[str, str]]:
    """What was asked for, as key and the title that it was planned under."""
    titles = {feature.key: feature.title for feature in plan.features}
    return [(wish.key, titles.get(wish.key) or wish.quote) for wish in asked.wishes]
