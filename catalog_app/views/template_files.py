"""Templates as files: brought in by a browser, and taken out."""

from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError, Refused
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.interchange.files import WrittenFile
from catalog_app.models import FeatureCatalog, TemplateVersion
from catalog_app.presentation.archives import pack, unpack
from catalog_app.selectors import catalogs, templates
from catalog_app.services.template_files import TemplateImport, export_templates, import_templates

PASTED = "pasted.yaml"
SUFFIXES = (".yaml", ".yml", ".md")
MOST_SAID = 20
"""Warnings that are shown one by one."""


@dashboard_page(*PLANNERS)
def template_import(request: PageRequest, actor: Actor) -> HttpResponse:
    known = catalogs.list_catalogs()
    context: dict[str, Any] = {  # of a template
        "catalogs": known,
        "chosen": request.POST.get("catalog", ""),
        "pasted": request.POST.get("pasted", ""),
        "may_plan": actor.has_role(*PLANNERS),
    }
    if request.method != "POST":
        return render(request, "catalog_app/library/import.html", context)
    try:
        done = import_templates(_read_files(request), catalog=_choose(known, context["chosen"]), actor=actor)
    except AutopackError as error:
        context["problems"] = error.errors or [{"detail": error.detail}]
        return render(request, "catalog_app/library/import.html", context, status=422)
    _say(request, done)
    if len(done.templates) == 1:
        return redirect("templates:template", template_id=done.templates[0].version.template.template_id)
    return redirect("templates:template-list")


@dashboard_page()
def template_export(request: PageRequest, actor: Actor, template_id: str) -> HttpResponse:
    """One version as a ZIP of its two files."""
    template = templates.get_template(actor, template_id)
    version = templates.get_template_version(template, read_number(request, "version"))
    return _send([version], f"{template.template_id}-v{version.number}.zip")


@dashboard_page()
def library_export(request: PageRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """The latest version of every template that is not archived."""
    return _send(templates.read_library(actor), "templates.zip")


def _send(versions: list[TemplateVersion], name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pack(export_templates(versions)), content_type="application/zip", headers=headers)


def _choose(known: list[FeatureCatalog], slug: str) -> FeatureCatalog:
    """The chosen catalog, else the first. Raises Refused (`no_catalog`)."""
    if not known:
        raise Refused("There is no catalog to plan on yet. Load one first.", code="no_catalog")
    return next((catalog for catalog in known if catalog.slug == slug), known[0])


def _read_files(request: PageRequest) -> list[WrittenFile]:
    """What was uploaded and pasted, each under a name of its own: browsers send no folders."""
    found: list[WrittenFile] = []
    for upload in request.FILES.getlist("files"):
        name, content = str(upload.name), upload.read()
        is_archive = PurePosixPath(name).suffix.lower() == ".zip"
        found += unpack(name, content, suffixes=SUFFIXES) if is_archive else [(name, content)]
    pasted = request.POST.get("pasted", "")
    if pasted.strip():
        found.append((PASTED, pasted.encode()))
    if not found:
        raise Refused("Choose a file, or paste what one would hold.", code="nothing_given")
    taken: set[str] = set()
    return [(_name_apart(name, taken), content) for name, content in found]


def _name_apart(name: str, taken: set[str]) -> str:
    number, wanted = 1, name
    while wanted in taken:
        number += 1
        wanted = f"{number}/{name}"
    taken.add(wanted)
    return wanted


def _say(request: PageRequest, done: TemplateImport) -> None:
    counts: dict[str, int] = {}
    for each in done.templates:
        counts[each.action.value] = counts.get(each.action.value, 0) + 1
    said = ", ".join(f"{count} {action}" for action, count in counts.items())
    messages.success(request, f"Imported: {said}.")
    for warning in done.warnings[:MOST_SAID]:
        messages.warning(request, str(warning))
