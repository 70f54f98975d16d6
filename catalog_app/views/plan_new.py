"""Putting a plan together: a new one, or the next version of one. The page posts all of itself each time and
gets back what it would come to; nothing is kept before it is saved."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.models import Project
from autopack.numbers import parse_count
from autopack.pages import PageRequest, dashboard_page
from catalog_app.models import FeatureCatalog, Plan, PlanVersion
from catalog_app.planning import worksheets
from catalog_app.planning.diff import describe, diff_documents
from catalog_app.planning.document import read_document
from catalog_app.planning.types import PlanDocument
from catalog_app.planning.wording import shorten
from catalog_app.planning.worksheets import Worksheet
from catalog_app.selectors import catalogs, plans
from catalog_app.services.planning import request_of
from catalog_app.services.plans import Saved, create_plan, revise_plan
from catalog_app.views.plan_board import describe_board
from catalog_app.views.plan_form import MOST_LINE, MOST_TITLE, PlanForm, read_form
from catalog_app.views.plan_words import take_line, take_text

SAVING = {"save": "plans:plan", "start": "runs:plan-start", "template": "plans:plan-template"}
"""What to do with a new plan, and the page that leads to."""
WHOLE = {"read", "save", "start", "template"}
"""Steps after which fields outside of the list may have changed."""


@dashboard_page(*PLANNERS)
def plan_new(request: PageRequest, actor: Actor) -> HttpResponseBase:
    """With `?from=`, it starts from what another plan was asked to be."""
    known = catalogs.list_catalogs()
    if not known:
        return render(request, "catalog_app/no_catalog.html")
    is_sent = request.method == "POST"
    form = read_form(request.POST) if is_sent else _start(actor, request.GET.get("from", ""))
    catalog = next((catalog for catalog in known if catalog.slug == form.catalog), known[0])
    project = _find_project(actor, form.project)
    form = take_step(form, catalog=catalog, project=project)
    problems = Problems()
    if form.step in SAVING:
        problems = _check(form)
        if not problems.is_any:
            try:
                saved = create_plan(
                    form.sheet.wanted,
                    catalog=catalog,
                    project=project,
                    form_token=form.token,
                    actor=actor,
                )
            except AutopackError as error:
                problems = Problems(refusal=error)
            else:
                messages.success(request, f"The plan {saved.plan.title} is saved.")
                return _go_to(request, resolve_url(SAVING[form.step], saved.plan.plan_id))
    context = describe_board(form, catalog=catalog, project=project) | {
        "catalogs": known,
        "projects": project_selectors.list_projects(actor).active().only("project_id"),
    }
    return _show(request, actor, context, problems)


@dashboard_page(*PLANNERS)
def plan_revise(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponseBase:
    """The next version of a plan, put together from the latest."""
    plan = plans.get_plan(actor, plan_id)
    version = plans.get_plan_version(plan)
    asked = request_of(version)
    problems = Problems()
    if request.method == "POST":
        form = take_step(read_form(request.POST), catalog=plan.catalog, project=plan.project)
    else:
        form = PlanForm(sheet=Worksheet(asked), version=version.number)
    if form.step == "save":
        problems = _check(form, known_constraints=asked.constraints)
        if not problems.is_any:
            try:
                saved = _revise(plan, form, actor)
            except AutopackError as error:
                problems = Problems(refusal=error)
            else:
                words = (
                    f"Version {saved.version.number} is saved." if saved.is_new else "Nothing has changed."
                )
                messages.success(request, words)
                return _go_to(request, resolve_url("plans:plan", plan.plan_id))
    context = describe_board(form, catalog=plan.catalog, project=plan.project)
    return _show(
        request, actor, context | {"plan": plan} | _say_changes(version, context["document"]), problems
    )


def _revise(plan: Plan, form: PlanForm, actor: Actor) -> Saved:
    """What was changed on the page, of the version that it was begun with."""
    begun = request_of(plans.get_plan_version(plan, form.version or None))
    changes = worksheets.find_changes(begun, form.sheet.wanted)
    return revise_plan(plan, changes, seen_version=form.version or None, note=form.note, actor=actor)


def _say_changes(version: PlanVersion, document: PlanDocument | None) -> dict[str, object]:
    if document is None:
        return {}
    return {"changes": describe(diff_documents(read_document(version.document_text), document))}


@dataclass(frozen=True, slots=True)
class Problems:
    """Why it was not saved. What is unclear is said where it was typed."""

    title: str = ""
    constraints: str = ""
    is_unclear: bool = False
    refusal: AutopackError | None = None

    @property
    def is_any(self) -> bool:
        return bool(self.title or self.constraints or self.is_unclear or self.refusal)


def _check(form: PlanForm, *, known_constraints: Collection[str] = ()) -> Problems:
    title = "" if form.request.title else "Say what the plan is called."
    long = form.find_too_long(known_constraints)
    constraints = ""
    if long:
        has = f"“{shorten(long, 60)}” has {len(long):,} characters"
        constraints = f"{has}; a line takes {MOST_LINE:,}. Put it on several lines."
    return Problems(title=title, constraints=constraints, is_unclear=bool(form.unclear))


def take_step(form: PlanForm, *, catalog: FeatureCatalog, project: Project | None) -> PlanForm:
    """What a button does to the form. A feature that is typed in full is not lost by pressing another."""
    if form.step in {"add", *SAVING} and form.line:
        form = take_line(form, catalog=catalog, project=project)
    if form.step == "read" and form.text.strip():
        return take_text(form, catalog=catalog, project=project)
    if form.step == "page":
        return replace(form, page=parse_count(form.subject) or 1)
    change = _CHANGES.get(form.step)
    return replace(form, sheet=change(form.sheet, form.subject)) if change else form


def _forbid(sheet: Worksheet, key: str) -> Worksheet:
    return worksheets.forbid(sheet, key, slug=key.removeprefix("requires:") if ":" in key else "")


_CHANGES: Mapping[str, Callable[[Worksheet, str], Worksheet]] = {
    "remove": worksheets.remove,
    "undo": worksheets.take_back,
    "forbid": _forbid,
    "allow": worksheets.allow,
    "want": worksheets.want,
}


def _start(actor: Actor, plan_id: str) -> PlanForm:
    if not plan_id:
        return PlanForm()
    plan = plans.get_plan(actor, plan_id)
    request = request_of(plans.get_plan_version(plan))
    return PlanForm(
        sheet=Worksheet(replace(request, title=f"{request.title} (copy)"[:MOST_TITLE])),
        catalog=plan.catalog.slug,
        project=plan.project.project_id if plan.project else "",
    )


def _find_project(actor: Actor, project_id: str) -> Project | None:
    return project_selectors.get_project(actor, project_id) if project_id else None


def _show(request: PageRequest, actor: Actor, context: Mapping[str, Any], problems: Problems) -> HttpResponse:
    """The whole page, or to htmx what has changed. htmx swaps no answer of 422. Any: a template's context."""
    shown = {**context, "problems": problems, "may_plan": actor.has_role(*PLANNERS)}
    if not request.htmx or request.htmx.history_restore_request:
        status = 422 if problems.is_any else 200
        return render(request, "catalog_app/plan_new.html", shown, status=status)
    if problems.is_any or context["form"].step in WHOLE:
        answer = render(request, "catalog_app/plan_form.html", shown | {"is_answer": True})
        return reswap(retarget(answer, "#planner"), "outerHTML")
    return render(request, "catalog_app/plan_board.html", shown | {"is_fragment": True})


def _go_to(request: PageRequest, address: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
