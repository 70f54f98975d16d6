"""Runs, phases, attempts, CI: one thing by its ids, or the rows of a list."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from autopack.actors import Actor
from autopack.models import Project
from runs_app.errors import AttemptNotFound, PhaseNotFound, RunNotFound, StepNotFound
from runs_app.models import (
    Attempt,
    BacklogIssue,
    CiRun,
    CiStepRun,
    Event,
    IncidentPack,
    Phase,
    Run,
    RunIssue,
    Tier,
)
from runs_app.models.runs import RunQuerySet

TEXTS_OF_PLAN = [
    f"plan_version__{field}" for field in ("request", "document_text", "outline", "changes", "diff")
]
"""Of a run's plan what is large, and rarely wanted with the run."""


def list_runs(actor: Actor) -> RunQuerySet:
    """Runs of the projects the actor sees, newest first, with their project."""
    runs: RunQuerySet = Run.objects.select_related("project")
    if actor.project_ids is not None:
        runs = runs.filter(project__project_id__in=actor.project_ids)
    return runs


def search_runs(runs: QuerySet[Run], *, project_id: str = "", words: str = "") -> QuerySet[Run]:
    """Runs of a project with the words in their id or title; empty means any."""
    if project_id:
        runs = runs.filter(project__project_id=project_id)
    if words:
        runs = runs.filter(Q(run_id__icontains=words) | Q(title__icontains=words))
    return runs


def find_incident(run: Run) -> dict[str, Any] | None:
    """The incident pack of a failed run."""
    pack = IncidentPack.objects.filter(run=run).first()
    return pack.content if pack else None


def get_run(actor: Actor, run_id: str) -> Run:
    run = list_runs(actor).filter(run_id=run_id).first()
    if run is None:
        raise RunNotFound(f"There is no run {run_id!r}.")
    return run


def get_run_tree(actor: Actor, run_id: str) -> Run:
    """The run with its tiers and their phases, in order, and the name of its plan, in three queries."""
    tiers = Tier.objects.order_by("tier_index", "id").prefetch_related(
        Prefetch("phases", Phase.objects.order_by("position"))
    )
    runs = list_runs(actor).select_related("plan_version__plan").defer(*TEXTS_OF_PLAN)
    run = runs.filter(run_id=run_id).prefetch_related(Prefetch("tiers", tiers)).first()
    if run is None:
        raise RunNotFound(f"There is no run {run_id!r}.")
    return run


def get_phase(actor: Actor, run_id: str, phase_id: str) -> Phase:
    """Raises RunNotFound, PhaseNotFound."""
    phase = (
        Phase.objects.filter(run__run_id=run_id, phase_id=phase_id)
        .select_related("run__project", "tier")
        .first()
    )
    if phase is None or not actor.may_see(phase.run.project.project_id):
        run = get_run(actor, run_id)
        raise PhaseNotFound(f"Run {run.run_id} has no phase {phase_id!r}.")
    return phase


def list_attempts(phase: Phase) -> QuerySet[Attempt]:
    """A phase's attempts in order, with patch sizes (not contents), refusals and candidates."""
    return (
        phase.attempts.select_related("patch", "candidate")
        .defer("patch__content")
        .prefetch_related("refusals", "candidate__ci_runs")
        .order_by("number")
    )


def get_attempt(phase: Phase, number: int) -> Attempt:
    attempt = list_attempts(phase).filter(number=number).first()
    if attempt is None:
        raise AttemptNotFound(f"Phase {phase.phase_id} has no attempt {number}.")
    return attempt


def read_patch(attempt: Attempt) -> bytes:
    """The bytes of an attempt's patch; empty if it has none."""
    content = Attempt.objects.filter(pk=attempt.pk).values_list("patch__content", flat=True).first()
    return bytes(content or b"")


def list_ci_runs(phase: Phase) -> QuerySet[CiRun]:
    """CI runs of a phase in order, with every try of every step."""
    return (
        CiRun.objects.filter(candidate__attempt__phase=phase)
        .select_related("candidate__attempt")
        .prefetch_related("step_runs")
        .order_by("id")
    )


def get_step_run(actor: Actor, step_run_pk: int) -> CiStepRun:
    step_run = (
        CiStepRun.objects.filter(pk=step_run_pk)
        .select_related("ci_run__candidate__attempt__phase__run__project")
        .first()
    )
    if step_run is None or not actor.may_see(step_run.ci_run.candidate.attempt.phase.run.project.project_id):
        raise StepNotFound(f"There is no CI step {step_run_pk}.")
    return step_run


def list_events(run: Run, *, after: int, limit: int) -> list[Event]:
    """Events with a sequence above `after`, oldest first."""
    return list(run.events.filter(sequence__gt=after).select_related("phase").order_by("sequence")[:limit])


def list_run_issues(run: Run) -> QuerySet[RunIssue]:
    return run.issues.order_by("id")


def list_backlog(actor: Actor, project: Project | None) -> QuerySet[BacklogIssue]:
    """The backlog of a project, or of all the actor sees, longest standing first."""
    issues = BacklogIssue.objects.select_related("project")
    if project is not None:
        issues = issues.filter(project=project)
    elif actor.project_ids is not None:
        issues = issues.filter(project__project_id__in=actor.project_ids)
    return issues.order_by("-age_in_runs", "-age_in_tiers", "-occurrence_count", "id")
