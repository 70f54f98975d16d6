"""What the overview and the lists show. Every list is bounded and costs the same however many runs exist."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db import models
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from autopack import selectors as project_selectors
from autopack.actors import Actor
from autopack.choices import Choice, CiKind, RepositoryStatus
from autopack.models import Project
from autopack.worker import STALLED_AFTER_SECONDS
from catalog_app.selectors.health import CatalogConcern, list_concerns
from runs_app.choices import AttemptState, PhaseState, RunState, WaitingFor
from runs_app.models import Attempt, Event, Phase, Run
from runs_app.selectors.runs import list_runs

M = TypeVar("M", bound=models.Model)

PAGE_SIZE = 50
FIGURES_WINDOW = timedelta(days=7)
ATTENTION_WINDOW = timedelta(days=3)
ATTENTION_LIMIT = 4


class StateGroup(Choice):
    """The filter of the run list."""

    LIVE = "live"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def states(self) -> frozenset[RunState]:
        groups: Mapping[StateGroup, frozenset[RunState]] = {
            StateGroup.LIVE: RunState.live(),
            StateGroup.SUCCEEDED: frozenset({RunState.DONE_SUCCESS}),
            StateGroup.FAILED: RunState.failed(),
        }
        return groups[self]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """`group` None is every state; `text` is part of a run id or title."""

    group: StateGroup | None = None
    project_id: str = ""
    safety_profile: str = ""
    text: str = ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.group or self.project_id or self.safety_profile or self.text)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """A page of rows, newest first. `newer` and `older` are cursors for the next page there, or None."""

    items: Sequence[M]
    newer: int | None = None
    older: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of the last seven days; live runs count whenever they started."""

    live: int
    succeeded: int
    failed: int
    phases: int
    ci_runs: int
    tokens: int

    @property
    def finished(self) -> int:
        return self.succeeded + self.failed


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run in work with the phase it is at; `phase` is None before the first and after the last."""

    run: Run
    phase: Phase | None


@dataclass(frozen=True, slots=True)
class Attention:
    """What a person should look at, worst first by kind."""

    is_worker_alive: bool = True
    unusable: Sequence[Project] = field(default=())
    failed: Sequence[Run] = field(default=())
    waiting: Sequence[Phase] = field(default=())
    refused: Sequence[Attempt] = field(default=())
    without_ci: Sequence[Project] = field(default=())
    catalogs: Sequence[CatalogConcern] = field(default=())

    def __bool__(self) -> bool:
        rows = (self.unusable, self.failed, self.waiting, self.refused, self.without_ci, self.catalogs)
        return not self.is_worker_alive or any(rows)


def list_runs_page(
    actor: Actor,
    chosen: RunFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[Run]:
    """Runs older than the cursor `before` or newer than the cursor `after`."""
    runs = list_runs(actor)
    if chosen.group is not None:
        runs = runs.filter(state__in=chosen.group.states)
    if chosen.project_id:
        runs = runs.filter(project__project_id=chosen.project_id)
    if chosen.safety_profile:
        runs = runs.filter(safety_profile=chosen.safety_profile)
    if chosen.text:
        runs = runs.filter(Q(run_id__icontains=chosen.text) | Q(title__icontains=chosen.text))
    return paginate(runs, before=before, after=after, size=size)


def paginate(rows: QuerySet[M], *, before: int | None, after: int | None, size: int = PAGE_SIZE) -> Page[M]:
    """One query: a page by primary key, newest first, and whether there is more on either side."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        has_newer, has_older = len(found) > size, True
        items = found[:size][::-1]
    else:
        found = list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[: size + 1])
        has_newer, has_older = before is not None, len(found) > size
        items = found[:size]
    if not items:
        return Page(())
    return Page(items, newer=items[0].pk if has_newer else None, older=items[-1].pk if has_older else None)


def read_figures(actor: Actor, *, now: datetime) -> Figures:
    """One query over the runs table."""
    recent = Q(completed_at__gte=now - FIGURES_WINDOW)
    live = Q(state__in=RunState.live())
    sums = list_runs(actor).aggregate(
        live=Count("pk", filter=live),
        succeeded=Count("pk", filter=recent & Q(state=RunState.DONE_SUCCESS)),
        failed=Count("pk", filter=recent & Q(state__in=RunState.failed())),
        phases=Sum("phases_complete", filter=recent | live),
        ci_runs=Sum("ci_runs_used", filter=recent | live),
        tokens=Sum("tokens_used", filter=recent | live),
    )
    return Figures(**{name: value or 0 for name, value in sums.items()})


def list_live_runs(actor: Actor, *, limit: int = 20) -> list[LiveRun]:
    """The newest live runs, each with its first unfinished phase. Two queries."""
    runs = list(list_runs(actor).live().order_by("-pk")[:limit])
    phases = (
        Phase.objects.filter(run__in=runs)
        .exclude(state__in=PhaseState.final())
        .order_by("run_id", "position")
        .distinct("run_id")
    )
    current = {phase.run_id: phase for phase in phases}
    return [LiveRun(run, current.get(run.pk)) for run in runs]


def list_recent_results(actor: Actor, *, limit: int = 8) -> list[Run]:
    finished = list_runs(actor).filter(state__in=RunState.final())
    return list(finished.select_related("project").order_by("-completed_at", "-pk")[:limit])


def read_attention(actor: Actor, *, now: datetime) -> Attention:
    """Six queries, each bounded."""
    projects = list(project_selectors.list_projects(actor).active())
    live = Q(state__in=RunState.live())
    runs = list_runs(actor)
    open_phases = Phase.objects.filter(run__in=runs.filter(live)).select_related("run__project")
    failed = runs.filter(state__in=RunState.failed(), completed_at__gte=now - ATTENTION_WINDOW)
    refused = Attempt.objects.filter(
        phase__run__in=runs.filter(live), state=AttemptState.REFUSED, phase__state__in=_UNFINISHED
    )
    return Attention(
        is_worker_alive=is_worker_alive(),
        unusable=[p for p in projects if p.repository_status == RepositoryStatus.UNUSABLE],
        failed=list(failed.select_related("project").order_by("-completed_at", "-pk")[:ATTENTION_LIMIT]),
        waiting=list(
            open_phases.exclude(waiting_for=WaitingFor.NOTHING).order_by("-run_id")[:ATTENTION_LIMIT]
        ),
        refused=list(refused.select_related("phase__run__project").order_by("-pk")[:ATTENTION_LIMIT]),
        without_ci=[p for p in projects if not has_ci(p)],
        catalogs=list_concerns(),
    )


_UNFINISHED = frozenset(PhaseState) - PhaseState.final()


def has_ci(project: Project) -> bool:
    """Whether candidates of this project are tested at all."""
    if project.ci_kind == CiKind.LOCAL:
        return bool(project.ci_normal or project.ci_strict)
    return project.ci_kind == CiKind.EXTERNAL


def read_version() -> str:
    """A text that changes whenever anything happens in any run: what the overview compares when it polls.

    Waiting makes no event, and a worker that dies makes none.
    """
    last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    waiting = Phase.objects.filter(run__state__in=RunState.live()).exclude(waiting_for=WaitingFor.NOTHING)
    return f"{last}.{waiting.count()}.{is_worker_alive():d}"


def is_worker_alive() -> bool:
    """Whether anybody runs CI and the sweepers."""
    alive_since = timezone.now() - timedelta(seconds=STALLED_AFTER_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=alive_since).exists()


def version_of(runs: Sequence[Run]) -> str:
    """A text that changes with anything that a list shows of these runs."""
    seen = [(run.pk, run.event_count, run.tokens_used, run.ci_runs_used) for run in runs]
    return format(zlib.crc32(repr(seen).encode()), "08x")


def has_projects(actor: Actor) -> bool:
    return project_selectors.list_projects(actor).active().exists()


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    project: Project
    runs: int
    live: int
    last_started_at: datetime | None


def list_projects(actor: Actor) -> list[ProjectSummary]:
    """Every visible project with counts of its runs. Two queries."""
    counts: Iterable[Mapping[str, object]] = Run.objects.values("project_id").annotate(
        runs=Count("pk"), live=Count("pk", filter=Q(state__in=RunState.live())), last=Max("started_at")
    )
    by_project = {row["project_id"]: row for row in counts}
    return [
        ProjectSummary(project, row.get("runs", 0), row.get("live", 0), row.get("last"))  # type: ignore[arg-type]  # values() rows are untyped
        for project in project_selectors.list_projects(actor).order_by("project_id")
        for row in [by_project.get(project.pk, {})]
    ]
