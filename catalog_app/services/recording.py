"""Writing curated rows together with their history.

Historical rows are copied by the database from what was just written: one statement, however many they are,
and nothing in them can differ from the row.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

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
    model = type(rows[0])
    with transaction.atomic():
        created = model._default_manager.bulk_create(rows, batch_size=_BATCH)
        _copy_to_history(model, created, "+", actor, reason)
    return created


def record_changed(rows: Sequence[M], fields: Sequence[str], *, actor: Actor, reason: str = "") -> None:
    """Update `fields` (and `updated_at`) of rows of one model, each with a historical row."""
    if not rows:
        return
    now = timezone.now()
    for row in rows:
        vars(row)["updated_at"] = now
    model = type(rows[0])
    with transaction.atomic():
        model._default_manager.bulk_update(rows, [*fields, "updated_at"], batch_size=_BATCH)
        _copy_to_history(model, rows, "~", actor, reason)


def _copy_to_history(model: type[M], rows: Sequence[M], history_type: str, actor: Actor, reason: str) -> None:
    # Any: django-simple-history makes the historical classes while models load.
    history: Any = model.history.model  # type: ignore[attr-defined]  # every curated model has it
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in history.tracked_fields)
    with connection.cursor() as cursor:
        # Names of tables and columns, quoted; values are parameters.
        cursor.execute(
            f"INSERT INTO {quote(history._meta.db_table)} "  # noqa: S608
            f"({columns}, history_type, history_date, history_user_id, history_change_reason) "
            f"SELECT {columns}, %s, %s, %s, %s FROM {quote(model._meta.db_table)} "
            "WHERE id = ANY(%s) ORDER BY id",
            [history_type, timezone.now(), signature(actor), reason, [row.pk for row in rows]],
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
