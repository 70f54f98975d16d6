"""Promotion: an eligible run's tested tip is brought onto the protected branch (v7 §10).

The same way as everything that touches git: an intent row, the operation, the outcome.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.git.errors import GitError
from runs_app.adapters import get_adapter, repository_of
from runs_app.choices import EventKind, RunState
from runs_app.errors import GitUnavailable, NotPromotable
from runs_app.gitops.errors import (
    BranchCheckedOut,
    BranchConflict,
    BranchMoved,
    MergeConflict,
    NotFastForward,
    RepositoryUnusable,
    UnknownRevision,
)
from runs_app.gitops.message import compose_commit_message
from runs_app.gitops.types import CommitSpec, ObjectId, PromotionMode, PromotionRequest, PromotionResult
from runs_app.models import Promotion, Run
from runs_app.services.candidates import AUTOPACK
from runs_app.services.eligibility import list_quality_obstacles
from runs_app.services.recording import hold_branch, lock_run, record_event

ABANDONED_AFTER = timedelta(seconds=30)
"""An intent that is older has lost the process that had it."""


def list_promotion_obstacles(run: Run) -> list[dict[str, Any]]:
    """Every condition of v7 §10 that does not hold; empty if the run may be promoted."""
    obstacles = []
    if run.status != RunState.DONE_SUCCESS:
        obstacles.append({"code": "not_successful", "detail": f"The run is {run.state}, not DONE_SUCCESS."})
    obstacles += list_quality_obstacles(run)
    return obstacles


def promote_run(run: Run, *, mode: PromotionMode, actor: Actor) -> Promotion:
    """Bring the run's tested tip onto the project's default branch. Repeating it changes nothing.

    Raises NotPromotable with every reason and what to do, GitUnavailable.
    """
    existing = Promotion.objects.filter(run=run, completed_at__isnull=False).first()
    if existing is not None:
        return existing
    obstacles = list_promotion_obstacles(run)
    if obstacles:
        raise NotPromotable(
            f"Run {run.run_id} cannot be promoted.", errors=obstacles, state=run.state, allowed=[]
        )
    with hold_branch(run.pk):
        try:
            target = get_adapter().resolve_commit(repository_of(run), f"refs/heads/{run.default_branch}")
            intent = _intend(run, target, actor=actor)
            if intent.completed_at is not None:
                return intent
            result = _promote_in_git(run, target, mode, actor=actor)
        except GitError as error:
            _withdraw(run)
            raise _refuse(run, error) from error
        return _complete(run, result, actor=actor)


def settle_promotion(run_pk: int, *, actor: Actor) -> bool:
    """Decide on an intent whose process died: done if the target holds the tip, else withdrawn. Returns
    whether there was one."""
    with hold_branch(run_pk, is_patient=False) as is_held:
        run = Run.objects.select_related("project").get(pk=run_pk)
        intent = Promotion.objects.filter(run=run, completed_at__isnull=True).first()
        if not is_held or intent is None:
            return False
        repo, adapter = repository_of(run), get_adapter()
        tip = adapter.resolve_commit(repo, f"refs/heads/{intent.target_branch}")
        if adapter.is_ancestor(repo, ObjectId(run.tip_commit), tip):
            result = PromotionResult(intent.target_branch, tip, tip, is_merge=tip != run.tip_commit)
            _complete(run, result, actor=actor)
        else:
            _withdraw(run)
        return True


@transaction.atomic
def _intend(run: Run, target: ObjectId, *, actor: Actor) -> Promotion:
    """The intent, with where the target stands; that of a process that died is taken up as it is."""
    lock_run(run.pk)
    promotion, _ = Promotion.objects.get_or_create(
        run=run,
        defaults={
            "target_branch": run.default_branch,
            "previous_commit": target,
            "promoted_by": actor.identity,
            "created_at": timezone.now(),
        },
    )
    return promotion


@transaction.atomic
def _complete(run: Run, result: PromotionResult, *, actor: Actor) -> Promotion:
    run = lock_run(run.pk)
    promotion = Promotion.objects.get(run=run)
    # A target that holds the tip already was moved before the process died that intended it.
    if result.previous != result.commit:
        promotion.previous_commit = result.previous
    promotion.target_branch = result.target_branch
    promotion.commit = result.commit
    promotion.is_merge = result.is_merge
    promotion.completed_at = timezone.now()
    promotion.save()
    record_event(
        run,
        EventKind.PROMOTED,
        actor=actor,
        payload={"branch": result.target_branch, "commit": result.commit},
    )
    return promotion


def _withdraw(run: Run) -> None:
    Promotion.objects.filter(run=run, completed_at__isnull=True).delete()


def _promote_in_git(run: Run, target: ObjectId, mode: PromotionMode, *, actor: Actor) -> PromotionResult:
    completed_at = run.completed_at or run.created_at
    message = compose_commit_message(
        subject=f"Merge {run.integration_branch}",
        body=run.title,
        trailers=[("Autopack-Run", run.run_id), ("Autopack-Promoted-By", actor.name)],
    )
    return get_adapter().promote(
        PromotionRequest(
            repo=repository_of(run),
            run_id=run.run_id,
            target_branch=run.default_branch,
            expected=target,
            commit=ObjectId(run.tip_commit),
            mode=mode,
            spec=CommitSpec(message, AUTOPACK, AUTOPACK, completed_at, completed_at),
        )
    )


def _refuse(run: Run, error: GitError) -> NotPromotable | GitUnavailable:
    """What git said, with what the operator can do about it."""
    target = run.default_branch
    match error:
        case BranchCheckedOut():
            detail = (
                f"{target} is checked out in {error.worktree}. Autopack never touches a checkout. "
                f"Run there: git merge --ff-only {run.integration_branch}"
            )
        case NotFastForward():
            detail = (
                f"{target} has moved on since the run started; promote with mode merge, or rebase the plan."
            )
        case MergeConflict():
            detail = f"Merging conflicts in {', '.join(error.paths)}."
        case BranchMoved():
            detail = f"{target} moved at this moment; try again."
        case RepositoryUnusable() | UnknownRevision() | BranchConflict():
            detail = str(error)
        case _:
            return GitUnavailable(f"git could not serve: {error}", retry_after_seconds=5)
    return NotPromotable(detail, errors=[{"code": error.code, "detail": detail}], state=run.state, allowed=[])
