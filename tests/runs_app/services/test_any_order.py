"""Whatever comes in whatever order, the rows of a run and its branch stay true to each other."""

from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from autopack.actors import Actor, ActorKind, Role
from autopack.errors import AutopackError
from runs_app.choices import (
    AttemptRole,
    AttemptState,
    BuilderStatus,
    CiRunState,
    PhaseState,
    Recommendation,
    RunState,
    Severity,
    TierState,
)
from runs_app.models import Attempt, CiRun, Event, IncidentPack, Phase, Run, Snapshot
from runs_app.services.ci_runs import report_ci_result
from runs_app.services.claims import claim_phase, release_claim, renew_claim
from runs_app.services.control import StatusUpdate, cancel_run, update_phase_status
from runs_app.services.issues import IssueReport, record_issue
from runs_app.services.results import BuilderResult, submit_builder_result
from runs_app.services.starting import PhaseDraft, StartRequest, TierDraft, start_run
from runs_app.services.sweeping import sweep
from runs_app.services.verdicts import AuditorResult, request_audit, submit_auditor_result
from runs_app.strategy import PhaseOutline, RunCaps
from tests.support.workshop import Workshop

PHASES = ["p1", "p2", "p3"]
STATE_OF_RUN = {
    PhaseState.EXECUTING: RunState.PHASE_EXECUTION,
    PhaseState.GATE: RunState.GATE,
    PhaseState.CI_RUNNING: RunState.CI_RUNNING,
}


def _actor(name: str) -> Actor:
    return Actor(ActorKind.KEY, f"key:{name}", name, frozenset(Role))


ADA, BOB, ANYBODY = _actor("ada"), _actor("bob"), _actor("anybody")
WHO = st.sampled_from([ADA, BOB])
WHICH = st.sampled_from(PHASES)
NUMBERS = count()


class AnyOrder(RuleBasedStateMachine):
    """One run of three phases in two tiers, tested from outside, in a repository shared by all examples."""

    workshop: Workshop

    def __init__(self) -> None:
        super().__init__()
        request = StartRequest(
            run_id=f"run-{next(NUMBERS)}",
            digest="d",
            tiers=(TierDraft("t1", 0, "One"), TierDraft("t2", 1, "Two")),
            phases=tuple(
                PhaseDraft(PhaseOutline(phase_id), "t2" if phase_id == "p3" else "t1", index, phase_id)
                for index, phase_id in enumerate(PHASES)
            ),
            caps=RunCaps(token_cap=400),
        )
        self.pk = start_run(request, actor=ANYBODY).pk

    # What happens

    @rule(who=WHO)
    def claim(self, who: Actor) -> None:
        self._try(claim_phase, self.run, actor=who)

    @rule(who=WHO)
    def renew(self, who: Actor) -> None:
        self._try(renew_claim, *self._claimed(), actor=who)

    @rule(who=WHO)
    def release(self, who: Actor) -> None:
        self._try(release_claim, *self._claimed(), actor=who)

    @rule(
        phase_id=WHICH,
        who=WHO,
        status=st.sampled_from([*BuilderStatus, BuilderStatus.SUCCESS, BuilderStatus.SUCCESS]),
        kind=st.sampled_from(["empty", "new", "new", "again", "escaping"]),
        tokens=st.integers(0, 60),
    )
    def submit(self, phase_id: str, who: Actor, status: BuilderStatus, kind: str, tokens: int) -> None:
        result = BuilderResult(
            status, self._patch(kind), tokens_used=tokens, suggested_issues=(_issue(kind),)
        )
        self._try(submit_builder_result, self._phase(phase_id), result, actor=who, hold_seconds=0)

    @rule(phase_id=WHICH, state=st.sampled_from([CiRunState.PASSED, CiRunState.PASSED, CiRunState.FAILED]))
    def report_ci(self, phase_id: str, state: CiRunState) -> None:
        phase = self._phase(phase_id)
        latest = CiRun.objects.filter(candidate__attempt__phase=phase).last()
        self._try(
            report_ci_result,
            phase,
            commit=latest.commit if latest else "a" * 40,
            state=state,
            detail="",
            failures=(),
            report={},
            actor=ANYBODY,
        )

    @rule(
        phase_id=WHICH,
        recommendation=st.sampled_from([Recommendation.APPROVE, *Recommendation]),
        kinds=st.lists(st.sampled_from(["new", "escaping"]), max_size=2),
        notes=st.sampled_from(["a", "b"]),
    )
    def judge(self, phase_id: str, recommendation: Recommendation, kinds: list[str], notes: str) -> None:
        result = AuditorResult(recommendation, notes, tuple(self._patch(kind) for kind in kinds))
        self._try(submit_auditor_result, self._phase(phase_id), result, actor=BOB)

    @rule(phase_id=WHICH)
    def ask_for_an_audit(self, phase_id: str) -> None:
        self._try(
            request_audit,
            self._phase(phase_id),
            review_focus="",
            auditor_profile="",
            context={},
            actor=ADA,
        )

    @rule(phase_id=WHICH, key=st.sampled_from(["x", "y"]), severity=st.sampled_from(Severity))
    def note_an_issue(self, phase_id: str, key: str, severity: Severity) -> None:
        record_issue(self._phase(phase_id), _issue(key, severity), actor=ADA)

    @rule(phase_id=WHICH, state=st.sampled_from([*PhaseState, PhaseState.QUEUED, PhaseState.QUEUED]))
    def correct(self, phase_id: str, state: PhaseState) -> None:
        if state is not PhaseState.FAILED:
            self._try(update_phase_status, self._phase(phase_id), StatusUpdate(state), actor=ANYBODY)

    @rule(is_late=st.booleans())
    def time_goes_by(self, is_late: bool) -> None:
        if is_late:
            past = timezone.now() - timedelta(seconds=1)
            Attempt.objects.filter(phase__run=self.pk, state="CLAIMED").update(lease_expires_at=past)
        sweep()

    @rule(decided=st.integers(0, 9))
    def cancel(self, decided: int) -> None:
        if decided == 0:
            self._try(cancel_run, self.run, actor=ANYBODY)

    # What stays true

    @invariant()
    def the_states_of_run_tiers_and_phases_fit(self) -> None:
        run, phases = self.run, list(Phase.objects.filter(run=self.pk).order_by("position"))
        active = [phase for phase in phases if phase.status in PhaseState.active()]
        unfinished = [phase for phase in phases if phase.status not in PhaseState.final()]
        if run.status.is_final:
            assert unfinished == []
            assert not Attempt.objects.filter(phase__run=run, state__in=AttemptState.open()).exists()
            assert not CiRun.objects.filter(
                candidate__attempt__phase__run=run, state__in=CiRunState.live()
            ).exists()
            assert IncidentPack.objects.filter(run=run).exists() == (run.status in RunState.failed())
            assert all(
                tier.state not in (TierState.PENDING, TierState.IN_PROGRESS) for tier in run.tiers.all()
            )
        else:
            assert len(active) <= 1
            assert unfinished
            assert active in ([], unfinished[:1]), "strictly in order"
            assert run.status == (STATE_OF_RUN[active[0].status] if active else RunState.PHASE_QUEUEING)
        for phase in active:
            held = phase.attempts.filter(role=AttemptRole.BUILDER, state__in=AttemptState.open())
            assert phase.attempts.filter(state__in=AttemptState.open()).exists(), "somebody is at it"
            assert held.count() <= 1

    @invariant()
    def every_event_has_its_number(self) -> None:
        sequences = list(
            Event.objects.filter(run=self.pk).order_by("sequence").values_list("sequence", flat=True)
        )
        assert sequences == list(range(1, self.run.event_count + 1))
        ends = Event.objects.filter(run=self.pk, kind="run.state", after__in=RunState.final())
        assert ends.count() == int(self.run.status.is_final)

    @invariant()
    def the_counts_are_those_of_the_rows(self) -> None:
        run, phases = self.run, list(Phase.objects.filter(run=self.pk))
        assert run.phases_complete == sum(phase.status == PhaseState.COMPLETE for phase in phases)
        assert run.tokens_used == sum(phase.tokens_used for phase in phases)
        assert run.tokens_used == sum(tier.tokens_used for tier in run.tiers.all())
        candidates = CiRun.objects.filter(candidate__attempt__phase__run=run).count()
        assert run.ci_runs_used == sum(phase.ci_runs_used for phase in phases) == candidates
        for phase in phases:
            again = phase.attempts.filter(outcome_code="queued_again")
            paid = phase.attempts.filter(role=AttemptRole.BUILDER).exclude(state=AttemptState.RELEASED)
            paid = paid.exclude(pk__in=again)
            corrections = again.filter(role=AttemptRole.AUDITOR).count()
            # An operator who queues a corrected phase at its cap leaves the builder one attempt.
            assert paid.count() - corrections <= phase.builder_attempts <= paid.count()
            assert phase.auditor_attempts <= phase.max_auditor_attempts

    @invariant()
    def what_is_complete_was_tested_and_is_where_the_branch_stands(self) -> None:
        run = self.run
        snapshots = list(Snapshot.objects.filter(phase__run=run).order_by("phase__position"))
        complete = Phase.objects.filter(run=run, state=PhaseState.COMPLETE).order_by("position")
        assert [snapshot.phase for snapshot in snapshots] == list(complete)
        tip = run.base_commit
        for snapshot in snapshots:
            assert snapshot.parent == tip
            tip = snapshot.commit
            assert CiRun.objects.filter(
                commit=tip, state=CiRunState.PASSED, candidate=snapshot.candidate
            ).exists()
            words = snapshot.candidate.verdicts.filter(is_effective=True).order_by("id")
            last = words.last()
            assert last is None or last.recommendation == Recommendation.APPROVE
            assert last is not None or not snapshot.phase.is_verdict_required
        assert run.tip_commit == tip == self.workshop.repo.rev(f"refs/heads/{run.integration_branch}")

    def teardown(self) -> None:
        if self.run.is_live:
            cancel_run(self.run, actor=ANYBODY)
        sweep()
        self.the_states_of_run_tiers_and_phases_fit()
        self.every_event_has_its_number()
        self.what_is_complete_was_tested_and_is_where_the_branch_stands()
        assert not [ref for ref in self.workshop.repo.refs() if ref.startswith("refs/autopack/")]

    # How it is done

    @property
    def run(self) -> Run:
        return Run.objects.select_related("project").get(pk=self.pk)

    def _phase(self, phase_id: str) -> Phase:
        return Phase.objects.select_related("run", "tier").get(run=self.pk, phase_id=phase_id)

    def _claimed(self) -> tuple[Phase, Any]:
        attempt = Attempt.objects.filter(phase__run=self.pk).order_by("id").last()
        return (attempt.phase, attempt.claim_id) if attempt else (self._phase("p1"), uuid4())

    def _patch(self, kind: str) -> bytes:
        match kind:
            case "empty":
                return b""
            case "again":
                return _new_file("again")
            case "new":
                return _new_file(f"file-{next(NUMBERS)}")
            case _:
                return _new_file("../escape")

    def _try(self, service: Any, *args: Any, **options: Any) -> None:
        """Do it; a refusal is an answer as well, anything else a defect."""
        with suppress(AutopackError):
            service(*args, **options)


def _new_file(path: str) -> bytes:
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1 @@\n+x\n".encode()


def _issue(key: str, severity: Severity = Severity.MINOR) -> IssueReport:
    return IssueReport(key, severity, "test", "c")


@pytest.mark.slow
def test_any_order_of_events_leaves_a_run_consistent(workshop: Workshop) -> None:
    workshop.configure(ci_kind="external")
    AnyOrder.workshop = workshop
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
