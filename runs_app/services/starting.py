"""Starting a run (v7 `runs/start`, DESIGN §4 "Start")."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.git.errors import GitError
from autopack.models import Project
from autopack.selectors import get_project_for_run
from catalog_app.models import PlanVersion
from runs_app.adapters import get_adapter
from runs_app.choices import CiKind, EventKind, RunState
from runs_app.errors import (
    BranchTaken,
    GitUnavailable,
    PlanRefused,
    RepositoryProblem,
    RunConflict,
    RunNotFound,
)
from runs_app.gitops.errors import BranchConflict, InvalidName, RepositoryUnusable, UnknownRevision
from runs_app.gitops.names import ensure_identifier
from runs_app.gitops.types import ObjectId
from runs_app.models import Phase, Run, Tier
from runs_app.services.driving import drive_run
from runs_app.services.recording import lock_run, record_event
from runs_app.strategy import PhaseOutline, PhaseStrategy, RunCaps, plan_strategy


@dataclass(frozen=True, slots=True)
class TierDraft:
    tier_id: str
    tier_index: int
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PhaseDraft:
    outline: PhaseOutline
    tier_id: str
    phase_index: int
    name: str
    description: str = ""
    builder_mode: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)
    acceptance_criteria: tuple[str, ...] = ()
    allowed_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A plan to run. `digest` identifies the request's body: the same id with the same digest is a repeat."""

    run_id: str
    digest: str
    tiers: tuple[TierDraft, ...]
    phases: tuple[PhaseDraft, ...]
    caps: RunCaps
    project_id: str = ""
    title: str = ""
    safety_profile: str = ""
    run_scope: str = ""
    base: str = ""
    after: str = ""
    plan_version: PlanVersion | None = None
    plan_run_number: int | None = None


def start_run(request: StartRequest, *, actor: Actor, ensure: Callable[[], None] | None = None) -> Run:
    """Create a run with its branch. The same request again gives the same run.

    `ensure` is called in the transaction that makes the run, and refuses it by raising. Raises RunConflict,
    PlanRefused (every reason), RepositoryProblem, BranchTaken, and what choosing a project raises.
    """
    started = find_started(request.run_id, request.digest, actor=actor)
    if started is None:
        _create_run(request, actor=actor, ensure=ensure)
        started = find_started(request.run_id, request.digest, actor=actor)
    assert started is not None, "it was made, by whomever"
    return open_branch(started)


def find_started(run_id: str, digest: str, *, actor: Actor) -> Run | None:
    """The run that the same request has started. Raises RunConflict where another one has the id."""
    existing = Run.objects.filter(run_id=run_id).select_related("project").first()
    if existing is None:
        return None
    if not actor.may_see(existing.project.project_id):
        raise RunConflict(f"The id {run_id} is taken. Choose another run_id.", allowed=[])
    if existing.start_digest != digest:
        raise RunConflict(
            f"Run {run_id} exists with another request. Choose another run_id.",
            state=existing.state,
            allowed=[],
        )
    return existing


def _create_run(request: StartRequest, *, actor: Actor, ensure: Callable[[], None] | None) -> None:
    project = get_project_for_run(actor, request.project_id)
    _ensure_plan(request)
    try:
        base_ref, base_commit, after = _resolve_base(request, project, actor=actor)
        with transaction.atomic():
            if ensure is not None:
                ensure()
            _insert_rows(request, project, base_ref, base_commit, after, actor=actor)
    except (IntegrityError, BranchTaken):
        # The same id at the same moment: whoever was first has made it, perhaps with its branch.
        if not Run.objects.filter(run_id=request.run_id).exists():
            raise


def _ensure_plan(request: StartRequest) -> None:
    """Everything that is wrong with the tiers and phases, at once."""
    errors: list[dict[str, Any]] = []
    strategy = plan_strategy([phase.outline for phase in request.phases], request.caps)
    if len(request.phases) > strategy.max_phases:
        errors.append(
            _problem(
                "too_many_phases",
                "/phases",
                f"{len(request.phases)} phases, at most {strategy.max_phases}. Split the plan into several "
                "runs (`after` chains them) or raise max_phases.",
            )
        )
    tier_ids = Counter(tier.tier_id for tier in request.tiers)
    phase_ids = Counter(phase.outline.phase_id for phase in request.phases)
    errors += [
        _problem("duplicate_tier", "/tiers", f"Tier {name} appears {count} times.")
        for name, count in tier_ids.items()
        if count > 1
    ]
    errors += [
        _problem("duplicate_phase", "/phases", f"Phase {name} appears {count} times.")
        for name, count in phase_ids.items()
        if count > 1
    ]
    errors += [
        _problem("invalid_name", f"/phases/{index}/phase_id", str(error))
        for index, phase in enumerate(request.phases)
        if (error := _find_unusable_name(phase.outline.phase_id))
    ]
    errors += [
        _problem(
            "unknown_tier",
            f"/phases/{index}/tier_id",
            f"Phase {phase.outline.phase_id} names tier {phase.tier_id}, which is not in `tiers`.",
        )
        for index, phase in enumerate(request.phases)
        if phase.tier_id not in tier_ids
    ]
    if errors:
        raise PlanRefused("The plan cannot be run as it is.", errors=errors)


def _find_unusable_name(phase_id: str) -> InvalidName | None:
    """Why git would take no candidate of the phase, however often it is built."""
    try:
        ensure_identifier(phase_id, "phase id")
    except InvalidName as error:
        return error
    return None


def _problem(code: str, pointer: str, detail: str) -> dict[str, Any]:
    return {"code": code, "pointer": pointer, "detail": detail}


def _resolve_base(
    request: StartRequest, project: Project, *, actor: Actor
) -> tuple[str, ObjectId, Run | None]:
    """Where the branch starts, and that the repository can be used and the branch name is free."""
    repo = Path(project.repo_path)
    adapter = get_adapter()
    after = _find_predecessor(request, project, actor=actor) if request.after else None
    try:
        adapter.inspect_repository(repo)
        if after is not None:
            base_ref, base = after.integration_branch, ObjectId(after.tip_commit)
        else:
            base_ref = request.base or project.default_branch
            base = adapter.resolve_commit(repo, base_ref)
        taken = adapter.find_branch(repo, branch_of(request.run_id))
    except RepositoryUnusable as error:
        raise RepositoryProblem(
            f"The repository of project {project.project_id} cannot be used: {error.reason}",
            reason_code=error.reason_code,
        ) from error
    except UnknownRevision as error:
        raise PlanRefused(
            f"The start commit cannot be found: {error}",
            errors=[_problem("unknown_revision", "/run/base", str(error))],
        ) from error
    except InvalidName as error:
        raise PlanRefused(str(error), errors=[_problem("invalid_name", "/run/run_id", str(error))]) from error
    except GitError as error:
        raise GitUnavailable(f"git could not serve: {error}", retry_after_seconds=5) from error
    if taken is not None:
        raise BranchTaken(
            f"Branch {branch_of(request.run_id)} exists already and is not of a run of ours. "
            "Choose another run_id or delete the branch.",
            allowed=[],
        )
    return base_ref, base, after


def _find_predecessor(request: StartRequest, project: Project, *, actor: Actor) -> Run:
    after = Run.objects.filter(run_id=request.after, project=project).first()
    if after is None or not actor.may_see(project.project_id):
        raise RunNotFound(f"There is no run {request.after!r} in project {project.project_id} to follow.")
    if after.status != RunState.DONE_SUCCESS:
        raise RunConflict(
            f"Run {after.run_id} is {after.state}; a run follows one that is DONE_SUCCESS.", state=after.state
        )
    return after


def branch_of(run_id: str) -> str:
    """v7 §1: the integration branch of a run."""
    return f"autonomous/{run_id}"


def _insert_rows(
    request: StartRequest,
    project: Project,
    base_ref: str,
    base: ObjectId,
    after: Run | None,
    *,
    actor: Actor,
) -> None:
    """The intent: the run in PLAN_BOOTSTRAP with its frozen strategy, before its branch is made."""
    strategy = plan_strategy([phase.outline for phase in request.phases], request.caps)
    now = timezone.now()
    run = Run(
        run_id=request.run_id,
        project=project,
        title=request.title,
        safety_profile=request.safety_profile or project.safety_profile,
        run_scope=request.run_scope or project.default_run_scope,
        repo_path=project.repo_path,
        default_branch=project.default_branch,
        base_ref=base_ref,
        base_commit=base,
        after=after,
        integration_branch=branch_of(request.run_id),
        tip_commit=base,
        token_cap=strategy.token_cap,
        max_phases=strategy.max_phases,
        max_duration_minutes=strategy.max_duration_minutes,
        lease_seconds=strategy.lease_seconds,
        verdict_timeout_seconds=strategy.verdict_timeout_seconds,
        ci_kind=project.ci_kind,
        ci_steps={"normal": project.ci_normal, "strict": project.ci_strict},
        path_policy=project.path_policy,
        protected_paths=project.protected_paths,
        phases_total=len(request.phases),
        start_digest=request.digest,
        plan_version=request.plan_version,
        plan_run_number=request.plan_run_number,
        created_by=actor.identity,
        created_at=now,
        deadline_at=now + timedelta(minutes=strategy.max_duration_minutes),
    )
    run.is_ci_configured = run.ci_kind == CiKind.EXTERNAL or (
        run.ci_kind == CiKind.LOCAL and all(run.list_ci_steps(phase.ci_profile) for phase in strategy.phases)
    )
    run.save()
    tiers = {
        draft.tier_id: Tier.objects.create(
            run=run,
            tier_id=draft.tier_id,
            tier_index=draft.tier_index,
            name=draft.name,
            description=draft.description,
        )
        for draft in request.tiers
    }
    planned = zip(request.phases, strategy.phases, strict=True)
    in_order = sorted(planned, key=lambda pair: (tiers[pair[0].tier_id].tier_index, pair[0].phase_index))
    Phase.objects.bulk_create(
        _phase_row(run, tiers[draft.tier_id], position, draft, decided)
        for position, (draft, decided) in enumerate(in_order)
    )
    record_event(
        lock_run(run.pk),
        EventKind.RUN_STATE,
        actor=actor,
        subject=run.run_id,
        after=RunState.PLAN_BOOTSTRAP,
        payload={"base": base_ref, "base_commit": base, "phases": len(request.phases)},
    )


def _phase_row(run: Run, tier: Tier, position: int, draft: PhaseDraft, decided: PhaseStrategy) -> Phase:
    return Phase(
        run=run,
        tier=tier,
        phase_id=decided.phase_id,
        phase_index=draft.phase_index,
        position=position,
        name=draft.name,
        description=draft.description,
        task_category=draft.outline.task_category,
        complexity=decided.complexity,
        builder_mode=draft.builder_mode,
        spec=dict(draft.spec),
        acceptance_criteria=list(draft.acceptance_criteria),
        allowed_paths=list(draft.allowed_paths),
        ci_profile=decided.ci_profile,
        auditor_profile=decided.auditor_profile,
        max_builder_attempts=decided.max_builder_attempts,
        max_auditor_attempts=decided.max_auditor_attempts,
        incident_token_cap=decided.incident_token_cap,
    )


def open_branch(run: Run) -> Run:
    """The run with its branch, made now if it is not there yet. Raises GitUnavailable, BranchTaken."""
    if run.status == RunState.PLAN_BOOTSTRAP:
        drive_run(run.pk)
    opened = Run.objects.select_related("project").get(pk=run.pk)
    if opened.status == RunState.PLAN_BOOTSTRAP:
        raise GitUnavailable(
            f"Run {run.run_id} is stored, but git could not make its branch yet. Send the same request "
            "again.",
            retry_after_seconds=5,
        )
    if opened.started_at is None and opened.failure_code == BranchConflict.code:
        raise BranchTaken(opened.failure_reason, state=opened.state, allowed=[])
    return opened
