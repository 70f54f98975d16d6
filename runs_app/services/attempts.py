"""What an attempt carries: its patch, the answer it got, and the CI of its candidate."""

import hashlib
from typing import Any

from django.utils import timezone

from autopack.actors import Actor
from runs_app.choices import CiRunState
from runs_app.models import Attempt, CiRun, Patch, Run
from runs_app.services.recording import move_ci_run


def store_patch(attempt: Attempt, content: bytes) -> Patch:
    """Keep the bytes exactly as they came."""
    return Patch.objects.create(
        attempt=attempt,
        content=content,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def keep_answer(attempt: Attempt, status: int, **answer: Any) -> None:
    """Store what this attempt is answered with, now and whenever the same result comes again."""
    attempt.answer_status = status
    attempt.answer = answer | {"phase_state": attempt.phase.state}
    attempt.save(update_fields=["answer_status", "answer"])


def cancel_ci(run: Run, attempt: Attempt, *, detail: str, actor: Actor) -> None:
    """Stop whatever tests the attempt's candidate; the worker notices within a second."""
    live = CiRun.objects.filter(candidate__attempt=attempt, state__in=CiRunState.live()).select_related(
        "candidate__attempt__phase"
    )
    for ci_run in live:
        move_ci_run(
            run, ci_run, CiRunState.CANCELLED, actor=actor, completed_at=timezone.now(), detail=detail
        )
