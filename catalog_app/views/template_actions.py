"""What planners do to a template: say something else of it, put it away, take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.pages import PageRequest, dashboard_page
from catalog_app.models import PlanTemplate
from catalog_app.selectors import templates
from catalog_app.services.templates import archive_template, edit_template, restore_template

MOST_CHARACTERS = 20_000


@dashboard_page(*PLANNERS)
def template_edit(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    template = templates.get_template(actor, template_id)
    entered = _read_edit(request) if request.method == "POST" else _present(template)
    context = {"template": template, "entered": entered, "may_plan": actor.has_role(*PLANNERS)}
    if request.method != "POST":
        return render(request, "catalog_app/library/edit.html", context)
    try:
        kept = edit_template(
            template,
            title=entered["title"],
            description=entered["description"],
            tags=entered["tags"].split(","),
            seen_version=int(entered["version"]) if entered["version"].isdecimal() else None,
            note=entered["note"],
            actor=actor,
        )
    except AutopackError as error:
        context["refusal"] = _tell(error)
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


def _present(template: PlanTemplate) -> dict[str, str]:
    return {
        "title": template.title,
        "description": template.description,
        "tags": ", ".join(template.tags),
        "version": str(template.latest_version),
        "note": "",
    }


def _read_edit(request: PageRequest) -> dict[str, str]:
    names = ("title", "description", "tags", "version", "note")
    return {name: request.POST.get(name, "").replace("\0", "")[:MOST_CHARACTERS] for name in names}


def _tell(error: AutopackError) -> str:
    """The refusal with every detail that it has."""
    details = [str(each["detail"]) for each in error.errors]
    return "\n".join(dict.fromkeys([error.detail, *details]))
