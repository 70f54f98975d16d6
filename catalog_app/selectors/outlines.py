"""What lists show of plans and templates: the outline of the latest version of each (`services.planning`)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet

from catalog_app.models import Plan, PlanTemplate, PlanVersion, TemplateVersion

Outlines = dict[int, dict[str, Any]]
"""By the plan's or the template's key. Any: a JSON object."""


def read_plan_outlines(plans: Iterable[Plan]) -> Outlines:
    """One query."""
    return _read(PlanVersion.objects.filter(plan__in=list(plans)), "plan")


def read_template_outlines(templates: Iterable[PlanTemplate]) -> Outlines:
    """One query."""
    return _read(TemplateVersion.objects.filter(template__in=list(templates)), "template")


def _read(versions: "QuerySet[PlanVersion] | QuerySet[TemplateVersion]", owner: str) -> Outlines:
    latest = versions.filter(number=F(f"{owner}__latest_version")).order_by()
    return dict(latest.values_list(owner, "outline"))
