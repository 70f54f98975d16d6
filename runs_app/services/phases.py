"""How a phase goes on after an attempt: its claim, its next attempt, or the end of the run."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import AttemptRole, AttemptState, PhaseState, RunState, TierState
from runs_app.errors import OverBudget
from runs_app.models import Attempt, Phase, Run
from runs_app.services import endings
from runs_app.services.recording import move_attempt, move_phase, move_run, move_tier


def find_next_phase(run: Run) -> Phase | None:
    """The first phase that is not finished. Phases go strictly in order (DESIGN §4)."""
    return (
        run.phases.exclude(state__in=PhaseState.final())
        .select_related("tier", "run")
        .order_by("position")
        .first()
    )


def open_attempt(
    run: Run,
    phase: Phase,
    *,
    actor: Actor,
    role: AttemptRole = AttemptRole.BUILDER,
    worker_name: str = "",
    claim_key: str = "",
    is_implicit: bool = False,
    is_free: bool = False,
) -> Attempt:
    """Give the phase to `actor` under a lease. The phase is QUEUED and the run's next; the caller holds the
    run's lock. A free attempt does not count towards the cap. Raises OverBudget if the cap is used up."""
    count = "builder_attempts" if role == AttemptRole.BUILDER else "auditor_attempts"
    used, cap = getattr(phase, count), getattr(phase, f"max_{count}")
    if used >= cap and not is_free:
        raise OverBudget(
            f"Phase {phase.phase_id} used its {cap} {role} attempts.", state=phase.state, allowed=[]
        )
    now = timezone.now()
    attempt = Attempt.objects.create(
        phase=phase,
        number=next_number(phase),
        role=role,
        holder=actor.identity,
        holder_name=actor.name,
        worker_name=worker_name,
        claim_key=claim_key,
        is_implicit_claim=is_implicit,
        claimed_at=now,
        lease_expires_at=now + timedelta(seconds=run.lease_seconds),
        parent_commit=run.tip_commit,
        base_commit=run.tip_commit,
    )
    move_phase(
        run,
        phase,
        PhaseState.EXECUTING,
        actor=actor,
        **{count: used + int(not is_free), "started_at": phase.started_at or now},
    )
    if phase.tier.state == TierState.PENDING:
        move_tier(run, phase.tier, TierState.IN_PROGRESS, actor=actor)
    move_run(run, RunState.PHASE_EXECUTION, actor=actor)
    return attempt


def next_number(phase: Phase) -> int:
    """The number of the phase's next attempt, counted from 1."""
    highest: int | None = phase.attempts.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def send_to_gate(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    """The attempt's patch is stored: the intent to make its candidate. An auditor's correction of a candidate
    under test leaves the phase where it is."""
    move_attempt(run, attempt, AttemptState.SUBMITTED, actor=actor)
    run.has_candidate_refs = True
    run.save(update_fields=["has_candidate_refs"])
    if attempt.phase.status == PhaseState.EXECUTING:
        move_phase(run, attempt.phase, PhaseState.GATE, actor=actor)
        move_run(run, RunState.GATE, actor=actor)


def queue_again(run: Run, phase: Phase, *, actor: Actor) -> None:
    """The phase may be claimed again."""
    move_phase(run, phase, PhaseState.QUEUED, actor=actor)
    move_run(run, RunState.PHASE_QUEUEING, actor=actor)


def retry_or_fail(
    run: Run,
    phase: Phase,
    *,
    actor: Actor,
    reason: str,
    exhausted: RunState = RunState.DONE_FAILED_BUDGET_EXHAUSTED,
) -> None:
    """After a lost, refused, red or rejected attempt: another one within the cap, else the run has failed
    (DESIGN §4.8)."""
    if phase.builder_attempts < phase.max_builder_attempts:
        queue_again(run, phase, actor=actor)
        return
    endings.fail_run(
        run,
        exhausted,
        actor=actor,
        phase=phase,
        code="attempts_used_up",
        reason=f"Phase {phase.phase_id} used its {phase.max_builder_attempts} attempts. Last: {reason}",
    )
