"""Runs: the list, one run, its events and its incident pack."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor, Role
from autopack.choices import SafetyProfile
from autopack.pages import PageRequest, dashboard_page, is_unchanged, read_number, render_live, unchanged
from runs_app.presentation.commands import list_git_commands
from runs_app.selectors import dashboard, dashboard_runs, origins
from runs_app.selectors.dashboard import RunFilter, StateGroup
from runs_app.services.promoting import list_promotion_obstacles


@dashboard_page()
def run_list(request: PageRequest, actor: Actor) -> HttpResponse:
    chosen = _read_filter(request)
    before, after = read_number(request, "before"), read_number(request, "after")
    page = dashboard.list_runs_page(actor, chosen, before=before, after=after)
    version = dashboard.version_of(page.items)
    is_live = any(run.is_live for run in page.items)
    if is_live and is_unchanged(request, version):
        return unchanged()
    context = {
        "page": page,
        "chosen": chosen,
        "version": version,
        "is_live": is_live,
        "groups": list(StateGroup),
        "profiles": list(SafetyProfile),
        "projects": project_selectors.list_projects(actor).only("project_id"),
    }
    return render_live(request, "runs_app/run_list", context)


@dashboard_page()
def run_detail(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    run = dashboard_runs.get_run(actor, run_id)
    version = dashboard_runs.read_version(run)
    if run.is_live and is_unchanged(request, version):
        return unchanged()
    board = dashboard_runs.list_board(run)
    context = {
        "run": run,
        "version": version,
        "board": board,
        "commands": list_git_commands(run, dashboard_runs.list_tags(board)),
        "issues": dashboard_runs.list_run_issues(run),
        "obstacles": [] if run.is_live else list_promotion_obstacles(run),
        "is_worker_alive": not run.is_live or dashboard.is_worker_alive(),
        "starter": dashboard_runs.find_starter(run),
        "origin": origins.read_origin(actor, run),
        "template": origins.find_template_of_run(actor, run),
        "may_plan": actor.has_role(*PLANNERS),
        "may_operate": actor.has_role(Role.OPERATOR),
        "has_incident": dashboard_runs.find_incident(run) is not None if not run.is_live else False,
    }
    if not request.htmx:
        context |= {"events": dashboard_runs.list_events(run)}
    return render_live(request, "runs_app/run", context)


@dashboard_page()
def run_events(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    run = dashboard_runs.get_run(actor, run_id)
    after, before = read_number(request, "after"), read_number(request, "before")
    is_full = request.GET.get("show") == "all"
    if after is not None and run.is_live and run.event_count <= after:
        return unchanged()
    events = dashboard_runs.list_events(run, after=after, before=before, is_full=is_full)
    context = {"run": run, "events": events, "is_full": is_full, "is_older": before is not None}
    if request.htmx:
        return render(request, "runs_app/events_part.html", context)
    return render(request, "runs_app/events.html", context)


@dashboard_page()
def run_incident(request: PageRequest, actor: Actor, run_id: str) -> HttpResponse:
    run = dashboard_runs.get_run(actor, run_id)
    incident = dashboard_runs.find_incident(run)
    if incident is None:
        raise Http404
    text = json.dumps(incident.content, indent=2, ensure_ascii=False)
    if request.GET.get("format") == "json":
        name = f"incident-{run.run_id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(text, content_type="application/json", headers=headers)
    context = {"run": run, "incident": incident, "content": incident.content, "text": text}
    return render(request, "runs_app/incident.html", context)


def _read_filter(request: HttpRequest) -> RunFilter:
    group = request.GET.get("state", "")
    return RunFilter(
        group=StateGroup(group) if group in set(StateGroup) else None,
        project_id=request.GET.get("project", "")[:100],
        safety_profile=request.GET.get("profile", "")[:20],
        text=request.GET.get("q", "").strip().replace("\0", "")[:100],
    )
