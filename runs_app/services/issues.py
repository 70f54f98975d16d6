"""Issues at their three levels (v7 §5): the phase's own, the run's index, the project's backlog."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import Cleanliness, EventKind, Severity
from runs_app.models import BacklogIssue, Phase, PhaseIssue, Run, RunIssue
from runs_app.services.recording import lock_run, record_event

MINORS_TOLERATED_PER_PHASE = 2
"""v7 §9: a tier tolerates this many minor issues per phase, and no major one."""


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
        _recount(run, phase)
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


def _recount(run: Run, phase: Phase) -> None:
    """Counts are of distinct keys (v7 §5), expected failures left out of the phase's and tier's."""
    run.minor_issues_count = run.issues.filter(effective_severity=Severity.MINOR).count()
    run.major_issues_count = run.issues.filter(effective_severity=Severity.MAJOR).count()
    run.save(update_fields=["minor_issues_count", "major_issues_count"])
    counted = PhaseIssue.objects.filter(expected_fail=False)
    phase.minor_issues_count = counted.filter(phase=phase, effective_severity=Severity.MINOR).count()
    phase.major_issues_count = counted.filter(phase=phase, effective_severity=Severity.MAJOR).count()
    phase.save(update_fields=["minor_issues_count", "major_issues_count"])
    tier = phase.tier
    of_tier = counted.filter(phase__tier=tier)
    tier.minor_issues_count = (
        of_tier.filter(effective_severity=Severity.MINOR).values("issue_key").distinct().count()
    )
    tier.major_issues_count = (
        of_tier.filter(effective_severity=Severity.MAJOR).values("issue_key").distinct().count()
    )
    tolerated = MINORS_TOLERATED_PER_PHASE * tier.phases.count()
    is_clean = tier.major_issues_count == 0 and tier.minor_issues_count <= tolerated
    tier.cleanliness = Cleanliness.CLEAN if is_clean else Cleanliness.NOT_CLEAN
    tier.save(update_fields=["minor_issues_count", "major_issues_count", "cleanliness"])


def _worse(one: str, other: str) -> str:
    return Severity.MAJOR.value if Severity.MAJOR in (one, other) else Severity.MINOR.value
