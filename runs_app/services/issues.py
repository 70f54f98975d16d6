"""Issues at their three levels (v7 §5): the phase's own, the run's index, the project's backlog."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import Cleanliness, EventKind, RunState, SafetyProfile, Severity
from runs_app.models import BacklogIssue, Phase, PhaseIssue, Run, RunIssue, Tier
from runs_app.services.eligibility import assess_debt, list_quality_obstacles
from runs_app.services.recording import lock_run, record_event
from runs_app.strategy import is_tier_clean


@dataclass(frozen=True, slots=True)
class IssueReport:
    """An issue as somebody reports it. `issue_key` is logical and stable across runs."""

    issue_key: str
    severity: Severity
    source: str
    category: str
    description: str = ""
    evidence_refs: tuple[Any, ...] = ()
    task_category: str = ""
    complexity: str = ""
    expected_fail: bool = False


@transaction.atomic
def record_issue(phase: Phase, report: IssueReport, *, actor: Actor) -> PhaseIssue:
    """Record one issue of a phase. Seeing a key again raises its count, nothing else."""
    run = lock_run(phase.run_id)
    locked = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
    return record_issues_locked(run, locked, [report], actor=actor)[0]


def record_issues_locked(
    run: Run, phase: Phase, reports: Sequence[IssueReport], *, actor: Actor
) -> list[PhaseIssue]:
    """The same for several, within the caller's transaction and lock. In the order of their keys, so that two
    runs of a project never wait for each other's rows of the backlog in a circle."""
    in_order = sorted(reports, key=lambda report: report.issue_key)
    recorded = [_record_one(run, phase, report, actor=actor) for report in in_order]
    if recorded:
        _recount(run, phase, actor=actor)
    return recorded


def _record_one(run: Run, phase: Phase, report: IssueReport, *, actor: Actor) -> PhaseIssue:
    now = timezone.now()
    shared: dict[str, Any] = {
        "severity": report.severity,
        "effective_severity": report.severity,
        "source": report.source,
        "category": report.category,
        "description": report.description,
        "task_category": report.task_category or phase.task_category,
        "complexity": report.complexity or phase.complexity,
        "first_seen_run": run.run_id,
        "last_seen_run": run.run_id,
        "created_at": now,
        "last_seen_at": now,
    }
    issue, is_new = PhaseIssue.objects.get_or_create(
        phase=phase,
        issue_key=report.issue_key,
        defaults=shared
        | {"expected_fail": report.expected_fail, "evidence_refs": list(report.evidence_refs)},
    )
    if not is_new:
        issue.occurrence_count += 1
        issue.last_seen_at = now
        issue.effective_severity = _worse(issue.effective_severity, report.severity)
        issue.evidence_refs = [*issue.evidence_refs, *report.evidence_refs][-50:]
        issue.save(update_fields=["occurrence_count", "last_seen_at", "effective_severity", "evidence_refs"])
    run_issue, is_new_in_run = RunIssue.objects.get_or_create(
        run=run, issue_key=report.issue_key, defaults=shared
    )
    if not is_new_in_run:
        run_issue.occurrence_count += 1
        run_issue.last_seen_at = now
        run_issue.effective_severity = _worse(run_issue.effective_severity, report.severity)
        run_issue.save(update_fields=["occurrence_count", "last_seen_at", "effective_severity"])
    is_new_in_tier = is_new and not (
        PhaseIssue.objects.filter(phase__tier=phase.tier_id, issue_key=report.issue_key)
        .exclude(pk=issue.pk)
        .exists()
    )
    _record_in_backlog(run, phase, report, shared, is_new_in_run=is_new_in_run, is_new_in_tier=is_new_in_tier)
    record_event(
        run,
        EventKind.ISSUE,
        actor=actor,
        phase=phase,
        subject=report.issue_key,
        payload={"severity": report.severity, "source": report.source, "category": report.category},
    )
    return issue


def _record_in_backlog(
    run: Run,
    phase: Phase,
    report: IssueReport,
    shared: dict[str, Any],
    *,
    is_new_in_run: bool,
    is_new_in_tier: bool,
) -> None:
    tier_key = f"{run.run_id}/{phase.tier.tier_id}"
    # The backlog is shared by the runs of a project, so the row is locked for itself.
    backlog, is_new = BacklogIssue.objects.select_for_update().get_or_create(
        project=run.project, issue_key=report.issue_key, defaults=shared | {"last_seen_tier": tier_key}
    )
    if is_new:
        return
    backlog.occurrence_count += 1
    backlog.age_in_runs += int(is_new_in_run)
    backlog.age_in_tiers += int(is_new_in_tier)
    backlog.last_seen_run = run.run_id
    backlog.last_seen_tier = tier_key
    backlog.last_seen_at = shared["last_seen_at"]
    backlog.effective_severity = _worse(backlog.effective_severity, report.severity)
    backlog.save()


def _recount(run: Run, phase: Phase, *, actor: Actor) -> None:
    """Counts are of distinct keys (v7 §5), expected failures left out. A run that ended is judged anew."""
    counted = PhaseIssue.objects.filter(expected_fail=False)
    of_phase = _count_keys(counted.filter(phase=phase))
    phase.minor_issues_count, phase.major_issues_count = of_phase
    phase.save(update_fields=["minor_issues_count", "major_issues_count"])
    _recount_tier(run, phase.tier, counted.filter(phase__tier=phase.tier_id), actor=actor)
    run.minor_issues_count, run.major_issues_count = _count_keys(counted.filter(phase__run=run))
    run.save(update_fields=["minor_issues_count", "major_issues_count"])
    if not run.is_live:
        is_successful = run.status == RunState.DONE_SUCCESS
        run.debt_status = assess_debt(run).value
        run.promotion_eligible_to_main = is_successful and not list_quality_obstacles(run)
        run.save(update_fields=["debt_status", "promotion_eligible_to_main"])


def _recount_tier(run: Run, tier: Tier, issues: QuerySet[PhaseIssue], *, actor: Actor) -> None:
    tier.minor_issues_count, tier.major_issues_count = _count_keys(issues)
    is_clean = is_tier_clean(
        SafetyProfile(run.safety_profile),
        phases=tier.phases.count(),
        minor_issues=tier.minor_issues_count,
        major_issues=tier.major_issues_count,
    )
    before, after = tier.cleanliness, Cleanliness.CLEAN if is_clean else Cleanliness.NOT_CLEAN
    tier.cleanliness = after.value
    tier.save(update_fields=["minor_issues_count", "major_issues_count", "cleanliness"])
    if before != after:
        record_event(
            run,
            EventKind.NOTE,
            actor=actor,
            subject=tier.tier_id,
            before=before,
            after=after,
            payload={
                "detail": f"{tier.tier_id} is {after.label.lower()}: {tier.major_issues_count} major and "
                f"{tier.minor_issues_count} minor issues."
            },
        )


def _count_keys(issues: QuerySet[PhaseIssue]) -> tuple[int, int]:
    """Distinct keys that are minor everywhere, and those that are major anywhere."""
    major = set(issues.filter(effective_severity=Severity.MAJOR).values_list("issue_key", flat=True))
    every = set(issues.values_list("issue_key", flat=True))
    return len(every - major), len(major)


def _worse(one: str, other: str) -> str:
    return Severity.MAJOR.value if Severity.MAJOR in (one, other) else Severity.MINOR.value
