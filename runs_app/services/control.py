"""What an operator does to a run: cancel it, correct a phase, promote it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from runs_app.adapters import get_adapter
from runs_app.choices import AttemptState, Cleanliness, EventKind, PhaseState, RunState, TierState
from runs_app.errors import GitUnavailable, IllegalChange, NotPromotable
from runs_app.gitops.errors import (
    BranchCheckedOut,
    BranchConflict,
    BranchMoved,
    GitError,
    MergeConflict,
    NotFastForward,
    RepositoryUnusable,
    UnknownRevision,
)
from runs_app.gitops.message import compose_commit_message
from runs_app.gitops.types import CommitSpec, ObjectId, PromotionMode, PromotionRequest, PromotionResult
from runs_app.lifecycle import PHASE_TRANSITIONS, list_allowed
from runs_app.models import Phase, Promotion, Run
from runs_app.services import budgets
from runs_app.services.candidates import AUTOPACK, cancel_ci
from runs_app.services.driving import drive_run
from runs_app.services.endings import cancel_run_locked, complete_run, fail_run
from runs_app.services.phases import find_next_phase, open_attempt, queue_again
from runs_app.services.recording import (
    hold_branch,
    lock_run,
    move_attempt,
    move_phase,
    move_tier,
    record_event,
)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """v7 `update_status`. None leaves a count as it is; `tokens_used` is the phase's new total."""

    state: PhaseState
    tokens_used: int | None = None


def cancel_run(run: Run, *, actor: Actor, reason: str = "") -> Run:
    """End a live run. What is open in git is settled first, so nothing is half done. Raises RunEnded."""
    with hold_branch(run.pk):
        drive_run(run.pk)
        with transaction.atomic():
            cancel_run_locked(lock_run(run.pk), actor=actor, reason=reason)
    return Run.objects.select_related("project").get(pk=run.pk)


def update_phase_status(phase: Phase, update: StatusUpdate, *, actor: Actor) -> Phase:
    """Correct a phase by hand, along the transition table. GATE, CI_RUNNING and COMPLETE are reached by a
    result, a candidate and a snapshot alone. The same state again changes nothing. What is open in git is
    settled first. Raises IllegalChange."""
    drive_run(phase.run_id)
    with transaction.atomic():
        run = lock_run(phase.run_id)
        phase = Phase.objects.select_related("tier", "run").get(pk=phase.pk)
        if phase.status != update.state:
            _correct(run, phase, update.state, actor=actor)
        if update.tokens_used is not None:
            phase.refresh_from_db()
            budgets.spend_tokens(run, phase, update.tokens_used - phase.tokens_used)
            if run.is_live:
                budgets.fail_if_exceeded(run, phase, actor=actor)
    drive_run(run.pk)
    return Phase.objects.select_related("tier", "run__project").get(pk=phase.pk)


def list_corrections(run: Run, phase: Phase) -> list[str]:
    """The states that `update_status` accepts now."""
    if not run.is_live:
        return []
    if phase.attempts.filter(state__in=AttemptState.unsettled()).exists():
        return []
    by_hand = {PhaseState.QUEUED, PhaseState.FAILED, PhaseState.SKIPPED}
    following = find_next_phase(run)
    if following is not None and following.pk == phase.pk and run.status == RunState.PHASE_QUEUEING:
        by_hand.add(PhaseState.EXECUTING)
    return [state for state in list_allowed(PHASE_TRANSITIONS, phase.status) if state in by_hand]


def _correct(run: Run, phase: Phase, state: PhaseState, *, actor: Actor) -> None:
    allowed = list_corrections(run, phase)
    if state not in allowed:
        raise IllegalChange(
            f"Phase {phase.phase_id} is {phase.state}; it cannot be set to {state}. "
            "COMPLETE, GATE and CI_RUNNING are reached by results and CI alone.",
            state=phase.state,
            allowed=allowed,
        )
    match state:
        case PhaseState.EXECUTING:
            open_attempt(run, phase, actor=actor, is_implicit=True)
        case PhaseState.QUEUED:
            _end_attempts(run, phase, actor=actor)
            queue_again(run, phase, actor=actor)
        case PhaseState.SKIPPED:
            move_phase(run, phase, PhaseState.SKIPPED, actor=actor, completed_at=timezone.now())
            _close_after_skip(run, phase, actor=actor)
        case _:
            fail_run(
                run,
                RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW,
                actor=actor,
                phase=phase,
                code="failed_by_operator",
                reason=f"{actor.name} set phase {phase.phase_id} to FAILED.",
            )


def _end_attempts(run: Run, phase: Phase, *, actor: Actor) -> None:
    for attempt in phase.attempts.filter(state__in=AttemptState.open()).select_related("phase"):
        cancel_ci(run, attempt, detail="An operator queued the phase again.", actor=actor)
        move_attempt(run, attempt, AttemptState.CANCELLED, actor=actor, outcome_code="queued_again")


def _close_after_skip(run: Run, phase: Phase, *, actor: Actor) -> None:
    tier = phase.tier
    states = set(tier.phases.values_list("state", flat=True))
    if states <= {s.value for s in PhaseState.final()}:
        move_tier(
            run,
            tier,
            TierState.SKIPPED if states == {PhaseState.SKIPPED} else TierState.COMPLETE,
            actor=actor,
        )
    if run.status == RunState.PHASE_QUEUEING and find_next_phase(run) is None:
        complete_run(run, actor=actor)


def list_promotion_obstacles(run: Run) -> list[dict[str, Any]]:
    """Every condition of v7 §10 that does not hold; empty if the run may be promoted."""
    obstacles = []
    if run.status != RunState.DONE_SUCCESS:
        obstacles.append({"code": "not_successful", "detail": f"The run is {run.state}, not DONE_SUCCESS."})
    if not run.is_ci_configured:
        obstacles.append({"code": "not_tested", "detail": "No CI configured: some commits are untested."})
    unclean = [tier.tier_id for tier in run.tiers.all() if tier.cleanliness != Cleanliness.CLEAN]
    if unclean:
        obstacles.append({"code": "tier_not_clean", "detail": f"Tiers not clean: {', '.join(unclean)}."})
    if not obstacles and not run.promotion_eligible_to_main:
        obstacles.append({"code": "not_eligible", "detail": "The run was not found eligible when it ended."})
    return obstacles


def promote_run(run: Run, *, mode: PromotionMode, actor: Actor) -> Promotion:
    """Bring the run's tested tip onto the project's default branch. Repeating it changes nothing.

    Raises NotPromotable with every reason and what to do.
    """
    existing = Promotion.objects.filter(run=run).first()
    if existing is not None:
        return existing
    obstacles = list_promotion_obstacles(run)
    if obstacles:
        raise NotPromotable(
            f"Run {run.run_id} cannot be promoted.", errors=obstacles, state=run.state, allowed=[]
        )
    with hold_branch(run.pk):
        result = _promote_in_git(run, mode, actor=actor)
        with transaction.atomic():
            run = lock_run(run.pk)
            promotion, is_new = Promotion.objects.get_or_create(
                run=run,
                defaults={
                    "target_branch": result.target_branch,
                    "previous_commit": result.previous,
                    "commit": result.commit,
                    "is_merge": result.is_merge,
                    "promoted_by": actor.identity,
                    "created_at": timezone.now(),
                },
            )
            if is_new:
                record_event(
                    run,
                    EventKind.PROMOTED,
                    actor=actor,
                    payload={"branch": result.target_branch, "commit": result.commit},
                )
    return promotion


def _promote_in_git(run: Run, mode: PromotionMode, *, actor: Actor) -> PromotionResult:
    adapter, repo, target = get_adapter(), Path(run.project.repo_path), run.project.default_branch
    completed_at = run.completed_at or run.created_at
    message = compose_commit_message(
        subject=f"Merge {run.integration_branch}",
        body=run.title,
        trailers=[("Autopack-Run", run.run_id), ("Autopack-Promoted-By", actor.name)],
    )
    spec = CommitSpec(message, AUTOPACK, AUTOPACK, completed_at, completed_at)
    try:
        expected = adapter.resolve_commit(repo, f"refs/heads/{target}")
        return adapter.promote(
            PromotionRequest(
                repo=repo,
                run_id=run.run_id,
                target_branch=target,
                expected=expected,
                commit=ObjectId(run.tip_commit),
                mode=mode,
                spec=spec,
            )
        )
    except BranchCheckedOut as error:
        advice = f"Autopack never touches a checkout. Run there: git merge --ff-only {run.integration_branch}"
        raise _not_promotable(run, error, f"{target} is checked out in {error.worktree}. {advice}") from error
    except NotFastForward as error:
        advice = f"{target} has moved on since the run started; promote with mode merge, or rebase the plan."
        raise _not_promotable(run, error, advice) from error
    except MergeConflict as error:
        raise _not_promotable(run, error, f"Merging conflicts in {', '.join(error.paths)}.") from error
    except BranchMoved as error:
        raise _not_promotable(run, error, f"{target} moved at this moment; try again.") from error
    except (RepositoryUnusable, UnknownRevision, BranchConflict) as error:
        raise _not_promotable(run, error, str(error)) from error
    except GitError as error:
        raise GitUnavailable(f"git could not serve: {error}", retry_after_seconds=5) from error


def _not_promotable(run: Run, error: GitError, detail: str) -> NotPromotable:
    return NotPromotable(detail, errors=[{"code": error.code, "detail": detail}], state=run.state, allowed=[])
