"""What a builder is told about the phase it works on (DESIGN §4.1)."""

from typing import Any

from runs_app.ci.redaction import mask_steps
from runs_app.models import Phase
from runs_app.selectors.logs import read_log_tail
from runs_app.selectors.runs import list_attempts, list_ci_runs

LOG_TAIL_BYTES = 16_000
FAILED_STEP_STATES = {"FAILED", "TIMED_OUT", "ERRORED"}


def describe_context(phase: Phase) -> dict[str, Any]:
    """Spec, paths, budgets, CI steps, and what went wrong before."""
    run = phase.run
    last_ci = list_ci_runs(phase).last()
    return {
        "run": {
            "run_id": run.run_id,
            "project_id": run.project.project_id,
            "title": run.title,
            "state": run.state,
            "safety_profile": run.safety_profile,
            "run_scope": run.run_scope,
        },
        "phase": phase,
        "base_commit": run.tip_commit,
        "integration_branch": run.integration_branch,
        "allowed_paths": phase.allowed_paths,
        "protected_paths": run.protected_paths,
        "path_policy": run.path_policy,
        "ci_steps": mask_steps(run.list_ci_steps(phase.ci_profile)),
        "budgets": {
            "run_tokens_left": max(0, run.token_cap - run.tokens_used),
            "phase_token_cap": phase.incident_token_cap,
            "phase_tokens_used": phase.tokens_used,
            "builder_attempts_left": max(0, phase.max_builder_attempts - phase.builder_attempts),
            "run_deadline_at": run.deadline_at.isoformat() if run.deadline_at else None,
        },
        "previous_attempts": [a for a in list_attempts(phase) if a.ended_at is not None],
        "last_ci": last_ci,
        "last_ci_log_tail": _read_failed_tail(last_ci),
        "verdicts": list(phase.verdicts.select_related("candidate")),
        "open_issues": list(
            run.issues.order_by("id").values(
                "issue_key", "severity", "effective_severity", "source", "category", "description"
            )[:200]
        ),
    }


def _read_failed_tail(ci_run: Any) -> str:
    if ci_run is None:
        return ""
    failed = [step for step in ci_run.step_runs.all() if step.state in FAILED_STEP_STATES]
    return read_log_tail(failed[-1], LOG_TAIL_BYTES) if failed else ""
