"""Writing curated rows together with their history."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import models
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from autopack.actors import Actor
from catalog_app.errors import ReasonRequired

M = TypeVar("M", bound=models.Model)

_BATCH = 500


def signature(actor: Actor) -> str:
    """An actor in the history: `ada (user:7)`. The name is for people, the identity is unique."""
    return f"{actor.name[:200]} ({actor.identity})"


def record_created(rows: Sequence[M], *, actor: Actor, reason: str = "") -> list[M]:
    """Insert rows of one model, each with its first historical row."""
    if not rows:
        return []
    return list(
        bulk_create_with_history(
            rows,
            type(rows[0]),
            batch_size=_BATCH,
            default_user=signature(actor),
            default_change_reason=reason,
        )
    )


def record_changed(rows: Sequence[M], fields: Sequence[str], *, actor: Actor, reason: str = "") -> None:
    """Update `fields` (and `updated_at`) of rows of one model, each with a historical row."""
    if not rows:
        return
    now = timezone.now()
    for row in rows:
        vars(row)["updated_at"] = now
    bulk_update_with_history(
        rows,
        type(rows[0]),
        [*fields, "updated_at"],
        batch_size=_BATCH,
        default_user=signature(actor),
        default_change_reason=reason,
    )


def ensure_reason(reason: str, *fields: str) -> str:
    """The reason, trimmed. Raises ReasonRequired, naming the fields that want one."""
    text = reason.strip()
    if text:
        return text
    raise ReasonRequired(
        f"Say why: a change of {', '.join(fields)} is recorded with its reason.",
        errors=[
            {"code": "reason_required", "detail": "Give a reason for this change.", "field": field}
            for field in fields
        ],
    )
