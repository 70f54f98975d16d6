"""Rows of the pages of plans, beside what `plans` selects."""

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


def list_versions_page(plan: Plan, *, number: int) -> NumberedPage[PlanVersion]:
    """The newest first, without what was asked and planned."""
    versions = list_plan_versions(plan)
    return turn_to(versions, number=number, total=versions.count())
