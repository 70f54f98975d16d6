"""What planners do to a template: say something else of it, put it away, take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.numbers import parse_count
from autopack.pages import PageRequest, dashboard_page
from catalog_app.choices import ParameterType
from catalog_app.presentation.refusals import tell_refusal
from catalog_app.selectors import templates
from catalog_app.services.planning import request_of
from catalog_app.services.templates import archive_template, edit_template, restore_template
from catalog_app.views.template_edit_form import parameters_of, present_template, read_edit_form


@dashboard_page(*PLANNERS)
def template_edit(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    template = templates.get_template(actor, template_id)
    asked = request_of(templates.get_template_version(template))
    is_sent = request.method == "POST"
    form = read_edit_form(request.POST) if is_sent else present_template(template, asked.parameters)
    context = {
        "template": template,
        "entered": form,
        "types": list(ParameterType),
        "may_plan": actor.has_role(*PLANNERS),
    }
    if not is_sent or form.has_problem:
        return render(request, "catalog_app/library/edit.html", context, status=422 if is_sent else 200)
    try:
        kept = edit_template(
            template,
            title=form.title,
            description=form.description,
            tags=form.tags.split(","),
            parameters=parameters_of(form, asked.parameters),
            seen_version=parse_count(form.version),
            note=form.note,
            actor=actor,
        )
    except AutopackError as error:
        context["refusal"] = tell_refusal(error)
        return render(request, "catalog_app/library/edit.html", context, status=422)
    messages.success(request, f"Version {kept.version.number}." if kept.is_new else "Nothing was different.")
    return redirect("templates:template", template_id=template.template_id)


@dashboard_page(*PLANNERS)
def template_archive(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    template = templates.get_template(actor, template_id)
    if request.method != "POST":
        context = {"template": template, "may_plan": actor.has_role(*PLANNERS)}
        return render(request, "catalog_app/library/archive.html", context)
    archive_template(template, actor=actor)
    messages.success(request, "The template is archived.")
    return redirect("templates:template", template_id=template.template_id)


@dashboard_page(*PLANNERS)
def template_restore(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    template = templates.get_template(actor, template_id)
    if request.method == "POST":
        restore_template(template, actor=actor)
        messages.success(request, "The template is offered again.")
    return redirect("templates:template", template_id=template.template_id)
