"""What the pages of one run and one phase show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from autopack.actors import Actor
from runs_app.choices import AttemptState, CiRunState, EventKind, PhaseState, RunState, TierState
from runs_app.errors import AttemptNotFound, PhaseNotFound, RunNotFound
from runs_app.models import (
    Attempt,
    CiRun,
    CiStepRun,
    Event,
    IncidentPack,
    Phase,
    Run,
    RunIssue,
    Snapshot,
    Tier,
)
from runs_app.selectors.dashboard import is_worker_alive
from runs_app.selectors.runs import list_runs

EVENTS_PAGE = 40
EVENTS_CATCH_UP = 200

KEY_STATES: Mapping[EventKind, frozenset[str]] = {
    EventKind.RUN_STATE: frozenset({RunState.RUN_CREATED.value, *(s.value for s in RunState.final())}),
    EventKind.TIER_STATE: frozenset({TierState.COMPLETE.value, TierState.FAILED.value}),
    EventKind.PHASE_STATE: frozenset({PhaseState.EXECUTING.value, PhaseState.FAILED.value}),
    EventKind.ATTEMPT_STATE: frozenset(
        s.value
        for s in (
            AttemptState.REFUSED,
            AttemptState.RED,
            AttemptState.REJECTED,
            AttemptState.FAILED,
            AttemptState.LOST,
            AttemptState.RELEASED,
        )
    ),
    EventKind.CI_STATE: frozenset(
        s.value for s in (CiRunState.PASSED, CiRunState.FAILED, CiRunState.ERRORED, CiRunState.NOT_CONFIGURED)
    ),
}
"""Of the kinds that change states, the changes worth a line unless every event is asked for."""

QUIET_KINDS = frozenset({EventKind.LEASE_RENEWED, EventKind.CI_STEP})
"""Kinds that only the full list shows."""


def get_run(actor: Actor, run_id: str) -> Run:
    """Raises RunNotFound, also for a run of a project that the actor may not see."""
    run = list_runs(actor).select_related("project", "after", "promotion").filter(run_id=run_id).first()
    if run is None:
        raise RunNotFound(f"There is no run {run_id!r}.")
    return run


def get_phase(actor: Actor, run_id: str, phase_id: str) -> Phase:
    """Raises PhaseNotFound."""
    phase = (
        Phase.objects.filter(run__in=list_runs(actor), run__run_id=run_id, phase_id=phase_id)
        .select_related("run__project", "tier", "snapshot")
        .first()
    )
    if phase is None:
        raise PhaseNotFound(f"Run {run_id!r} has no phase {phase_id!r}.")
    return phase


def read_version(run: Run) -> str:
    """A text that changes whenever anything on the run's pages does: what a polling page compares.

    Events number every change of state; spending, waiting and a worker that dies do not make events.
    """
    waiting = run.phases.exclude(waiting_for="").values_list("waiting_for", flat=True).first()
    spent = f"{run.tokens_used}.{run.ci_runs_used}"
    return f"{run.event_count}.{spent}.{waiting or ''}.{is_worker_alive():d}"


def read_phase_version(phase: Phase) -> str:
    """The same for the page of a phase, where steps of CI begin and end without an event."""
    steps = CiStepRun.objects.filter(ci_run__candidate__attempt__phase=phase).aggregate(
        begun=Count("pk"), ended=Count("completed_at")
    )
    return f"{read_version(phase.run)}.{steps['begun']}.{steps['ended']}"


@dataclass(frozen=True, slots=True)
class BoardPhase:
    """A phase of the board. `note` is why it waits, failed, or is being tried again."""

    row: Phase
    snapshot: Snapshot | None
    lines_added: int
    lines_removed: int
    note: str

    @property
    def is_active(self) -> bool:
        return self.row.status in PhaseState.active()


@dataclass(frozen=True, slots=True)
class BoardTier:
    row: Tier
    phases: Sequence[BoardPhase]

    @property
    def complete(self) -> int:
        return sum(1 for phase in self.phases if phase.row.status == PhaseState.COMPLETE)


def list_board(run: Run) -> list[BoardTier]:
    """Tiers with their phases in order of work. Two queries, however many phases."""
    last_ended = Attempt.objects.filter(phase=OuterRef("pk"), ended_at__isnull=False).order_by("-number")
    phases = (
        run.phases.select_related("snapshot__candidate__attempt__patch")
        .defer("spec", "description", "snapshot__candidate__attempt__patch__content")
        .annotate(last_outcome=Subquery(last_ended.values("outcome_detail")[:1]))
        .order_by("position")
    )
    by_tier: dict[int, list[BoardPhase]] = {}
    for phase in phases:
        by_tier.setdefault(phase.tier_id, []).append(_board_phase(phase))
    return [BoardTier(tier, by_tier.get(tier.pk, [])) for tier in run.tiers.order_by("tier_index", "pk")]


def _board_phase(phase: Phase) -> BoardPhase:
    snapshot: Snapshot | None = getattr(phase, "snapshot", None)
    patch = getattr(snapshot.candidate.attempt, "patch", None) if snapshot else None
    note = phase.failure_reason or phase.waiting_reason
    if not note and phase.status == PhaseState.QUEUED and phase.builder_attempts:
        note = getattr(phase, "last_outcome", None) or ""
    return BoardPhase(
        row=phase,
        snapshot=snapshot,
        lines_added=patch.lines_added if patch else 0,
        lines_removed=patch.lines_removed if patch else 0,
        note=note,
    )


def list_tags(board: Sequence[BoardTier]) -> list[Snapshot]:
    """The snapshots of a board, newest first."""
    return [p.snapshot for tier in reversed(board) for p in reversed(tier.phases) if p.snapshot is not None]


def list_run_issues(run: Run, *, limit: int = 8) -> list[RunIssue]:
    """The worst first; "major" sorts before "minor"."""
    return list(run.issues.order_by("effective_severity", "-occurrence_count", "pk")[:limit])


def find_starter(run: Run) -> str:
    """The name of whoever started the run, from its first event."""
    return run.events.filter(sequence=1).values_list("actor_name", flat=True).first() or ""


def find_incident(run: Run) -> IncidentPack | None:
    return IncidentPack.objects.filter(run=run).first()


@dataclass(frozen=True, slots=True)
class Events:
    """Events newest first; `last` is the highest sequence seen so far, `older` a cursor or None."""

    items: Sequence[Event]
    last: int
    older: int | None = None


def list_events(
    run: Run, *, after: int | None = None, before: int | None = None, is_full: bool = False
) -> Events:
    """A page of the timeline: from its end, older than `before`, or everything since `after`.

    Without `is_full`, only what a person would tell somebody about.
    """
    events = run.events.select_related("phase").order_by("-sequence")
    if not is_full:
        events = events.filter(_worth_telling())
    if after is not None:
        items = list(events.filter(sequence__gt=after)[:EVENTS_CATCH_UP])
        return Events(items, last=max(after, run.event_count))
    if before is not None:
        events = events.filter(sequence__lt=before)
    items = list(events[: EVENTS_PAGE + 1])
    has_older = len(items) > EVENTS_PAGE
    items = items[:EVENTS_PAGE]
    return Events(items, last=run.event_count, older=items[-1].sequence if has_older else None)


def _worth_telling() -> Q:
    stateful = Q(pk__in=[])
    for kind, states in KEY_STATES.items():
        stateful |= Q(kind=kind.value, after__in=sorted(states))
    others = ~Q(kind__in=[kind.value for kind in (*KEY_STATES, *QUIET_KINDS)])
    return stateful | others


def list_attempts(phase: Phase) -> list[Attempt]:
    """Newest first, with what the gate said and without the bytes of the patch. Two queries."""
    return list(
        phase.attempts.select_related("patch", "candidate")
        .defer("patch__content")
        .prefetch_related("refusals")
        .order_by("-number")
    )


def get_attempt(actor: Actor, run_id: str, phase_id: str, number: int) -> Attempt:
    """With its patch. Raises AttemptNotFound, also where no result was submitted."""
    attempt = (
        Attempt.objects.filter(
            phase__run__in=list_runs(actor),
            phase__run__run_id=run_id,
            phase__phase_id=phase_id,
            number=number,
            patch__isnull=False,
        )
        .select_related("patch", "phase__run")
        .prefetch_related("refusals")
        .first()
    )
    if attempt is None:
        raise AttemptNotFound(f"Phase {phase_id!r} of run {run_id!r} has no attempt {number} with a patch.")
    return attempt


@dataclass(frozen=True, slots=True)
class CiStep:
    """A step of a profile: its name and every try so far; none yet when it is still to come."""

    name: str
    tries: Sequence[CiStepRun]


@dataclass(frozen=True, slots=True)
class CiView:
    row: CiRun
    steps: Sequence[CiStep]


def list_ci_runs(attempt: Attempt) -> list[CiView]:
    """The CI runs of an attempt's candidate, newest first. Two queries."""
    runs: QuerySet[CiRun] = (
        CiRun.objects.filter(candidate__attempt=attempt)
        .prefetch_related(Prefetch("step_runs", CiStepRun.objects.order_by("step_index", "try_number")))
        .order_by("-pk")
    )
    return [CiView(run, _steps_of(run, run.step_runs.all())) for run in runs]


def _steps_of(run: CiRun, tried: Iterable[CiStepRun]) -> list[CiStep]:
    by_index: dict[int, list[CiStepRun]] = {}
    for step_run in tried:
        by_index.setdefault(step_run.step_index, []).append(step_run)
    names = {index: str(step.get("name") or f"step {index + 1}") for index, step in enumerate(run.steps)}
    names |= {index: tries[0].name for index, tries in by_index.items()}
    return [CiStep(names[index], by_index.get(index, [])) for index in sorted(names)]


def is_phase_live(phase: Phase) -> bool:
    """Whether anything about the phase may still change by itself."""
    return phase.run.is_live and phase.status not in PhaseState.final()


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The phases before and after, in the order of work."""

    previous: Phase | None
    next: Phase | None


def find_neighbours(phase: Phase) -> Neighbours:
    """One query."""
    around = phase.run.phases.filter(position__in=[phase.position - 1, phase.position + 1])
    by_position = {row.position: row for row in around.only("phase_id", "position", "name", "run_id")}
    return Neighbours(by_position.get(phase.position - 1), by_position.get(phase.position + 1))
