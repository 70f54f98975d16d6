"""Which state follows which, for every kind of row that has one, and the one function that decides.

A machine is a mapping from a state to the states that may follow it; a state without followers is final.
"""

from collections.abc import Mapping
from typing import TypeVar

from autopack.choices import Choice
from runs_app.choices import AttemptState, CiRunState, PhaseState, RunState, TierState

S = TypeVar("S", bound=Choice)
Machine = Mapping[S, frozenset[S]]


class IllegalTransition(Exception):
    """`before` does not lead to `after`; `allowed` is where it leads."""

    def __init__(self, before: Choice, after: Choice, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{before} does not lead to {after}; it leads to {', '.join(allowed) or 'nothing'}")
        self.before = before
        self.after = after
        self.allowed = allowed


def _run_machine() -> Machine[RunState]:
    s = RunState
    onward: dict[RunState, frozenset[RunState]] = {
        s.PLAN_BOOTSTRAP: frozenset({s.RUN_CREATED}),
        s.RUN_CREATED: frozenset({s.PHASE_QUEUEING}),
        s.PHASE_QUEUEING: frozenset({s.PHASE_EXECUTION, s.DONE_SUCCESS}),
        s.PHASE_EXECUTION: frozenset({s.GATE, s.PHASE_QUEUEING}),
        s.GATE: frozenset({s.CI_RUNNING, s.PHASE_QUEUEING}),
        s.CI_RUNNING: frozenset({s.SNAPSHOT_CREATED, s.PHASE_QUEUEING}),
        s.SNAPSHOT_CREATED: frozenset({s.PHASE_QUEUEING, s.DONE_SUCCESS}),
    }
    # v7 §3: from any live state to each of the failed ones.
    machine = {state: followers | s.failed() for state, followers in onward.items()}
    return machine | {state: frozenset() for state in s.final()}


def _phase_machine() -> Machine[PhaseState]:
    s = PhaseState
    return {
        s.QUEUED: frozenset({s.EXECUTING, s.FAILED, s.SKIPPED}),
        s.EXECUTING: frozenset({s.GATE, s.QUEUED, s.FAILED}),
        s.GATE: frozenset({s.CI_RUNNING, s.QUEUED, s.FAILED}),
        # COMPLETE only from CI_RUNNING, and only the snapshot service asks for it.
        s.CI_RUNNING: frozenset({s.COMPLETE, s.QUEUED, s.FAILED}),
        s.COMPLETE: frozenset(),
        s.FAILED: frozenset(),
        s.SKIPPED: frozenset(),
    }


def _tier_machine() -> Machine[TierState]:
    s = TierState
    return {
        s.PENDING: frozenset({s.IN_PROGRESS, s.COMPLETE, s.SKIPPED, s.FAILED}),
        s.IN_PROGRESS: frozenset({s.COMPLETE, s.FAILED, s.SKIPPED}),
        s.COMPLETE: frozenset(),
        s.FAILED: frozenset(),
        s.SKIPPED: frozenset(),
    }


def _attempt_machine() -> Machine[AttemptState]:
    s = AttemptState
    ends = {s.ACCEPTED, s.REFUSED, s.RED, s.REJECTED, s.SUPERSEDED, s.FAILED, s.LOST, s.RELEASED, s.CANCELLED}
    machine: dict[AttemptState, frozenset[AttemptState]] = {
        s.CLAIMED: frozenset({s.SUBMITTED, s.FAILED, s.LOST, s.RELEASED, s.CANCELLED}),
        s.SUBMITTED: frozenset({s.CANDIDATE, s.REFUSED, s.FAILED, s.CANCELLED}),
        s.CANDIDATE: frozenset({s.SNAPSHOTTING, s.RED, s.REJECTED, s.SUPERSEDED, s.FAILED, s.CANCELLED}),
        s.SNAPSHOTTING: frozenset({s.ACCEPTED, s.FAILED, s.CANCELLED}),
    }
    return machine | {state: frozenset() for state in ends}


def _ci_run_machine() -> Machine[CiRunState]:
    s = CiRunState
    return {
        s.QUEUED: frozenset({s.RUNNING, s.PASSED, s.FAILED, s.ERRORED, s.CANCELLED}),
        # Back to QUEUED when the worker that ran it is gone.
        s.RUNNING: frozenset({s.PASSED, s.FAILED, s.ERRORED, s.CANCELLED, s.QUEUED}),
        s.PASSED: frozenset(),
        s.FAILED: frozenset(),
        s.ERRORED: frozenset(),
        s.CANCELLED: frozenset(),
        s.NOT_CONFIGURED: frozenset(),
    }


RUN_TRANSITIONS = _run_machine()
PHASE_TRANSITIONS = _phase_machine()
TIER_TRANSITIONS = _tier_machine()
ATTEMPT_TRANSITIONS = _attempt_machine()
CI_RUN_TRANSITIONS = _ci_run_machine()


def list_allowed(machine: Machine[S], state: S) -> tuple[str, ...]:
    """The states that `state` leads to, sorted."""
    return tuple(sorted(follower.value for follower in machine[state]))


def ensure_transition(machine: Machine[S], before: S, after: S) -> None:
    """Raise IllegalTransition unless `before` leads to `after`. A state never leads to itself."""
    if after not in machine[before]:
        raise IllegalTransition(before, after, list_allowed(machine, before))
