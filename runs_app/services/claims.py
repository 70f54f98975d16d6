"""Claims: who works on a phase, and until when (DESIGN §4.1)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import AttemptState, EventKind, PhaseState, RunState
from runs_app.errors import LeaseExpired, NotYourClaim, OverBudget, RunEnded
from runs_app.models import Attempt, Phase, Run
from runs_app.services.phases import find_next_phase, open_attempt, queue_again, retry_or_fail
from runs_app.services.recording import lock_run, lock_word, move_attempt, record_event


def claim_phase(run: Run, *, actor: Actor, worker_name: str = "", claim_key: str = "") -> Attempt | None:
    """Claim the run's next phase if it is ready, else None.

    With a `claim_key`, a repeat of the call gives the same claim. Raises RunEnded, OverBudget.
    """
    # Those who wait look often: as long as somebody is at work, they may not take the run's lock from them.
    state = RunState(Run.objects.values_list("state", flat=True).get(pk=run.pk))
    if state == RunState.PHASE_QUEUEING or state.is_final or _find_repeated(run, actor, claim_key).exists():
        return _claim_locked(run, actor=actor, worker_name=worker_name, claim_key=claim_key)
    return None


def _find_repeated(run: Run, actor: Actor, claim_key: str) -> QuerySet[Attempt]:
    if not claim_key:
        return Attempt.objects.none()
    return Attempt.objects.filter(phase__run=run, holder=actor.identity, claim_key=claim_key)


@transaction.atomic
def _claim_locked(run: Run, *, actor: Actor, worker_name: str, claim_key: str) -> Attempt | None:
    run = lock_run(run.pk)
    repeats = _find_repeated(run, actor, claim_key).select_related("phase__run__project", "phase__tier")
    repeated = repeats.first()
    if repeated is not None:
        return repeated
    if not run.is_live:
        raise RunEnded(f"Run {run.run_id} has ended.", state=run.state, allowed=[])
    phase = find_next_phase(run)
    if phase is None or run.status != RunState.PHASE_QUEUEING or phase.status != PhaseState.QUEUED:
        return None
    return open_attempt(run, phase, actor=actor, worker_name=worker_name, claim_key=claim_key)


def claim_anywhere(*, actor: Actor, worker_name: str = "", claim_key: str = "") -> Attempt | None:
    """Claim the next ready phase of the oldest run that has one, among the projects the actor sees.

    With a `claim_key`, a repeat of the call gives the same claim, in whatever run it was.
    """
    if not claim_key:
        return _claim_oldest(actor=actor, worker_name=worker_name)
    with transaction.atomic():
        lock_word(f"claim:{actor.identity}:{claim_key}")
        repeated = (
            Attempt.objects.filter(holder=actor.identity, claim_key=claim_key)
            .select_related("phase__run__project", "phase__tier")
            .first()
        )
        return repeated or _claim_oldest(actor=actor, worker_name=worker_name, claim_key=claim_key)


def _claim_oldest(*, actor: Actor, worker_name: str, claim_key: str = "") -> Attempt | None:
    runs = Run.objects.filter(state=RunState.PHASE_QUEUEING).order_by("id")
    if actor.project_ids is not None:
        runs = runs.filter(project__project_id__in=actor.project_ids)
    for run in runs.iterator():
        try:
            attempt = claim_phase(run, actor=actor, worker_name=worker_name, claim_key=claim_key)
        except (RunEnded, OverBudget):
            continue
        if attempt is not None:
            return attempt
    return None


@transaction.atomic
def renew_claim(phase: Phase, claim_id: UUID, *, actor: Actor) -> Attempt:
    """Start the lease anew from now. Raises NotYourClaim, LeaseExpired."""
    run = lock_run(phase.run_id)
    attempt = find_own_claim(phase, claim_id, actor=actor)
    attempt.lease_expires_at = timezone.now() + timedelta(seconds=run.lease_seconds)
    attempt.save(update_fields=["lease_expires_at"])
    record_event(
        run,
        EventKind.LEASE_RENEWED,
        actor=actor,
        phase=attempt.phase,
        payload={"attempt": attempt.number, "until": attempt.lease_expires_at.isoformat()},
    )
    return attempt


@transaction.atomic
def release_claim(phase: Phase, claim_id: UUID, *, actor: Actor) -> Attempt:
    """Give the phase back. A released claim costs no attempt. Releasing it again changes nothing."""
    run = lock_run(phase.run_id)
    released = Attempt.objects.filter(
        phase=phase, claim_id=claim_id, holder=actor.identity, state=AttemptState.RELEASED
    ).first()
    if released is not None:
        return released
    attempt = find_own_claim(phase, claim_id, actor=actor)
    move_attempt(run, attempt, AttemptState.RELEASED, actor=actor, outcome_code="released")
    locked = attempt.phase
    locked.builder_attempts -= 1
    locked.save(update_fields=["builder_attempts"])
    queue_again(run, locked, actor=actor)
    return attempt


def find_own_claim(phase: Phase, claim_id: UUID, *, actor: Actor) -> Attempt:
    """The open claim of that id, if it is the actor's and its lease runs. The caller holds the run's lock."""
    attempt = (
        Attempt.objects.filter(phase=phase, claim_id=claim_id)
        .select_related("phase__tier", "phase__run")
        .first()
    )
    if attempt is None or attempt.holder != actor.identity:
        raise NotYourClaim(
            f"Claim {claim_id} on phase {phase.phase_id} is not yours. Claim the phase to work on it.",
            state=phase.state,
        )
    is_overdue = attempt.status == AttemptState.CLAIMED and attempt.lease_expires_at <= timezone.now()
    if attempt.status == AttemptState.LOST or is_overdue:
        raise LeaseExpired(
            f"The lease of claim {claim_id} ended at {attempt.lease_expires_at.isoformat()}. Claim again.",
            state=attempt.state,
        )
    if attempt.status != AttemptState.CLAIMED:
        raise NotYourClaim(
            f"Claim {claim_id} has ended: {attempt.status.label.lower()}.", state=attempt.state
        )
    return attempt


@transaction.atomic
def expire_lease(attempt_pk: int, *, actor: Actor) -> bool:
    """A lease that ran out is a lost attempt. Returns whether this call ended it."""
    run_pk = Attempt.objects.values_list("phase__run_id", flat=True).get(pk=attempt_pk)
    run = lock_run(run_pk)
    attempt = Attempt.objects.select_related("phase__tier", "phase__run").get(pk=attempt_pk)
    if attempt.status != AttemptState.CLAIMED or attempt.lease_expires_at > timezone.now():
        return False
    reason = f"The lease of attempt {attempt.number} ({attempt.holder_name}) ran out."
    move_attempt(
        run, attempt, AttemptState.LOST, actor=actor, outcome_code="lease_expired", outcome_detail=reason
    )
    retry_or_fail(run, attempt.phase, actor=actor, reason=reason)
    return True
