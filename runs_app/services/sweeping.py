"""What time does to runs: leases end, runs and verdicts fall due, and what a dead process left open is
taken up.

Every function is safe to run anywhere, any number of times.
"""

import logging

from django.db import transaction
from django.utils import timezone

from autopack.actors import system_actor
from autopack.sweeping import deal_with_each
from runs_app.choices import AttemptState, CiKind, CiRunState, RunState, WaitingFor
from runs_app.models import Attempt, CiRun, Phase, Promotion, Run
from runs_app.services.ci_runs import STALE_AFTER
from runs_app.services.claims import expire_lease
from runs_app.services.driving import drive_run
from runs_app.services.endings import fail_run
from runs_app.services.promoting import ABANDONED_AFTER, settle_promotion
from runs_app.services.queue import defer_ci
from runs_app.services.recording import hold_branch, lock_run
from runs_app.services.reporting import report_outcome
from runs_app.services.settling import expire_verdict

logger = logging.getLogger(__name__)

SWEEPER = system_actor("sweeper")


def sweep() -> dict[str, int]:
    """Do all of it once. Returns how many of each were dealt with."""
    swept = {
        "leases": expire_leases(),
        "runs": end_overdue_runs(),
        "verdicts": expire_verdicts(),
        "ci_runs": requeue_orphaned_ci(),
        "intents": settle_open_intents(),
        "promotions": settle_promotions(),
        "outcomes": report_outcomes(),
    }
    if any(swept.values()):
        logger.info("swept %s", ", ".join(f"{count} {name}" for name, count in swept.items() if count))
    return swept


def expire_leases() -> int:
    overdue = Attempt.objects.filter(state=AttemptState.CLAIMED, lease_expires_at__lte=timezone.now())
    return deal_with_each(
        lambda pk: expire_lease(pk, actor=SWEEPER), list(overdue.values_list("pk", flat=True))
    )


def end_overdue_runs() -> int:
    """v7 §9: a run that is past its duration has failed. What is open in git is settled first; while git is
    away the run ends all the same, and a snapshot is settled when git is back (see `snapshots`)."""
    return deal_with_each(
        _end_overdue, list(Run.objects.overdue(timezone.now()).values_list("pk", flat=True))
    )


def _end_overdue(run_pk: int) -> bool:
    with hold_branch(run_pk):
        is_settled = bool(deal_with_each(drive_run, [run_pk]))
        with transaction.atomic():
            run = lock_run(run_pk)
            if not run.is_live or run.deadline_at is None or run.deadline_at > timezone.now():
                return False
            limit = f"its {run.max_duration_minutes} minutes"
            if not is_settled:
                fail_run(
                    run,
                    RunState.DONE_FAILED_ENVIRONMENT,
                    actor=SWEEPER,
                    code="git_unavailable",
                    reason=f"git could not serve the run within {limit}.",
                )
            else:
                fail_run(
                    run,
                    RunState.DONE_FAILED_BUDGET_EXHAUSTED,
                    actor=SWEEPER,
                    code="duration_cap",
                    reason=f"The run took longer than {limit}.",
                )
            return True


def expire_verdicts() -> int:
    overdue = Phase.objects.filter(waiting_for=WaitingFor.AUDITOR, verdict_due_at__lte=timezone.now())
    return deal_with_each(
        lambda pk: expire_verdict(pk, actor=SWEEPER), list(overdue.values_list("pk", flat=True))
    )


def requeue_orphaned_ci() -> int:
    """CI runs whose worker stopped beating, or that nobody took up for as long. Twice is harmless."""
    limit = timezone.now() - STALE_AFTER
    live = CiRun.objects.filter(kind=CiKind.LOCAL, state__in=CiRunState.live())
    orphaned = [ci_run for ci_run in live if (ci_run.heartbeat_at or ci_run.created_at) <= limit]
    return sum(defer_ci(ci_run) for ci_run in orphaned)


def settle_open_intents() -> int:
    """Runs with something open between their rows and git: a request or worker died, or git was away."""
    open_runs = set(Run.objects.filter(state=RunState.PLAN_BOOTSTRAP).values_list("pk", flat=True))
    open_runs |= set(
        Attempt.objects.filter(state__in=AttemptState.unsettled()).values_list("phase__run_id", flat=True)
    )
    # A candidate whose CI has ended but that nobody settled, and refs of runs that are over.
    open_runs |= set(
        Attempt.objects.filter(state=AttemptState.CANDIDATE, phase__waiting_for="")
        .exclude(candidate__ci_runs__state__in=CiRunState.live())
        .values_list("phase__run_id", flat=True)
    )
    open_runs |= set(
        Run.objects.filter(has_candidate_refs=True, state__in=RunState.final()).values_list("pk", flat=True)
    )
    return deal_with_each(lambda pk: drive_run(pk, is_patient=False), sorted(open_runs))


def settle_promotions() -> int:
    """Promotions whose process died between the intent and the outcome."""
    abandoned = Promotion.objects.filter(
        completed_at__isnull=True, created_at__lte=timezone.now() - ABANDONED_AFTER
    )
    pks = list(abandoned.values_list("run_id", flat=True))
    return deal_with_each(lambda pk: settle_promotion(pk, actor=SWEEPER), pks)


def report_outcomes() -> int:
    """Runs that ended without a report: before there were any."""
    silent = Run.objects.filter(is_outcome_reported=False, state__in=RunState.final())
    return deal_with_each(_report, list(silent.order_by("pk").values_list("pk", flat=True)))


def _report(run_pk: int) -> bool:
    with transaction.atomic():
        run = lock_run(run_pk)
        if run.is_outcome_reported:
            return False
        report_outcome(run)
        return True
