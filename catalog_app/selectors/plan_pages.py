"""Rows of the pages of plans, beside what `plans` selects."""

from collections.abc import Sequence

from django.db.models import Q

from autopack.actors import Actor
from catalog_app.models import Plan, PlanVersion
from catalog_app.selectors.numbered import NumberedPage, turn_to
from catalog_app.selectors.plans import PlanFilter, list_plan_versions, list_plans


def list_plans_page(actor: Actor, wanted: PlanFilter, *, number: int) -> NumberedPage[Plan]:
    """The last changed first. Two queries."""
    plans = list_plans(actor, wanted).order_by("-updated_at", "-id")
    return turn_to(plans, number=number, total=plans.count())


def list_project_types(actor: Actor) -> list[str]:
    """Those that plans have."""
    plans = list_plans(actor, PlanFilter(is_archived=None)).exclude(project_type="")
    return sorted(set(plans.order_by().values_list("project_type", flat=True).distinct()))


def read_outlines(plans: Sequence[Plan]) -> dict[int, PlanVersion]:
    """The latest version of each by the plan's key, with its outline alone. One query."""
    wanted = Q(pk=None)
    for plan in plans:
        wanted |= Q(plan=plan, number=plan.latest_version)
    versions = PlanVersion.objects.filter(wanted).only("plan_id", "number", "outline")
    return {version.plan_id: version for version in versions}


def list_versions_page(plan: Plan, *, number: int) -> NumberedPage[PlanVersion]:
    """The newest first, without what was asked and planned."""
    versions = list_plan_versions(plan)
    return turn_to(versions, number=number, total=versions.count())
