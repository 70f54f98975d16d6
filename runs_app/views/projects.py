"""Projects: the list and one project's configuration."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack import selectors as project_selectors
from autopack.actors import Actor, Role
from autopack.pages import PageRequest, dashboard_page
from runs_app.presentation.projects import describe_policy, describe_steps
from runs_app.selectors import dashboard
from runs_app.selectors.dashboard import RunFilter


@dashboard_page()
def project_list(request: PageRequest, actor: Actor) -> HttpResponse:
    return render(request, "runs_app/project_list.html", {"projects": dashboard.list_projects(actor)})


@dashboard_page()
def project_detail(request: PageRequest, actor: Actor, project_id: str) -> HttpResponse:
    project = project_selectors.get_project(actor, project_id)
    context = {
        "project": project,
        "has_ci": dashboard.has_ci(project),
        "profiles": describe_steps(project),
        "policy": describe_policy(project),
        "page": dashboard.list_runs_page(actor, RunFilter(project_id=project_id), size=15),
        "may_operate": actor.has_role(Role.OPERATOR),
    }
    return render(request, "runs_app/project.html", context)
