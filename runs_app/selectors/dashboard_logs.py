"""Pieces of a CI step's output, so that a page never has to take all of it."""

from dataclasses import dataclass

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce

from autopack.actors import Actor
from runs_app.errors import StepNotFound
from runs_app.models import CiLogChunk, CiStepRun
from runs_app.selectors.dashboard import list_visible_runs

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Bytes `start` to `end` of a step's output. `skipped` were left out before it to catch up."""

    start: int
    end: int
    content: bytes
    skipped: int = 0


def get_step_run(actor: Actor, step_pk: int) -> CiStepRun:
    """Raises StepNotFound."""
    step = (
        CiStepRun.objects.filter(
            pk=step_pk, ci_run__candidate__attempt__phase__run__in=list_visible_runs(actor)
        )
        .select_related("ci_run__candidate__attempt__phase__run")
        .first()
    )
    if step is None:
        raise StepNotFound("There is no such CI step.")
    return step


def read_since(step: CiStepRun, start: int, *, is_live: bool, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """What came after `start`, in whole lines while more may come. Too much of it, and it is the end."""
    skipped = max(0, step.log_bytes - start - max_bytes)
    begin = start + skipped
    content = _read_range(step, begin, step.log_bytes)
    if skipped:
        content, dropped = _after_first_newline(content)
        skipped, begin = skipped + dropped, begin + dropped
    if is_live:
        content = content[: content.rfind(b"\n") + 1]
    return LogPiece(begin, begin + len(content), content, skipped)


def read_tail(step: CiStepRun, *, is_live: bool, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """The last lines."""
    start = max(0, step.log_bytes - max_bytes)
    content = _read_range(step, start, step.log_bytes)
    if start:
        content, dropped = _after_first_newline(content)
        start += dropped
    if is_live:
        content = content[: content.rfind(b"\n") + 1]
    return LogPiece(start, start + len(content), content)


def read_before(step: CiStepRun, end: int, *, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """The lines before `end`."""
    start = max(0, end - max_bytes)
    content = _read_range(step, start, end)
    if start:
        content, dropped = _after_first_newline(content)
        start += dropped
    return LogPiece(start, end, content)


def read_whole(step: CiStepRun) -> bytes:
    """All of it."""
    return b"".join(bytes(content) for content in _chunks(step).values_list("content", flat=True))


def _chunks(step: CiStepRun) -> QuerySet[CiLogChunk]:
    return CiLogChunk.objects.filter(step_run=step).order_by("offset")


def _read_range(step: CiStepRun, start: int, end: int) -> bytes:
    if end <= start:
        return b""
    holding_start = _chunks(step).filter(offset__lte=start).order_by("-offset").values("offset")[:1]
    chunks = _chunks(step).filter(offset__gte=Coalesce(Subquery(holding_start), 0), offset__lt=end)
    rows = [(offset, bytes(content)) for offset, content in chunks.values_list("offset", "content")]
    return b"".join(content[max(0, start - offset) : max(0, end - offset)] for offset, content in rows)


def _after_first_newline(content: bytes) -> tuple[bytes, int]:
    """Without the broken first line, unless it is the only one; and how many bytes that took off."""
    cut = content.find(b"\n") + 1
    return (content[cut:], cut) if 0 < cut < len(content) else (content, 0)
