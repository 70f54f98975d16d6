"""Versions of a plan, and what is different between two of them."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import PLANNERS, Actor
from autopack.pages import PageRequest, dashboard_page, read_number
from catalog_app.planning.diff import diff_documents, group_alike
from catalog_app.planning.document import read_document
from catalog_app.presentation.differences import say_stored_diff
from catalog_app.selectors import plan_pages, plans


@dashboard_page()
def plan_versions(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponse:
    plan = plans.get_plan(actor, plan_id)
    page = plan_pages.list_versions_page(plan, number=read_number(request, "page") or 1)
    rows = [(version, say_stored_diff(version.diff)) for version in page.items]
    context = {"plan": plan, "page": page, "rows": rows, "may_plan": actor.has_role(*PLANNERS)}
    return render(request, "catalog_app/plan_versions.html", context)


@dashboard_page()
def plan_diff(request: PageRequest, actor: Actor, plan_id: str) -> HttpResponse:
    """Between the two versions that are named; unless they are, between the latest and the one before."""
    plan = plans.get_plan(actor, plan_id)
    to = read_number(request, "to") or plan.latest_version
    before = plans.get_plan_version(plan, read_number(request, "from") or max(1, to - 1))
    after = plans.get_plan_version(plan, to)
    diff = diff_documents(read_document(before.document_text), read_document(after.document_text))
    context = {
        "plan": plan,
        "before": before,
        "after": after,
        "diff": diff,
        "moved": [phase for phase in diff.phases_moved if not phase.is_shifted],
        "changed_alike": group_alike(diff.phases_changed),
        "shifted": [phase for phase in diff.phases_moved if phase.is_shifted],
        "may_plan": actor.has_role(*PLANNERS),
    }
    return render(request, "catalog_app/plan_diff.html", context)
