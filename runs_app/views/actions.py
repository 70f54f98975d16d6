"""What an operator does to a run or a project. Each has a page that asks first; a POST does it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor, Role
from autopack.choices import RepositoryStatus
from autopack.errors import AutopackError
from autopack.pages import PageRequest, dashboard_page
from runs_app.gitops.types import PromotionMode
from runs_app.selectors import dashboard_runs
from runs_app.services.control import cancel_run
from runs_app.services.promoting import list_promotion_obstacles, promote_run
from runs_app.services.repositories import check_repository
from runs_app.services.templates import save_run_as_template


@dashboard_page(Role.OPERATOR)
def run_cancel(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    run = dashboard_runs.get_run(actor, run_id)
    if request.method != "POST":
        context = {"run": run, "may_operate": actor.has_role(Role.OPERATOR)}
        return render(request, "runs_app/run_cancel.html", context)
    try:
        cancel_run(run, actor=actor, reason=request.POST.get("reason", "").strip()[:500])
    except AutopackError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Run {run.run_id} is cancelled. What was snapshotted stays on its branch.")
    return redirect("runs:run", run_id=run.run_id)


@dashboard_page(Role.OPERATOR)
def run_promote(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    run = dashboard_runs.get_run(actor, run_id)
    if request.method != "POST":
        context = {
            "run": run,
            "obstacles": list_promotion_obstacles(run),
            "may_operate": actor.has_role(Role.OPERATOR),
        }
        return render(request, "runs_app/run_promote.html", context)
    is_merge = request.POST.get("mode") == PromotionMode.MERGE
    try:
        promotion = promote_run(
            run, mode=PromotionMode.MERGE if is_merge else PromotionMode.FAST_FORWARD, actor=actor
        )
    except AutopackError as error:
        messages.error(request, error.detail)
        return redirect("runs:run-promote", run_id=run.run_id)
    messages.success(request, f"{promotion.target_branch} is at {promotion.commit[:10]} now.")
    return redirect("runs:run", run_id=run.run_id)


@dashboard_page(*PLANNERS)
def run_template(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    """Keep what the run has built as a template, at once: its page is where more is said of it."""
    run = dashboard_runs.get_run(actor, run_id)
    if request.method == "POST":
        try:
            kept = save_run_as_template(run, actor=actor)
        except AutopackError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Kept as a template: {kept.template.title}.")
            return redirect("templates:template", template_id=kept.template.template_id)
    return redirect("runs:run", run_id=run.run_id)


@dashboard_page(Role.OPERATOR)
def project_check(request: PageRequest, actor: Actor, project_id: str) -> HttpResponse:
    project = project_selectors.get_project(actor, project_id)
    if request.method == "POST":
        project = check_repository(project)
        if project.repository_status == RepositoryStatus.USABLE:
            messages.success(request, f"The repository of {project.project_id} can be used.")
        else:
            messages.error(request, "The repository cannot be used: the reason is below.")
    return redirect("runs:project", project_id=project.project_id)
