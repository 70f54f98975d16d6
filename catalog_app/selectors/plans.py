"""Plans: one by its id, or the rows of a list. What an actor may not see does not exist for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from autopack.actors import Actor
from catalog_app.choices import SourceStatus, SourceVerdict
from catalog_app.errors import PlanNotFound, PlanVersionNotFound
from catalog_app.models import FeatureCatalog, FeatureSource, Plan, PlanVersion, SourceScan
from catalog_app.planning.wording import name_source


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Which plans are wanted. Empty: any. None of `is_archived` takes both."""

    words: str = ""
    project_type: str = ""
    project_id: str = ""
    is_archived: bool | None = False


def list_plans(actor: Actor, wanted: PlanFilter | None = None) -> QuerySet[Plan]:
    """Plans that the actor sees, newest first, with project and catalog."""
    wanted = wanted or PlanFilter()
    plans = Plan.objects.visible_to(actor.project_ids).select_related("project", "catalog").order_by("-id")
    for word in wanted.words.split():
        plans = plans.filter(Q(title__icontains=word) | Q(plan_id__icontains=word))
    if wanted.project_type:
        plans = plans.filter(project_type=wanted.project_type)
    if wanted.project_id:
        plans = plans.filter(project__project_id=wanted.project_id)
    if wanted.is_archived is not None:
        plans = plans.filter(archived_at__isnull=not wanted.is_archived)
    return plans


def get_plan(actor: Actor, plan_id: str) -> Plan:
    """Raises PlanNotFound."""
    plan = list_plans(actor, PlanFilter(is_archived=None)).filter(plan_id=plan_id).first()
    if plan is None:
        raise PlanNotFound(f"There is no plan {plan_id!r}.")
    return plan


def get_plan_version(plan: Plan, number: int | None = None) -> PlanVersion:
    """That version, or the latest one. Raises PlanVersionNotFound."""
    version = (
        _versions_of(plan).filter(number=number or plan.latest_version).first()
        if number is None or number > 0
        else None
    )
    if version is None:
        raise PlanVersionNotFound(
            f"Plan {plan.plan_id} has no version {number}; the latest is {plan.latest_version}."
        )
    return version


def list_plan_versions(plan: Plan) -> QuerySet[PlanVersion]:
    """Newest first, with what each was made from, without what they hold."""
    return _versions_of(plan).defer("document_text", "request")


def _versions_of(plan: Plan) -> QuerySet[PlanVersion]:
    """Newest first, with what each was made from. Their plan is the one given."""
    return (
        PlanVersion.objects.filter(plan=plan)
        .select_related("plan__project", "plan__catalog", "template_version__template")
        .defer("template_version__document_text", "template_version__request")
        .order_by("-number")
    )


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A source that a plan reuses. `row` is None where the catalog has it no more (or retired it), `scan` a
    scan of it that is on its way."""

    feature_key: str
    feature_slug: str
    option: dict[str, Any]
    row: FeatureSource | None
    scan: SourceScan | None

    @property
    def is_blocked(self) -> bool:
        return bool(self.option["verdict"] == SourceVerdict.BLOCKED)

    @property
    def is_verified(self) -> bool:
        return self.row is not None and self.row.status == SourceStatus.VERIFIED

    @property
    def name(self) -> str:
        return name_source(self.option["repo_id"], self.option["paths"])


def list_planned_sources(catalog: FeatureCatalog, document: dict[str, Any]) -> Sequence[PlannedSource]:
    """Every source that the plan reuses, in the plan's order, with what the catalog says of it now. Two
    queries. Any: a plan as plain JSON."""
    reused = [feature for feature in document["features"] if feature["source"] is not None]
    rows = {
        (row.feature.slug, row.repo.repo_id, tuple(row.paths)): row
        for row in FeatureSource.objects.active()
        .filter(
            feature__catalog=catalog,
            feature__slug__in={feature["slug"] for feature in reused},
            repo__repo_id__in={feature["source"]["repo_id"] for feature in reused},
        )
        .select_related("feature__catalog", "repo")
    }
    scans = {
        scan.source_id: scan for scan in SourceScan.objects.live().filter(source__in=list(rows.values()))
    }
    planned = []
    for feature in reused:
        option = feature["source"]
        row = rows.get((feature["slug"], option["repo_id"], tuple(option["paths"])))
        scan = None if row is None else scans.get(row.pk)
        planned.append(PlannedSource(feature["key"], feature["slug"], option, row, scan))
    return planned
