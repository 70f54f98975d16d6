"""Telling the catalog how a run ended, so that plans and templates learn from it."""

from autopack.task_categories import REUSE
from catalog_app.services.reuse_outcomes import ReuseReport, RunReport, record_run_outcome
from runs_app.choices import PhaseState, RunState
from runs_app.models import Phase, Run

BLAMELESS_CODES = frozenset(
    {"cancelled", "failed_by_operator", "duration_cap", "token_cap", "verdict_overdue", "git_unavailable"}
)
"""Ends of a run that say nothing about the source that its open phase was to reuse."""


def report_outcome(run: Run) -> None:
    """Record the end of a run, in the transaction that ends it. Safe to repeat. The caller holds the run's
    lock."""
    phases = list(run.phases.order_by("position"))
    failed = next((phase for phase in phases if phase.status is PhaseState.FAILED), None)
    ended_at = run.completed_at
    assert ended_at is not None, "a constraint of the table"
    record_run_outcome(
        RunReport(
            run_id=run.run_id,
            plan_version_pk=run.plan_version_id,
            plan_run_number=run.plan_run_number,
            state=run.state,
            is_success=run.status is RunState.DONE_SUCCESS,
            duration_seconds=int((ended_at - (run.started_at or run.created_at)).total_seconds()),
            tokens=run.tokens_used,
            ci_runs=run.ci_runs_used,
            phases_total=run.phases_total,
            phases_complete=run.phases_complete,
            failed_phase="" if failed is None else failed.phase_id,
            failed_category="" if failed is None else failed.task_category,
            failure_code=run.failure_code,
            ended_at=ended_at,
            reuses=tuple(_report_reuse(phase) for phase in phases if _says_something(run, phase)),
        )
    )
    run.is_outcome_reported = True
    run.save(update_fields=["is_outcome_reported"])


def _says_something(run: Run, phase: Phase) -> bool:
    """Whether how the phase ended tells anything about the source that it was to reuse."""
    if phase.task_category != REUSE or not phase.spec.get("source_repo_id"):
        return False
    if phase.status is PhaseState.COMPLETE:
        return True
    is_blameless = run.failure_code in BLAMELESS_CODES or run.status is RunState.DONE_FAILED_ENVIRONMENT
    return phase.status is PhaseState.FAILED and phase.builder_attempts > 0 and not is_blameless


def _report_reuse(phase: Phase) -> ReuseReport:
    spec = phase.spec
    return ReuseReport(
        phase_id=phase.phase_id,
        feature_key=str(spec.get("feature_key") or ""),
        repo_id=str(spec["source_repo_id"])[:100],
        paths=_paths(spec.get("source_paths")),
        pinned_commit=str(spec.get("pinned_commit") or "")[:64],
        is_completed=phase.status is PhaseState.COMPLETE,
        tokens=phase.tokens_used,
        ci_runs=phase.ci_runs_used,
        failure_code=phase.failure_code,
    )


def _paths(said: object) -> tuple[str, ...]:
    """Of a spec that anybody may have written."""
    return tuple(path for path in said if isinstance(path, str)) if isinstance(said, list | tuple) else ()
