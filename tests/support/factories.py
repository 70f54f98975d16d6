# mypy: disallow-untyped-calls=False
# factory_boy declares its types only in part.
"""Rows for tests and for looking at pages, as the services would have left them, without git."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import connection, models
from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from autopack.models import Project
from runs_app.choices import AttemptState, CiRunState, CiStepState, EventKind, PhaseState, RunState
from runs_app.models import (
    Attempt,
    Candidate,
    CiLogChunk,
    CiRun,
    CiStepRun,
    Event,
    GateRefusal,
    IncidentPack,
    Patch,
    Phase,
    PhaseIssue,
    Run,
    Snapshot,
    Tier,
    Verdict,
)

M = TypeVar("M", bound=models.Model)

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
CI_STEPS = {"normal": [{"name": "tests", "run": ["python", "-m", "pytest", "-q"]}]}
PATCH = b"""diff --git a/app/main.py b/app/main.py
index 1111111..2222222 100644
--- a/app/main.py
+++ b/app/main.py
@@ -1,3 +1,4 @@ def main():
 import os
-value = compute(1)
+value = compute(2)
+print(value)
 # end
"""


def object_id(*parts: object) -> str:
    """A full object name, the same for the same parts."""
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    project_id = Sequence(lambda n: f"project-{n}")
    name = LazyAttribute(lambda o: o.project_id.replace("-", " ").title())
    repo_path = LazyAttribute(lambda o: f"/srv/repositories/{o.project_id}")
    ci_normal = LazyFunction(lambda: [dict(step) for step in CI_STEPS["normal"]])
    repository_status = "usable"


class RunFactory(DjangoModelFactory[Run]):
    """A run in `PHASE_EXECUTION`; a final state gets its `completed_at` by itself."""

    class Meta:
        model = Run

    run_id = Sequence(lambda n: f"run-{n:05d}")
    project = SubFactory(ProjectFactory)
    state = RunState.PHASE_EXECUTION.value
    safety_profile = "normal"
    run_scope = "multi_tier"
    repo_path = SelfAttribute("project.repo_path")
    default_branch = SelfAttribute("project.default_branch")
    base_ref = "main"
    base_commit = LazyAttribute(lambda o: object_id("base", o.run_id))
    tip_commit = LazyAttribute(lambda o: o.base_commit)
    integration_branch = LazyAttribute(lambda o: f"autonomous/{o.run_id}")
    token_cap = 5_000_000
    max_phases = 25
    max_duration_minutes = 120
    lease_seconds = 900
    verdict_timeout_seconds = 3600
    ci_kind = "local"
    ci_steps = LazyFunction(lambda: {key: list(steps) for key, steps in CI_STEPS.items()})
    start_digest = LazyAttribute(lambda o: hashlib.sha256(o.run_id.encode()).hexdigest())
    created_by = "user:1"
    created_at = START
    started_at = START
    completed_at = LazyAttribute(
        lambda o: o.created_at + timedelta(minutes=20) if RunState(o.state).is_final else None
    )
    deadline_at = LazyAttribute(lambda o: o.created_at + timedelta(minutes=o.max_duration_minutes))
    isolation = "bubblewrap"


class TierFactory(DjangoModelFactory[Tier]):
    class Meta:
        model = Tier

    run = SubFactory(RunFactory)
    tier_id = Sequence(lambda n: f"tier-{n}")
    tier_index = Sequence(lambda n: n)
    name = LazyAttribute(lambda o: o.tier_id.replace("-", " ").title())


class PhaseFactory(DjangoModelFactory[Phase]):
    class Meta:
        model = Phase

    tier = SubFactory(TierFactory)
    run = SelfAttribute("tier.run")
    phase_id = Sequence(lambda n: f"phase-{n:03d}")
    phase_index = SelfAttribute("position")
    position = Sequence(lambda n: n)
    name = LazyAttribute(lambda o: f"Build {o.phase_id}")
    state = PhaseState.QUEUED.value
    max_builder_attempts = 3
    max_auditor_attempts = 2


class AttemptFactory(DjangoModelFactory[Attempt]):
    class Meta:
        model = Attempt

    phase = SubFactory(PhaseFactory)
    number = 1
    state = AttemptState.CANDIDATE.value
    holder = "key:3f2a91bc"
    holder_name = "cursor-1"
    worker_name = "cursor"
    claimed_at = START
    lease_expires_at = START + timedelta(minutes=15)
    submitted_at = LazyAttribute(
        lambda o: None if o.state == AttemptState.CLAIMED else o.claimed_at + timedelta(minutes=3)
    )
    tokens_used = 42_000


class PatchFactory(DjangoModelFactory[Patch]):
    class Meta:
        model = Patch

    attempt = SubFactory(AttemptFactory)
    content = PATCH
    size_bytes = LazyAttribute(lambda o: len(o.content))
    sha256 = LazyAttribute(lambda o: hashlib.sha256(o.content).hexdigest())
    lines_added = 2
    lines_removed = 1


class RefusalFactory(DjangoModelFactory[GateRefusal]):
    class Meta:
        model = GateRefusal

    attempt = SubFactory(AttemptFactory, state=AttemptState.REFUSED.value)
    code = "path_protected"
    path = ".github/workflows/ci.yml"
    line = 1
    detail = "This path is protected by the project."


class CandidateFactory(DjangoModelFactory[Candidate]):
    class Meta:
        model = Candidate

    attempt = SubFactory(AttemptFactory)
    commit = LazyAttribute(lambda o: object_id("candidate", o.attempt.pk))
    tree = LazyAttribute(lambda o: object_id("tree", o.attempt.pk))
    parent = LazyAttribute(lambda o: o.attempt.phase.run.tip_commit)
    ref = LazyAttribute(
        lambda o: f"refs/autopack/candidates/{o.attempt.phase.run.run_id}/{o.attempt.phase.phase_id}/1"
    )
    created_at = START


class CiRunFactory(DjangoModelFactory[CiRun]):
    class Meta:
        model = CiRun

    candidate = SubFactory(CandidateFactory)
    commit = SelfAttribute("candidate.commit")
    state = CiRunState.RUNNING.value
    steps = LazyFunction(lambda: list(CI_STEPS["normal"]))
    created_at = START
    started_at = START


class CiStepRunFactory(DjangoModelFactory[CiStepRun]):
    class Meta:
        model = CiStepRun

    ci_run = SubFactory(CiRunFactory)
    step_index = 0
    try_number = 1
    name = "tests"
    command = "python -m pytest -q"
    state = CiStepState.RUNNING.value
    started_at = START


class VerdictFactory(DjangoModelFactory[Verdict]):
    class Meta:
        model = Verdict

    phase = SubFactory(PhaseFactory)
    recommendation = "approve"
    review_notes = "Reads well, the tests cover the change."
    confidence = "high"
    auditor = "key:77aa01ff"
    auditor_name = "codex-1"
    created_at = START


class PhaseIssueFactory(DjangoModelFactory[PhaseIssue]):
    class Meta:
        model = PhaseIssue

    phase = SubFactory(PhaseFactory)
    issue_key = Sequence(lambda n: f"tests.test_app::test_case_{n}")
    severity = "minor"
    effective_severity = "minor"
    source = "test"
    category = "test_failure"
    first_seen_run = LazyAttribute(lambda o: o.phase.run.run_id)
    last_seen_run = LazyAttribute(lambda o: o.phase.run.run_id)
    created_at = START
    last_seen_at = START


class SnapshotFactory(DjangoModelFactory[Snapshot]):
    class Meta:
        model = Snapshot

    candidate = SubFactory(CandidateFactory)
    phase = SelfAttribute("candidate.attempt.phase")
    commit = SelfAttribute("candidate.commit")
    parent = SelfAttribute("candidate.parent")
    tag_name = LazyAttribute(lambda o: f"autopack/{o.phase.run.run_id}/{o.phase.phase_id}")
    is_tested = True
    created_at = START


class IncidentPackFactory(DjangoModelFactory[IncidentPack]):
    class Meta:
        model = IncidentPack

    run = SubFactory(RunFactory, state=RunState.DONE_FAILED_ENVIRONMENT.value)
    content = LazyAttribute(lambda o: {"run_id": o.run.run_id, "failed_phases": [], "events": []})
    created_at = START


class Maker(Generic[M]):
    """A factory as a typed function: `make_run(state=...)` saves a row and returns it."""

    def __init__(self, factory: type[DjangoModelFactory[M]]) -> None:
        self._factory = factory

    def __call__(self, **fields: Any) -> M:
        return self._factory.create(**fields)

    def batch(self, count: int, **fields: Any) -> list[M]:
        return self._factory.create_batch(count, **fields)

    def build(self, count: int, **fields: Any) -> list[M]:
        """Without saving."""
        return self._factory.build_batch(count, **fields)


make_project = Maker(ProjectFactory)
make_run = Maker(RunFactory)
make_tier = Maker(TierFactory)
make_phase = Maker(PhaseFactory)
make_attempt = Maker(AttemptFactory)
make_patch = Maker(PatchFactory)
make_refusal = Maker(RefusalFactory)
make_candidate = Maker(CandidateFactory)
make_ci_run = Maker(CiRunFactory)
make_ci_step_run = Maker(CiStepRunFactory)
make_verdict = Maker(VerdictFactory)
make_phase_issue = Maker(PhaseIssueFactory)
make_snapshot = Maker(SnapshotFactory)
make_incident_pack = Maker(IncidentPackFactory)


def multiply(model: type[models.Model], count: int, **columns: str) -> None:
    """To every row of a table `count` more like it, made by the database: thousands in no time.

    `columns` are SQL expressions of what differs, of the row `old` and of `n`, the number of the copy from 1.
    """
    quote = connection.ops.quote_name
    fields = (field for field in model._meta.concrete_fields if not field.primary_key)
    names = [field.column for field in fields if field.column]
    values = [columns.get(name, f"old.{quote(name)}") for name in names]
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, names))}) SELECT {', '.join(values)}"
            f" FROM {table} AS old, generate_series(1, {count}) AS n ORDER BY n, old.id"
        )


def add_event(run: Run, kind: EventKind = EventKind.NOTE, **fields: Any) -> Event:
    """The next event of a run, with its place in the sequence."""
    run.event_count += 1
    run.save(update_fields=["event_count"])
    values: dict[str, Any] = {"actor": "system:test", "actor_name": "test", "at": START} | fields
    return Event.objects.create(run=run, sequence=run.event_count, kind=kind.value, **values)


def append_log(step_run: CiStepRun, content: bytes) -> None:
    """More output of a step, as the runner stores it."""
    CiLogChunk.objects.create(step_run=step_run, offset=step_run.log_bytes, content=content)
    step_run.log_bytes += len(content)
    step_run.save(update_fields=["log_bytes"])


def note_worker() -> None:
    """The row of a worker that has just been heard of. Procrastinate's models are read-only."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
