"""Figures over runs (v7 §11)."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from autopack.actors import Actor
from runs_app.choices import PhaseState, RunState, TierState
from runs_app.models import Attempt, BacklogIssue, Phase, Run
from runs_app.selectors.runs import list_runs


def filter_by_status(runs: QuerySet[Run], status: str) -> QuerySet[Run]:
    """`live`, `done`, `failed`, or one state's name; empty for all. Unknown words match nothing."""
    groups = {
        "live": RunState.live(),
        "failed": RunState.failed(),
        "done": frozenset({RunState.DONE_SUCCESS}),
    }
    return runs.filter(state__in=groups.get(status.lower(), {status.upper()})) if status else runs


def summarise_backlog(issues: QuerySet[BacklogIssue], *, limit: int) -> dict[str, Any]:
    """Counts of the backlog and its longest standing issues."""
    totals = issues.aggregate(
        total=Count("id"),
        major=Count("id", filter=Q(effective_severity="major")),
        minor=Count("id", filter=Q(effective_severity="minor")),
        occurrences=Sum("occurrence_count"),
    )
    by_category = list(
        issues.order_by().values("category").annotate(issues=Count("id"), seen=Sum("occurrence_count"))
    )
    return {
        "total_issues": totals["total"],
        "major_issues": totals["major"],
        "minor_issues": totals["minor"],
        "occurrences": totals["occurrences"] or 0,
        "by_category": sorted(by_category, key=lambda row: (-row["issues"], row["category"])),
        "longest_standing": list(issues[:limit]),
    }


def analyse_budgets(actor: Actor) -> dict[str, Any]:
    """Where runs ended for want of budget: which tiers, which slices spent most, did the auditor help."""
    aborted = list_runs(actor).filter(state=RunState.DONE_FAILED_BUDGET_EXHAUSTED)
    phases = Phase.objects.filter(run__in=aborted.order_by().values("pk"))
    slices = (
        phases.values("task_category", "complexity")
        .annotate(tokens_used=Sum("tokens_used"), ci_runs=Sum("ci_runs_used"), phases=Count("id"))
        .order_by("-tokens_used", "task_category", "complexity")
    )
    tiers = (
        phases.filter(tier__state=TierState.FAILED)
        .values("tier__tier_id", "tier__name")
        .annotate(runs=Count("run", distinct=True), tokens_used=Sum("tokens_used"))
        .order_by("-runs", "tier__tier_id")
    )
    audited = Attempt.objects.filter(phase__run__in=list_runs(actor).order_by().values("pk"), role="auditor")
    return {
        "aborted_runs": aborted.count(),
        "by_failure_code": list(
            aborted.order_by().values("failure_code").annotate(runs=Count("id")).order_by("-runs")
        ),
        "tiers": [
            {
                "tier_id": row["tier__tier_id"],
                "name": row["tier__name"],
                "runs": row["runs"],
                "tokens_used": row["tokens_used"] or 0,
            }
            for row in tiers[:50]
        ],
        "slices": [
            {
                "slice": f"{row['task_category'] or 'uncategorised'}:{row['complexity']}",
                "tokens_used": row["tokens_used"] or 0,
                "ci_runs": row["ci_runs"] or 0,
                "phases": row["phases"],
            }
            for row in slices[:50]
        ],
        "auditor": {
            "patches": audited.count(),
            "patches_accepted": audited.filter(state="ACCEPTED").count(),
            "phases_complete_with_auditor": Phase.objects.filter(
                run__in=list_runs(actor).order_by().values("pk"),
                auditor_attempts__gt=0,
                state=PhaseState.COMPLETE,
            ).count(),
        },
    }
