"""Pieces of a CI step's output, so that a page never has to take all of it."""

from dataclasses import dataclass

from runs_app.models import CiStepRun
from runs_app.selectors.logs import read_range

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Bytes `start` to `end` of a step's output. `skipped` were left out before it to catch up."""

    start: int
    end: int
    content: bytes
    skipped: int = 0


def read_since(step: CiStepRun, start: int, *, is_live: bool, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """What came after `start`, in whole lines while more may come. Too much of it, and it is the end."""
    skipped = max(0, step.log_bytes - start - max_bytes)
    begin = start + skipped
    content = read_range(step, begin, step.log_bytes)
    if skipped:
        content, dropped = _after_first_newline(content)
        skipped, begin = skipped + dropped, begin + dropped
    if is_live:
        content = content[: content.rfind(b"\n") + 1]
    return LogPiece(begin, begin + len(content), content, skipped)


def read_tail(step: CiStepRun, *, is_live: bool, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """The last lines."""
    start = max(0, step.log_bytes - max_bytes)
    content = read_range(step, start, step.log_bytes)
    if start:
        content, dropped = _after_first_newline(content)
        start += dropped
    if is_live:
        content = content[: content.rfind(b"\n") + 1]
    return LogPiece(start, start + len(content), content)


def read_before(step: CiStepRun, end: int, *, max_bytes: int = PIECE_BYTES) -> LogPiece:
    """The lines before `end`."""
    start = max(0, end - max_bytes)
    content = read_range(step, start, end)
    if start:
        content, dropped = _after_first_newline(content)
        start += dropped
    return LogPiece(start, end, content)


def _after_first_newline(content: bytes) -> tuple[bytes, int]:
    """Without the broken first line, unless it is the only one; and how many bytes that took off."""
    cut = content.find(b"\n") + 1
    return (content[cut:], cut) if 0 < cut < len(content) else (content, 0)
