"""What is done to a plan that is kept: put away, have its sources verified, make a template of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.numbers import parse_count
from autopack.pages import PageRequest, dashboard_page, is_unchanged, render_live, unchanged
from catalog_app.models import Plan
from catalog_app.planning.changes import PlanChanges
from catalog_app.presentation.refusals import tell_refusal
from catalog_app.presentation.verifying import count_verifying, describe_verifying, version_of_verifying
from catalog_app.selectors import plans
from catalog_app.services.plan_sources import verify_plan_sources
from catalog_app.services.plans import archive_plan, restore_plan, revise_plan
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import create_template_from_plan


class TakePlan(Protocol):
    def __call__(self, plan: Plan, *, actor: Actor) -> Plan: ...


@dataclass(frozen=True, slots=True)
class PlanStep:
    """Asked before it is done; `take` does it."""

    question: str
    explanation: str
    button: str
    icon: str
    take: TakePlan
    done: str


STEPS: Mapping[str, PlanStep] = {
    "archive": PlanStep(
        "Archive this plan?",
        "It leaves the list, and is neither changed nor started. Its versions and its runs stay, and it can "
        "be restored.",
        "Archive",
        "archive",
        archive_plan,
        "The plan is archived.",
    ),
    "restore": PlanStep(
        "Restore this plan?",
        "It is in the list again, and can be changed and started.",
        "Restore",
        "history",
        restore_plan,
        "The plan is back.",
    ),
}


@dashboard_page(*PLANNERS)
def plan_step(request: PageRequest, actor: Actor, plan_id: str, step_slug: str) -> HttpResponseBase:
    plan = plans.get_plan(actor, plan_id)
    step = STEPS.get(step_slug)
    if step is None:
        raise Http404
    if request.method == "POST":
        step.take(plan, actor=actor)
        messages.success(request, step.done)
        return redirect("plans:plan", plan_id=plan.plan_id)
    context = {"plan": plan, "step": step, "may_plan": actor.has_role(*PLANNERS)}
    return render(request, "catalog_app/plan_step.html", context)


@dashboard_page(*PLANNERS)
def plan_verify(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponseBase:
    """How the verification of a draft's sources goes. A POST asks for it."""
    plan = plans.get_plan(actor, plan_id)
    version = plans.get_plan_version(plan)
    if request.method == "POST":
        asked = verify_plan_sources(version, actor=actor)
        for refused in asked.refused:
            messages.warning(request, f"{refused.source.name}: {refused.error.detail}")
        return redirect("plans:plan-verify", plan_id=plan.plan_id)
    lines = describe_verifying(plans.list_planned_sources(plan.catalog, version.document))
    version_seen = version_of_verifying(lines)
    verifying = count_verifying(lines)
    if verifying.is_live and is_unchanged(request, version_seen):
        return unchanged()
    context = {
        "plan": plan,
        "lines": lines,
        "is_live": verifying.is_live,
        "waiting": verifying.waiting,
        "version": version_seen,
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render_live(request, "catalog_app/plan_verify", context)


@dashboard_page(*PLANNERS)
def plan_answer(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponseBase:
    """Answers to the plan's questions make its next version. A GET leads to the questions."""
    plan = plans.get_plan(actor, plan_id)
    named = [name for name in request.POST if name.startswith("answer:")]
    answers = {name.removeprefix("answer:"): request.POST.get(name, "") for name in named}
    if request.method == "POST" and answers:
        try:
            saved = revise_plan(
                plan,
                PlanChanges(answers=answers),
                seen_version=parse_count(request.POST.get("version", "")),
                note="Questions were answered.",
                actor=actor,
            )
        except AutopackError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Answered: version {saved.version.number}.")
    elif request.method == "POST":
        messages.warning(request, "No answer was chosen.")
    return redirect("plans:plan", plan_id=plan.plan_id)


@dashboard_page(*PLANNERS)
def plan_template(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponseBase:
    plan = plans.get_plan(actor, plan_id)
    refusal = ""
    if request.method == "POST":
        draft = TemplateDraft(
            title=_read(request, "title"),
            description=_read(request, "description"),
            tags=_read(request, "tags").split(","),
        )
        try:
            kept = create_template_from_plan(plans.get_plan_version(plan), draft, actor=actor)
        except AutopackError as error:
            refusal = tell_refusal(error)
        else:
            messages.success(request, f"The template {kept.template.title} is kept.")
            return redirect("templates:template", template_id=kept.template.template_id)
    context = {
        "plan": plan,
        "title": _read(request, "title") or plan.title,
        "description": _read(request, "description"),
        "tags": _read(request, "tags"),
        "refusal": refusal,
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render(request, "catalog_app/plan_template.html", context, status=422 if refusal else 200)


def _read(request: PageRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()
