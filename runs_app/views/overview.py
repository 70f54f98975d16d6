"""The first page: what is going on, and what needs a person."""

from django.http import HttpResponse
from django.utils import timezone

from autopack.actors import Actor
from autopack.pages import PageRequest, dashboard_page, is_unchanged, render_live, unchanged
from runs_app.selectors import dashboard


@dashboard_page()
def overview(request: PageRequest, actor: Actor) -> HttpResponse:
    version = dashboard.read_version()
    live = dashboard.list_live_runs(actor)
    if live and is_unchanged(request, version):
        return unchanged()
    now = timezone.now()
    context = {
        "version": version,
        "live": live,
        "figures": dashboard.read_figures(actor, now=now),
        "attention": dashboard.read_attention(actor, now=now),
        "recent": dashboard.list_recent_results(actor),
        "has_projects": dashboard.has_projects(actor),
    }
    return render_live(request, "runs_app/overview", context)
