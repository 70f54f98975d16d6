"""From a stored patch to a commit under a candidate ref (DESIGN §4.3, §4.4)."""

import time

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from autopack.actors import Actor
from runs_app.adapters import get_adapter, policy_of, repository_of
from runs_app.choices import (
    AttemptRole,
    AttemptState,
    CiKind,
    CiRunState,
    PhaseState,
    RunState,
    WaitingFor,
)
from runs_app.gitops.errors import PatchRefused
from runs_app.gitops.inspection import inspect_patch
from runs_app.gitops.message import compose_commit_message
from runs_app.gitops.types import (
    CandidateCommit,
    CandidateRequest,
    CommitSpec,
    Identity,
    ObjectId,
    Refusal,
)
from runs_app.models import Attempt, Candidate, CiRun, GateRefusal, Phase, Run
from runs_app.services import budgets
from runs_app.services.attempts import cancel_ci, keep_answer
from runs_app.services.phases import retry_or_fail
from runs_app.services.queue import defer_ci
from runs_app.services.recording import lock_run, move_attempt, move_phase, move_run

AUTOPACK = Identity("Autopack", "autopack@localhost")


def object_id(value: str) -> ObjectId:
    return ObjectId(value)


def make_candidate(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    """Gate and commit the patch of a SUBMITTED attempt, and write down how it went.

    Repeating it gives the same commit. Raises GitError for anything that is not the patch's fault.
    """
    content = bytes(attempt.patch.content)
    policy = policy_of(run, attempt.phase)
    started = time.perf_counter()
    inspection = inspect_patch(content, policy)
    gate_seconds = time.perf_counter() - started
    if inspection.refusals:
        refuse_attempt(attempt.pk, inspection.refusals, gate_seconds=gate_seconds, actor=actor)
        return
    started = time.perf_counter()
    try:
        commit = get_adapter().create_candidate(
            CandidateRequest(
                repo=repository_of(run),
                run_id=run.run_id,
                phase_id=attempt.phase.phase_id,
                attempt=attempt.number,
                parent=object_id(attempt.parent_commit),
                base=object_id(attempt.base_commit),
                patch=content,
                policy=policy,
                commit=describe_commit(run, attempt),
            )
        )
    except PatchRefused as error:
        refuse_attempt(attempt.pk, error.refusals, gate_seconds=gate_seconds, actor=actor)
        return
    apply_seconds = time.perf_counter() - started
    accept_candidate(attempt.pk, commit, gate_seconds=gate_seconds, apply_seconds=apply_seconds, actor=actor)


def describe_commit(run: Run, attempt: Attempt) -> CommitSpec:
    """Everything that goes into the commit besides its tree. Depends on stored rows alone, so that a retry
    gives the same object id."""
    phase = attempt.phase
    author_name = attempt.worker_name or attempt.holder_name
    submitted_at = attempt.submitted_at or attempt.claimed_at
    message = compose_commit_message(
        subject=phase.name,
        body=phase.description,
        trailers=[
            ("Autopack-Run", run.run_id),
            ("Autopack-Phase", phase.phase_id),
            ("Autopack-Attempt", str(attempt.number)),
            ("Autopack-Builder" if attempt.role == AttemptRole.BUILDER else "Autopack-Auditor", author_name),
        ],
    )
    return CommitSpec(
        message=message,
        author=Identity(author_name, f"{slugify(author_name) or 'agent'}@autopack.localhost"),
        committer=AUTOPACK,
        authored_at=submitted_at,
        committed_at=submitted_at,
    )


@transaction.atomic
def refuse_attempt(
    attempt_pk: int, refusals: tuple[Refusal, ...], *, gate_seconds: float, actor: Actor
) -> None:
    """The gate said no. Every reason is kept; the attempt is spent (DESIGN §4.3)."""
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status != AttemptState.SUBMITTED:
        return
    reasons = [
        {"code": r.code.value, "path": as_text(r.path), "line": r.line, "detail": as_text(r.detail)}
        for r in refusals
    ]
    GateRefusal.objects.bulk_create(GateRefusal(attempt=attempt, **reason) for reason in reasons)
    summary = f"{len(reasons)} reason(s), first: {reasons[0]['path'] or 'patch'}: {reasons[0]['detail']}"
    move_attempt(
        run,
        attempt,
        AttemptState.REFUSED,
        actor=actor,
        outcome_code=reasons[0]["code"],
        outcome_detail=summary,
        gate_seconds=gate_seconds,
    )
    if attempt.phase.status == PhaseState.GATE:
        retry_or_fail(run, attempt.phase, actor=actor, reason=summary)
    elif attempt.phase.waiting_for == WaitingFor.GIT:
        Phase.objects.filter(pk=attempt.phase_id).update(waiting_for=WaitingFor.NOTHING, waiting_reason="")
    attempt.phase.refresh_from_db()
    keep_answer(
        attempt,
        422,
        detail=f"The patch was refused: {summary}",
        errors=reasons,
    )


def as_text(value: str) -> str:
    """What a hostile patch names, as text that can be stored and shown: bytes that are no UTF-8 and NULs
    become escapes."""
    raw = value.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


@transaction.atomic
def accept_candidate(
    attempt_pk: int, commit: CandidateCommit, *, gate_seconds: float, apply_seconds: float, actor: Actor
) -> None:
    """The commit exists: write it down, supersede the candidate it corrects, and have it tested. Whatever the
    phase waited for, it waits for the new candidate now."""
    run, attempt = lock_attempt(attempt_pk)
    if attempt.status != AttemptState.SUBMITTED:
        return
    _supersede_earlier(run, attempt, actor=actor)
    candidate = Candidate.objects.create(
        attempt=attempt,
        commit=commit.commit,
        tree=commit.tree,
        parent=commit.parent,
        ref=commit.ref,
        is_empty=commit.is_empty,
        created_at=timezone.now(),
    )
    patch = attempt.patch
    patch.lines_added = commit.lines_added
    patch.lines_removed = commit.lines_removed
    patch.files = [
        {
            "path": change.path,
            "old_path": change.old_path,
            "kind": str(change.kind),
            "is_binary": change.is_binary,
            "lines_added": change.lines_added,
            "lines_removed": change.lines_removed,
        }
        for change in commit.files
    ]
    patch.save(update_fields=["lines_added", "lines_removed", "files"])
    move_attempt(
        run,
        attempt,
        AttemptState.CANDIDATE,
        actor=actor,
        gate_seconds=gate_seconds,
        apply_seconds=apply_seconds,
    )
    phase = attempt.phase
    if phase.status == PhaseState.GATE:
        move_phase(run, phase, PhaseState.CI_RUNNING, actor=actor)
        move_run(run, RunState.CI_RUNNING, actor=actor)
    if phase.waiting_for or phase.verdict_due_at is not None:
        phase.waiting_for, phase.waiting_reason, phase.verdict_due_at = WaitingFor.NOTHING, "", None
        phase.save(update_fields=["waiting_for", "waiting_reason", "verdict_due_at"])
    ci_run = _order_ci(run, candidate)
    keep_answer(attempt, 200, message="Patch accepted.", commit_sha=commit.commit)
    if ci_run.status == CiRunState.NOT_CONFIGURED and not phase.is_verdict_required:
        # Nobody has a say in a candidate this young: what `settle_candidate` would find is known already.
        move_attempt(run, attempt, AttemptState.SNAPSHOTTING, actor=actor)


def _supersede_earlier(run: Run, attempt: Attempt, *, actor: Actor) -> None:
    earlier = (
        Attempt.objects.filter(phase=attempt.phase, state=AttemptState.CANDIDATE)
        .select_related("phase")
        .first()
    )
    if earlier is None:
        return
    cancel_ci(run, earlier, detail=f"Attempt {attempt.number} took its place.", actor=actor)
    move_attempt(
        run,
        earlier,
        AttemptState.SUPERSEDED,
        actor=actor,
        outcome_code="superseded",
        outcome_detail=f"Corrected by attempt {attempt.number}.",
    )


def _order_ci(run: Run, candidate: Candidate) -> CiRun:
    phase = candidate.attempt.phase
    steps = run.list_ci_steps(phase.ci_profile)
    now = timezone.now()
    ci_run = CiRun(
        candidate=candidate,
        commit=candidate.commit,
        kind=run.ci_kind,
        profile=phase.ci_profile,
        steps=steps,
        created_at=now,
    )
    if run.ci_kind == CiKind.EXTERNAL:
        ci_run.save()
        budgets.spend_ci_run(run, phase)
        phase.waiting_for = WaitingFor.VERIFIER
        phase.waiting_reason = "The external verifier has not reported on this commit yet."
        phase.save(update_fields=["waiting_for", "waiting_reason"])
    elif run.ci_kind == CiKind.LOCAL and steps:
        ci_run.save()
        budgets.spend_ci_run(run, phase)
        defer_ci(ci_run)
    else:
        ci_run.state = CiRunState.NOT_CONFIGURED
        ci_run.detail = "no CI configured"
        ci_run.completed_at = now
        ci_run.save()
    return ci_run


def lock_attempt(attempt_pk: int) -> tuple[Run, Attempt]:
    """The attempt with its run locked. The bytes of its patch stay where they are."""
    run_pk = Attempt.objects.values_list("phase__run_id", flat=True).get(pk=attempt_pk)
    run = lock_run(run_pk)
    attempt = (
        Attempt.objects.select_related("phase__tier", "patch").defer("patch__content").get(pk=attempt_pk)
    )
    attempt.phase.run = run
    return run, attempt
