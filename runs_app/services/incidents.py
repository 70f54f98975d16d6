"""The incident pack: what a person needs to understand a failed run (v7 §1)."""

from typing import Any

from runs_app.choices import AttemptState
from runs_app.models import Attempt, CiRun, CiStepRun, Phase, Run
from runs_app.selectors.logs import read_log_tail

LAST_EVENTS = 50
LOG_TAIL_BYTES = 8_000


def gather_incident(run: Run) -> dict[str, Any]:
    """JSON: run, failed phases with every attempt, its refusals, CI steps with the end of their output,
    verdicts, and the last events."""
    phases = run.phases.filter(state="FAILED").prefetch_related("attempts__refusals", "verdicts", "issues")
    return {
        "run_id": run.run_id,
        "project_id": run.project.project_id,
        "state": run.state,
        "failure_code": run.failure_code,
        "failure_reason": run.failure_reason,
        "integration_branch": run.integration_branch,
        "tip_commit": run.tip_commit,
        "budgets": {
            "tokens_used": run.tokens_used,
            "token_cap": run.token_cap,
            "ci_runs_used": run.ci_runs_used,
            "phases_complete": run.phases_complete,
            "phases_total": run.phases_total,
        },
        "failed_phases": [_describe_phase(phase) for phase in phases],
        "events": [
            {
                "sequence": event.sequence,
                "at": event.at.isoformat(),
                "kind": event.kind,
                "subject": event.subject,
                "before": event.before,
                "after": event.after,
                "actor": event.actor_name,
                "payload": event.payload,
            }
            for event in reversed(run.events.order_by("-sequence")[:LAST_EVENTS])
        ],
    }


def _describe_phase(phase: Phase) -> dict[str, Any]:
    return {
        "phase_id": phase.phase_id,
        "name": phase.name,
        "failure_code": phase.failure_code,
        "failure_reason": phase.failure_reason,
        "builder_attempts": phase.builder_attempts,
        "auditor_attempts": phase.auditor_attempts,
        "attempts": [_describe_attempt(attempt) for attempt in phase.attempts.all()],
        "verdicts": [
            {"recommendation": v.recommendation, "review_notes": v.review_notes, "auditor": v.auditor_name}
            for v in phase.verdicts.all()
        ],
        "issues": [
            {"issue_key": i.issue_key, "severity": i.severity, "description": i.description}
            for i in phase.issues.all()
        ],
    }


def _describe_attempt(attempt: Attempt) -> dict[str, Any]:
    runs = CiRun.objects.filter(candidate__attempt=attempt).prefetch_related("step_runs")
    return {
        "number": attempt.number,
        "role": attempt.role,
        "state": attempt.state,
        "label": AttemptState(attempt.state).label,
        "outcome_code": attempt.outcome_code,
        "outcome_detail": attempt.outcome_detail,
        "refusals": [
            {"code": r.code, "path": r.path, "line": r.line, "detail": r.detail}
            for r in attempt.refusals.all()
        ],
        "ci_runs": [
            {
                "commit": ci_run.commit,
                "state": ci_run.state,
                "detail": ci_run.detail,
                "steps": [_describe_step(step) for step in ci_run.step_runs.all()],
            }
            for ci_run in runs
        ],
    }


def _describe_step(step: CiStepRun) -> dict[str, Any]:
    return {
        "name": step.name,
        "try_number": step.try_number,
        "state": step.state,
        "exit_code": step.exit_code,
        "detail": step.detail,
        "log_tail": read_log_tail(step, LOG_TAIL_BYTES),
    }
