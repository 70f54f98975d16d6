"""What an attempt carries: its patch and the answer it got."""

import hashlib
from typing import Any

from runs_app.models import Attempt, Patch


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
