"""Who changed a curated row, when, what and why: one historical row per change."""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


def _read_user(row: Any) -> str:
    # Any: the historical classes are made by the library while models load.
    return row.history_user_id or ""


def _write_user(row: Any, user: str | None) -> None:
    row.history_user_id = user or ""


def curated_history() -> HistoricalRecords:
    """History whose `history_user` is a text, since keys and Autopack itself curate as well as people:
    `ada (user:7)`, `cursor (key:3f2a91bc)`, `sweeper (system:sweeper)`."""
    return HistoricalRecords(
        history_user_id_field=models.CharField(max_length=300, default="", blank=True),
        history_user_getter=_read_user,
        history_user_setter=_write_user,
        history_change_reason_field=models.TextField(default="", null=True, blank=True),
    )
