"""What the database itself refuses, whoever writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, models, transaction

from runs_app.choices import (
    CiRunState,
    PhaseState,
    RunState,
)
from runs_app.models import (
    Attempt,
    BacklogIssue,
    Candidate,
    CiLogChunk,
    CiRun,
    CiStepRun,
    Event,
    IncidentPack,
    Phase,
    PhaseIssue,
    Promotion,
    Run,
    RunIssue,
    Snapshot,
    Tier,
    Verdict,
)
from tests.support import factories as make
from tests.support.factories import START

pytestmark = pytest.mark.django_db

ISSUE: dict[str, Any] = {
    "issue_key": "k",
    "source": "test",
    "category": "c",
    "first_seen_run": "r",
    "last_seen_run": "r",
    "created_at": START,
    "last_seen_at": START,
}


def refused(constraint: str, write: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def again(row: models.Model, **changes: Any) -> Callable[[], None]:
    """Insert the row a second time, with changes."""

    def insert() -> None:
        copy = type(row)._default_manager.get(pk=row.pk)
        copy.pk = None
        for name, value in changes.items():
            setattr(copy, name, value)
        copy.save(force_insert=True)

    return insert


@pytest.mark.parametrize(
    ("factory", "column", "constraint"),
    [
        (make.make_run, "state", "run_state_known|run_completed_when_final"),
        (make.make_run, "safety_profile", "run_safety_profile_known"),
        (make.make_run, "run_scope", "run_run_scope_known"),
        (make.make_run, "ci_kind", "run_ci_kind_known"),
        (make.make_run, "debt_status", "run_debt_status_known"),
        (make.make_tier, "state", "tier_state_known"),
        (make.make_tier, "cleanliness", "tier_cleanliness_known"),
        (make.make_phase, "state", "phase_state_known"),
        (make.make_phase, "ci_profile", "phase_ci_profile_known"),
        (make.make_phase, "complexity", "phase_complexity_known"),
        (make.make_phase, "waiting_for", "phase_waiting_for_known"),
        (make.make_attempt, "state", "attempt_state_known"),
        (make.make_attempt, "role", "attempt_role_known"),
        (make.make_attempt, "builder_status", "attempt_builder_status_known"),
        (make.make_ci_run, "state", "ci_run_state_known"),
        (make.make_ci_run, "kind", "ci_run_kind_known"),
        (make.make_ci_run, "profile", "ci_run_profile_known"),
        (make.make_ci_step_run, "state", "ci_step_state_known"),
        (make.make_verdict, "recommendation", "verdict_recommendation_known"),
        (make.make_phase_issue, "severity", "phase_issue_severity_known"),
        (make.make_phase_issue, "effective_severity", "phase_issue_effective_severity_known"),
    ],
)
def test_no_column_of_a_state_takes_another_word(
    factory: Callable[..., models.Model], column: str, constraint: str
) -> None:
    row = factory()
    refused(
        constraint, lambda: type(row)._default_manager.filter(pk=row.pk).update(**{column: "somewhere else"})
    )


@pytest.mark.parametrize("table", [RunIssue, BacklogIssue])
@pytest.mark.parametrize("column", ["severity", "effective_severity"])
def test_no_severity_of_an_index_takes_another_word(table: type[Any], column: str) -> None:
    run = make.make_run()
    owner = {"run": run} if table is RunIssue else {"project": run.project}
    name = "run_issue" if table is RunIssue else "backlog_issue"
    refused(f"{name}_{column}_known", lambda: table.objects.create(**ISSUE, **owner, **{column: "grave"}))


def test_an_event_of_an_unknown_kind() -> None:
    event = make.add_event(make.make_run())
    refused("event_kind_known", lambda: Event.objects.filter(pk=event.pk).update(kind="rumour"))


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a b", "x" * 101, "-x", "ä"])
def test_ids_that_are_no_ids(name: str) -> None:
    run, phase = make.make_run(), make.make_phase()
    if len(name) <= 100:
        refused("run_id_pattern", lambda: Run.objects.filter(pk=run.pk).update(run_id=name))
        refused("phase_id_pattern", lambda: Phase.objects.filter(pk=phase.pk).update(phase_id=name))
    else:
        assert Run._meta.get_field("run_id").max_length == Phase._meta.get_field("phase_id").max_length == 100


def test_a_run_id_twice() -> None:
    refused(
        "runs_app_run_run_id", again(make.make_run(run_id="r1", state="DONE_SUCCESS"), integration_branch="x")
    )


def test_two_live_runs_on_one_branch_but_any_number_that_ended() -> None:
    live = make.make_run(integration_branch="autonomous/x")
    make.make_run(
        integration_branch="autonomous/x", project=live.project, state=RunState.DONE_FAILED_ENVIRONMENT
    )
    make.make_run(
        integration_branch="autonomous/x", project=live.project, state=RunState.DONE_FAILED_ENVIRONMENT
    )
    refused("run_one_live_per_branch", again(live, run_id="another"))


def test_an_end_without_its_time_and_a_time_without_the_end() -> None:
    run = make.make_run()
    rows = Run.objects.filter(pk=run.pk)
    refused("run_completed_when_final", lambda: rows.update(state=RunState.DONE_SUCCESS))
    refused("run_completed_when_final", lambda: rows.update(completed_at=START))


@pytest.mark.parametrize("state", sorted(set(RunState) - {RunState.DONE_SUCCESS}))
def test_promotion_of_anything_but_a_success(state: RunState) -> None:
    run = make.make_run(state=state.value)
    refused(
        "run_promotable_only_after_success",
        lambda: Run.objects.filter(pk=run.pk).update(promotion_eligible_to_main=True),
    )


def test_a_tier_id_twice_in_a_run() -> None:
    refused("tier_unique_id", again(make.make_tier()))


def test_a_phase_id_or_a_place_twice_in_a_run() -> None:
    phase = make.make_phase(phase_id="p1", position=0)
    refused("phase_unique_id", again(phase, position=1))
    refused("phase_unique_position", again(phase, phase_id="p2", position=0))


@pytest.mark.parametrize("state", sorted(PhaseState.active()))
def test_two_phases_of_a_run_in_work(state: PhaseState) -> None:
    phase = make.make_phase(phase_id="p1", position=0, state=state.value)
    refused("phase_one_active_per_run", again(phase, phase_id="p2", position=1, state="EXECUTING"))


def test_an_attempt_number_twice() -> None:
    refused("attempt_unique_number", again(make.make_attempt(state="LOST"), claim_id=uuid4()))


@pytest.mark.parametrize(
    ("state", "other", "constraint"),
    [
        ("CLAIMED", "CLAIMED", "attempt_one_open_claim_per_phase"),
        ("SUBMITTED", "SUBMITTED", "attempt_one_in_the_gate_per_phase"),
        ("CANDIDATE", "CANDIDATE", "attempt_one_candidate_per_phase"),
        ("CANDIDATE", "SNAPSHOTTING", "attempt_one_candidate_per_phase"),
    ],
)
def test_two_open_attempts_of_one_kind(state: str, other: str, constraint: str) -> None:
    attempt = make.make_attempt(state=state)
    refused(constraint, again(attempt, number=2, claim_id=uuid4(), state=other))


def test_a_claim_id_twice() -> None:
    refused("claim_id", again(make.make_attempt(state="LOST"), number=2))


@pytest.mark.parametrize("column", ["claim_key", "result_key"])
def test_an_idempotency_key_twice_by_one_holder_but_not_an_empty_one(column: str) -> None:
    attempt = make.make_attempt(state="LOST", **{column: "k"})
    make.make_attempt(phase=attempt.phase, number=7, state="LOST")
    make.make_attempt(phase=attempt.phase, number=8, state="LOST")
    make.make_attempt(phase=attempt.phase, number=9, state="LOST", holder="key:other", **{column: "k"})
    refused(f"attempt_unique_{column}", again(attempt, number=2, claim_id=uuid4()))


@pytest.mark.parametrize("commit", ["", "abc", "g" * 40, "a" * 41, "A" * 40])
def test_a_candidate_without_a_full_object_id(commit: str) -> None:
    candidate = make.make_candidate()
    rows = Candidate.objects.filter(pk=candidate.pk)
    refused("candidate_full_object_id", lambda: rows.update(commit=commit))


def test_two_candidates_of_an_attempt_and_two_snapshots_of_a_phase() -> None:
    snapshot = make.make_snapshot()
    refused("candidate", again(snapshot.candidate))
    refused("snapshot", again(snapshot))
    other = make.make_candidate()
    refused("phase_id", again(snapshot, candidate=other))


@pytest.mark.parametrize("state", sorted(CiRunState.live()))
def test_two_live_ci_runs_of_a_candidate(state: CiRunState) -> None:
    ci_run = make.make_ci_run(state=state.value)
    make.make_ci_run(candidate=ci_run.candidate, state="PASSED")
    refused("ci_run_one_live_per_candidate", again(ci_run, state="QUEUED"))


def test_a_try_of_a_step_or_a_place_in_its_log_twice() -> None:
    step = make.make_ci_step_run()
    make.append_log(step, b"x")
    refused("ci_log_chunk_unique_offset", again(CiLogChunk.objects.get(step_run=step)))
    refused("ci_step_unique_try", again(step))


def test_a_sequence_number_twice() -> None:
    refused("event_unique_sequence", again(make.add_event(make.make_run())))


def test_a_plan_s_run_without_its_number() -> None:
    refused("run_of_plan_has_number", again(make.make_run(), run_id="other", plan_run_number=1))


def test_an_issue_key_twice_at_each_level() -> None:
    run = make.make_run()
    refused("phase_issue_unique_key", again(make.make_phase_issue()))
    refused("run_issue_unique_key", again(RunIssue.objects.create(run=run, **ISSUE)))
    refused("backlog_issue_unique_key", again(BacklogIssue.objects.create(project=run.project, **ISSUE)))


def test_two_incident_packs_and_two_promotions_of_a_run() -> None:
    refused("runs_app_incidentpack", again(make.make_incident_pack()))
    promotion = Promotion.objects.create(
        run=make.make_run(),
        target_branch="main",
        previous_commit="a" * 40,
        commit="b" * 40,
        promoted_by="x",
        created_at=START,
    )
    refused("runs_app_promotion", again(promotion))


@pytest.mark.parametrize(
    ("table", "column"),
    [(Run, "ci_runs_used"), (Run, "minor_issues_count"), (Phase, "builder_attempts"), (Tier, "ci_runs_used")],
)
def test_no_count_falls_below_nothing(table: type[Any], column: str) -> None:
    phase = make.make_phase()
    row = {Run: phase.run, Phase: phase, Tier: phase.tier}[table]
    refused(f"{column}_check", lambda: table.objects.filter(pk=row.pk).update(**{column: -1}))


def test_every_constraint_of_the_tables_is_tried_here() -> None:
    """The list that keeps this module complete."""
    declared = {
        constraint.name
        for table in (
            Run, Tier, Phase, Attempt, Candidate, Verdict, CiRun, CiStepRun, CiLogChunk, Event, PhaseIssue,
            RunIssue, BacklogIssue, Snapshot, Promotion, IncidentPack,
        )
        for constraint in table._meta.constraints
    }  # fmt: skip
    text = Path(__file__).read_text(encoding="utf-8")
    computed = {
        "attempt_unique_claim_key", "attempt_unique_result_key", "run_issue_severity_known",
        "run_issue_effective_severity_known", "backlog_issue_severity_known",
        "backlog_issue_effective_severity_known",
    }  # fmt: skip
    assert {name for name in declared - computed if name not in text} == set()
