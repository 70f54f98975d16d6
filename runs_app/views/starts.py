"""Starting a run from a plan: which part of it, in which project, under which id."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from autopack import selectors as project_selectors
from autopack.actors import PLANNERS, Actor
from autopack.errors import AutopackError
from autopack.numbers import parse_count
from autopack.pages import PageRequest, dashboard_page
from catalog_app.errors import PlanBlocked, QuestionsOpen
from catalog_app.selectors import plans
from runs_app.presentation.plan_parts import describe_parts
from runs_app.selectors import plan_runs
from runs_app.services.starting_plans import PlanStart, start_plan_run

MOST_CHARACTERS = 100


@dashboard_page(*PLANNERS)
def plan_start(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponseBase:
    plan = plans.get_plan(actor, plan_id)
    refusal: AutopackError | None = None
    if request.method == "POST":
        try:
            run = start_plan_run(_read_order(request, plan.plan_id), actor=actor)
        except AutopackError as error:
            refusal = error
        else:
            messages.success(request, f"Run {run.run_id} has started.")
            return redirect("runs:run", run_id=run.run_id)
    version = plans.get_plan_version(plan)
    sources = plans.list_planned_sources(plan.catalog, version.document)
    unverified = [source for source in sources if source.is_blocked and not source.is_verified]
    questions = len(version.document["questions"])
    parts = describe_parts(
        version.document,
        plan_runs.list_runs_of_plan(actor, plan),
        version=version,
        unverified=frozenset(source.feature_key for source in unverified),
    )
    projects = [plan.project] if plan.project else list(project_selectors.list_projects(actor).active())
    only = projects[0].project_id if len(projects) == 1 else ""
    context = {
        "plan": plan,
        "parts": parts,
        "chosen_part": _read(request, "part") or next((str(p.number) for p in parts if p.is_next), ""),
        "projects": projects,
        "chosen_project": _read(request, "project") or only,
        "run_id": _read(request, "run_id") or plan_runs.propose_run_id(plan.plan_id),
        "base": _read(request, "base"),
        "questions": questions,
        "unverified": len(unverified),
        "is_verifying": any(source.scan for source in unverified),
        "refusal": refusal,
        "obstacle": QuestionsOpen.code if questions else PlanBlocked.code if unverified else "",
        "may_start": actor.has_role(*PLANNERS),
    }
    return render(request, "runs_app/plan_start.html", context, status=422 if refusal else 200)


def _read_order(request: PageRequest, plan_id: str) -> PlanStart:
    """Of the version that the page has shown, whatever the plan has become since."""
    fields = {name: _read(request, name) for name in ("run_id", "project", "version", "part", "base")}
    return PlanStart(
        run_id=fields["run_id"],
        digest=plan_runs.digest_order({"plan_id": plan_id, **fields}),
        plan_id=plan_id,
        plan_version=_read_named(fields["version"]),
        plan_run=_read_named(fields["part"]),
        project_id=fields["project"],
        base=fields["base"],
    )


def _read_named(text: str) -> int | None:
    """None where nothing was said. What is no number is refused as 0 is, not taken for nothing."""
    return (parse_count(text) or 0) if text else None


def _read(request: PageRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:MOST_CHARACTERS]
