"""Every pair of states of every machine, against v7 §3 and DESIGN §4 written out by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from autopack.choices import Choice
from runs_app.choices import AttemptState, CiRunState, PhaseState, RunState, TierState
from runs_app.lifecycle import (
    ATTEMPT_TRANSITIONS,
    CI_RUN_TRANSITIONS,
    PHASE_TRANSITIONS,
    RUN_TRANSITIONS,
    TIER_TRANSITIONS,
    IllegalTransition,
    ensure_transition,
    list_allowed,
)

FAILURES = (
    "DONE_FAILED_BUDGET_EXHAUSTED DONE_FAILED_POLICY_VIOLATION "
    "DONE_FAILED_REQUIRES_HUMAN_REVIEW DONE_FAILED_ENVIRONMENT"
)
LEGAL: Mapping[type[Choice], Mapping[str, str]] = {
    RunState: {
        "PLAN_BOOTSTRAP": f"RUN_CREATED {FAILURES}",
        "RUN_CREATED": f"PHASE_QUEUEING {FAILURES}",
        "PHASE_QUEUEING": f"PHASE_EXECUTION DONE_SUCCESS {FAILURES}",
        "PHASE_EXECUTION": f"GATE PHASE_QUEUEING {FAILURES}",
        "GATE": f"CI_RUNNING PHASE_QUEUEING {FAILURES}",
        "CI_RUNNING": f"SNAPSHOT_CREATED PHASE_QUEUEING {FAILURES}",
        "SNAPSHOT_CREATED": f"PHASE_QUEUEING DONE_SUCCESS {FAILURES}",
    },
    PhaseState: {
        "QUEUED": "EXECUTING FAILED SKIPPED",
        "EXECUTING": "GATE QUEUED FAILED",
        "GATE": "CI_RUNNING QUEUED FAILED",
        "CI_RUNNING": "COMPLETE QUEUED FAILED",
    },
    TierState: {
        "PENDING": "IN_PROGRESS COMPLETE SKIPPED FAILED",
        "IN_PROGRESS": "COMPLETE FAILED SKIPPED",
    },
    AttemptState: {
        "CLAIMED": "SUBMITTED FAILED LOST RELEASED CANCELLED",
        "SUBMITTED": "CANDIDATE REFUSED FAILED CANCELLED",
        "CANDIDATE": "SNAPSHOTTING RED REJECTED SUPERSEDED FAILED CANCELLED",
        "SNAPSHOTTING": "ACCEPTED FAILED CANCELLED",
    },
    CiRunState: {
        "QUEUED": "RUNNING PASSED FAILED ERRORED CANCELLED",
        "RUNNING": "PASSED FAILED ERRORED CANCELLED QUEUED",
    },
}
MACHINES: Mapping[type[Choice], Any] = {
    RunState: RUN_TRANSITIONS,
    PhaseState: PHASE_TRANSITIONS,
    TierState: TIER_TRANSITIONS,
    AttemptState: ATTEMPT_TRANSITIONS,
    CiRunState: CI_RUN_TRANSITIONS,
}


def _pairs(*, legal: bool) -> Iterator[Any]:
    for kind, machine in LEGAL.items():
        for before in kind:
            for after in kind:
                if (after.value in machine.get(before.value, "").split()) == legal:
                    yield pytest.param(kind, before, after, id=f"{kind.__name__}-{before}-{after}")


@pytest.mark.parametrize(("kind", "before", "after"), list(_pairs(legal=False)))
def test_every_other_pair_is_refused_with_what_would_be_allowed(
    kind: type[Choice], before: Choice, after: Choice
) -> None:
    with pytest.raises(IllegalTransition) as caught:
        ensure_transition(MACHINES[kind], before, after)
    assert caught.value.before == before
    assert caught.value.after == after
    assert set(caught.value.allowed) == set(LEGAL[kind].get(before.value, "").split())
    assert str(before) in str(caught.value)


@pytest.mark.parametrize(("kind", "before", "after"), list(_pairs(legal=True)))
def test_the_pairs_of_v7_are_allowed(kind: type[Choice], before: Choice, after: Choice) -> None:
    ensure_transition(MACHINES[kind], before, after)
    assert after.value in list_allowed(MACHINES[kind], before)


@pytest.mark.parametrize("kind", list(MACHINES), ids=lambda kind: kind.__name__)
def test_every_state_is_in_its_machine_and_leads_only_to_known_ones(kind: type[Choice]) -> None:
    machine = MACHINES[kind]
    assert set(machine) == set(kind)
    assert {after for followers in machine.values() for after in followers} <= set(kind)
    assert all(state not in followers for state, followers in machine.items())


def test_a_phase_is_complete_only_from_ci_running() -> None:
    leading = [before for before, followers in PHASE_TRANSITIONS.items() if PhaseState.COMPLETE in followers]
    assert leading == [PhaseState.CI_RUNNING]


def test_the_groups_of_states_agree_with_the_machines() -> None:
    assert {s for s, followers in RUN_TRANSITIONS.items() if not followers} == RunState.final()
    assert {s for s, followers in PHASE_TRANSITIONS.items() if not followers} == PhaseState.final()
    assert {s for s, followers in ATTEMPT_TRANSITIONS.items() if followers} == AttemptState.open()
    assert {s for s, followers in CI_RUN_TRANSITIONS.items() if followers} == CiRunState.live()
    assert PhaseState.machine_driven() <= PhaseState.active()
    assert AttemptState.unsettled() | AttemptState.tested() < AttemptState.open()
    assert RunState.live() | RunState.final() == set(RunState)
    assert all(s.is_final == (s in RunState.final()) for s in RunState)


@pytest.mark.parametrize("state", sorted(RunState.live()))
def test_every_live_run_can_end_in_every_failure(state: RunState) -> None:
    assert RunState.failed() <= RUN_TRANSITIONS[state]
    assert len(RunState.failed()) == 4


@pytest.mark.parametrize("state", sorted(RunState.live()))
def test_every_live_run_can_reach_success(state: RunState) -> None:
    seen: set[RunState] = set()
    frontier = {state}
    while frontier:
        seen |= frontier
        frontier = {after for before in frontier for after in RUN_TRANSITIONS[before]} - seen
    assert RunState.DONE_SUCCESS in seen
