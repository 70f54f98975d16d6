"""What is learnt from runs that have ended: how plans and templates do, and how reuse of a source goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from autopack.digests import digest_json
from catalog_app.interchange.entries import Json
from catalog_app.models import OutcomeSnapshot, PlanVersion, ReuseOutcome, RunOutcome, TemplateVersion

_PUBLISH_LOCK: Final = (
    0x41_50_4F_43  # "APOC": keeps this advisory lock apart from other users of the database.
)

OVERTAKEN_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReuseReport:
    """A phase that was begun and was to take a feature from a source. `is_completed` False says that the
    phase itself failed; what somebody cancelled, or no machine could do, is not reported."""

    phase_id: str
    feature_key: str
    repo_id: str
    paths: tuple[str, ...]
    pinned_commit: str
    is_completed: bool
    tokens: int
    ci_runs: int
    failure_code: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run at its end. The plan version is None for a run that no plan was kept for."""

    run_id: str
    plan_version_pk: int | None
    plan_run_number: int | None
    state: str
    is_success: bool
    duration_seconds: int
    tokens: int
    ci_runs: int
    phases_total: int
    phases_complete: int
    failed_phase: str
    failed_category: str
    failure_code: str
    ended_at: datetime
    reuses: Sequence[ReuseReport] = ()


def record_run_outcome(report: RunReport) -> RunOutcome:
    """Keep how a run ended, and publish what that says of its sources. Safe to repeat: the first report of a
    run stays."""
    with transaction.atomic():
        version = _find_version(report.plan_version_pk)
        outcome, is_new = RunOutcome.objects.get_or_create(
            run_id=report.run_id,
            defaults={
                "plan_version": version,
                "template_version_id": None if version is None else version.template_version_id,
                "plan_run_number": report.plan_run_number,
                "state": report.state,
                "is_success": report.is_success,
                "duration_seconds": max(0, report.duration_seconds),
                "tokens": report.tokens,
                "ci_runs": report.ci_runs,
                "phases_total": report.phases_total,
                "phases_complete": report.phases_complete,
                "failed_phase": report.failed_phase,
                "failed_category": report.failed_category,
                "failure_code": report.failure_code,
                "ended_at": report.ended_at,
            },
        )
        if is_new and report.reuses:
            _insert_reuses(outcome, report.reuses, version)
            publish_outcomes()
    return outcome


def _find_version(pk: int | None) -> PlanVersion | None:
    return None if pk is None else PlanVersion.objects.select_related("plan__catalog").get(pk=pk)


def _insert_reuses(outcome: RunOutcome, reuses: Sequence[ReuseReport], version: PlanVersion | None) -> None:
    slugs: dict[str, str] = {}
    if version is not None:
        slugs = {feature["key"]: feature["slug"] for feature in version.document["features"]}
    ReuseOutcome.objects.bulk_create(
        ReuseOutcome(
            outcome=outcome,
            phase_id=reuse.phase_id,
            catalog_slug="" if version is None else version.plan.catalog.slug,
            feature_slug=slugs.get(reuse.feature_key, ""),
            repo_id=reuse.repo_id,
            paths=list(reuse.paths),
            pinned_commit=reuse.pinned_commit,
            is_completed=reuse.is_completed,
            tokens=reuse.tokens,
            ci_runs=reuse.ci_runs,
            failure_code=reuse.failure_code,
        )
        for reuse in reuses
    )


def publish_outcomes() -> OutcomeSnapshot:
    """Count all reuse so far, for the plans to come. Where nothing has changed since, what was published
    stays."""
    with transaction.atomic():
        # One at a time: runs that end at the same moment do not see each other's outcomes otherwise.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISH_LOCK])
        content = _count_reuse()
        published, _ = OutcomeSnapshot.objects.get_or_create(
            digest=digest_json(content),
            defaults={"content": content, "published_at": timezone.now()},
        )
    return published


def prune_outcomes() -> int:
    """Remove counts that no plan and no template names, and that newer ones overtook a day ago: what is being
    planned just now may still come to name them. Returns how many. Safe to run anywhere, any number of times.
    """
    day_ago = timezone.now() - OVERTAKEN_FOR
    in_force = OutcomeSnapshot.objects.filter(published_at__lte=day_ago).order_by("-id").first()
    if in_force is None:
        return 0
    overtaken = OutcomeSnapshot.objects.filter(pk__lt=in_force.pk)
    for versions in (PlanVersion.objects.all(), TemplateVersion.objects.all()):
        overtaken = overtaken.exclude(Exists(versions.filter(outcomes_digest=OuterRef("digest"))))
    return overtaken.delete()[0]


def _count_reuse() -> list[dict[str, Json]]:
    counted = (
        ReuseOutcome.objects.exclude(feature_slug="")
        .order_by()
        .values_list("catalog_slug", "feature_slug", "repo_id", "paths")
        .annotate(tried=Count("id"), completed=Count("id", filter=Q(is_completed=True)))
    )
    return [
        {
            "catalog": catalog,
            "feature": feature,
            "repo_id": repo_id,
            "paths": list(paths),
            "tried": tried,
            "completed": completed,
        }
        # In an order that no collation changes.
        for catalog, feature, repo_id, paths, tried, completed in sorted(counted)
    ]
