"""Locks, changes of state and events: what every other service is made of."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

from autopack.actors import Actor
from autopack.choices import Choice
from runs_app.choices import AttemptState, CiRunState, EventKind, PhaseState, RunState, TierState
from runs_app.errors import IllegalChange
from runs_app.lifecycle import (
    ATTEMPT_TRANSITIONS,
    CI_RUN_TRANSITIONS,
    PHASE_TRANSITIONS,
    RUN_TRANSITIONS,
    TIER_TRANSITIONS,
    IllegalTransition,
    ensure_transition,
)
from runs_app.models import Attempt, CiRun, Event, Phase, Run, Tier

S = TypeVar("S", bound=Choice)

# One statement, and no model in between: a phase makes more than a dozen events, which would be a third of
# what its requests cost.
_APPEND_EVENT = f"""
WITH counted AS (
    UPDATE {Run._meta.db_table}
    SET event_count = %(sequence)s, state = COALESCE(%(run_state)s, state) WHERE id = %(run)s
)
INSERT INTO {Event._meta.db_table}
    (run_id, sequence, kind, phase_id, subject, before, after, actor, actor_name, payload, at)
VALUES
    (%(run)s, %(sequence)s, %(kind)s, %(phase)s, %(subject)s, %(before)s, %(after)s, %(actor)s,
     %(actor_name)s, %(payload)s::jsonb, %(at)s)
"""  # noqa: S608 - table names of our own models

_BRANCH_LOCK_SPACE = 0x41504B  # "APK": keeps these advisory locks apart from other users of the database.
_WORD_LOCK_SPACE = _BRANCH_LOCK_SPACE + 1


def lock_run(run_pk: int) -> Run:
    """The run's row, locked until the transaction ends. Every writer takes this lock first, so changes of
    one run never interleave."""
    return Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run_pk)


def lock_word(word: str) -> None:
    """Serialise what is done under a name that no row stands for yet, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_WORD_LOCK_SPACE, word])


@contextmanager
def hold_branch(run_pk: int, *, is_patient: bool = True) -> Iterator[bool]:
    """Serialise git work on one run's branch across all processes; yields whether the lock was taken.

    An advisory lock of the database session: no transaction stays open across git, and a process that dies
    gives it back. Correctness does not rest on it (refs move by compare-and-swap); it saves retries.
    """
    if connection.in_atomic_block:
        raise RuntimeError("git work must not happen inside a transaction")
    function = "pg_advisory_lock" if is_patient else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_BRANCH_LOCK_SPACE, run_pk])
        row = cursor.fetchone()
    is_held = is_patient or bool(row and row[0])
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_BRANCH_LOCK_SPACE, run_pk])


def record_event(
    run: Run,
    kind: EventKind,
    *,
    actor: Actor,
    phase: Phase | None = None,
    subject: str = "",
    before: str = "",
    after: str = "",
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Append one event. The caller holds the run's row lock, so sequences have no gaps."""
    _append_event(
        run,
        kind,
        actor=actor,
        phase=phase,
        subject=subject or (phase.phase_id if phase else ""),
        before=before,
        after=after,
        payload=payload or {},
    )


def _append_event(
    run: Run,
    kind: EventKind,
    *,
    actor: Actor,
    phase: Phase | None,
    subject: str,
    before: str,
    after: str,
    payload: Mapping[str, Any],
    run_state: RunState | None = None,
) -> None:
    """`run_state` is written to the run's row by the way."""
    run.event_count += 1
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND_EVENT,
            {
                "run": run.pk,
                "run_state": run_state.value if run_state else None,
                "sequence": run.event_count,
                "kind": kind.value,
                "phase": phase.pk if phase else None,
                "subject": subject,
                "before": str(before),
                "after": str(after),
                "actor": actor.identity,
                "actor_name": actor.name,
                "payload": json.dumps(dict(payload)),
                "at": timezone.now(),
            },
        )


def move_run(run: Run, to: RunState, *, actor: Actor, **changes: Any) -> None:
    """Change a run's state and, in the same write, the named columns."""
    before = run.status
    ensure_change(RUN_TRANSITIONS, before, to)
    if changes:
        _save(run, to, changes)
    run.state = to.value
    _append_event(
        run,
        EventKind.RUN_STATE,
        actor=actor,
        phase=None,
        subject=run.run_id,
        before=before,
        after=to,
        payload=_plain(changes),
        run_state=to,
    )


def move_tier(run: Run, tier: Tier, to: TierState, *, actor: Actor) -> None:
    before = tier.status
    ensure_change(TIER_TRANSITIONS, before, to)
    _save(tier, to, {})
    record_event(run, EventKind.TIER_STATE, actor=actor, subject=tier.tier_id, before=before, after=to)


def move_phase(run: Run, phase: Phase, to: PhaseState, *, actor: Actor, **changes: Any) -> None:
    before = phase.status
    ensure_change(PHASE_TRANSITIONS, before, to)
    changes = {"waiting_for": "", "waiting_reason": ""} | changes
    _save(phase, to, changes)
    payload = {key: value for key, value in _plain(changes).items() if value}
    record_event(
        run, EventKind.PHASE_STATE, actor=actor, phase=phase, before=before, after=to, payload=payload
    )


def move_attempt(run: Run, attempt: Attempt, to: AttemptState, *, actor: Actor, **changes: Any) -> None:
    before = attempt.status
    ensure_change(ATTEMPT_TRANSITIONS, before, to)
    if to not in AttemptState.open():
        changes = {"ended_at": timezone.now()} | changes
    _save(attempt, to, changes)
    payload: dict[str, Any] = {"attempt": attempt.number, "role": attempt.role}
    if attempt.outcome_code:
        payload |= {"code": attempt.outcome_code, "detail": attempt.outcome_detail}
    record_event(
        run,
        EventKind.ATTEMPT_STATE,
        actor=actor,
        phase=attempt.phase,
        subject=f"{attempt.phase.phase_id}#{attempt.number}",
        before=before,
        after=to,
        payload=payload,
    )


def move_ci_run(run: Run, ci_run: CiRun, to: CiRunState, *, actor: Actor, **changes: Any) -> None:
    before = ci_run.status
    ensure_change(CI_RUN_TRANSITIONS, before, to)
    _save(ci_run, to, changes)
    record_event(
        run,
        EventKind.CI_STATE,
        actor=actor,
        phase=ci_run.candidate.attempt.phase,
        subject=f"ci {ci_run.pk}",
        before=before,
        after=to,
        payload={"commit": ci_run.commit, "profile": ci_run.profile, "detail": ci_run.detail},
    )


def ensure_change(machine: Mapping[S, frozenset[S]], before: S, after: S) -> None:
    """Raise IllegalChange unless `before` leads to `after`."""
    try:
        ensure_transition(machine, before, after)
    except IllegalTransition as error:
        raise IllegalChange(str(error), state=str(before), allowed=list(error.allowed)) from error


def _save(row: models.Model, state: Choice, changes: Mapping[str, Any]) -> None:
    row.state = state.value  # type: ignore[attr-defined]  # every caller's row has a state
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *changes])


def _plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What of a change goes into the event: values that are JSON already, times as text."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in changes.items()
        if isinstance(value, str | int | float | bool | None) or hasattr(value, "isoformat")
    }
