"""Output of CI steps."""

import codecs

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from runs_app.models import CiLogChunk, CiStepRun

MAX_READ_BYTES = 256 * 1024
MIN_READ_BYTES = 4
"""The longest character of UTF-8: a page has one at least."""


def read_range(step_run: CiStepRun, start: int, end: int) -> bytes:
    """Bytes `start` to `end` of the output, as far as they exist."""
    if end <= start:
        return b""
    chunks = CiLogChunk.objects.filter(step_run=step_run).order_by("offset")
    holding_start = chunks.filter(offset__lte=start).order_by("-offset").values("offset")[:1]
    wanted = chunks.filter(offset__gte=Coalesce(Subquery(holding_start), 0), offset__lt=end)
    rows = [(offset, bytes(content)) for offset, content in wanted.values_list("offset", "content")]
    return b"".join(content[max(0, start - offset) : max(0, end - offset)] for offset, content in rows)


def read_log(step_run: CiStepRun, offset: int, *, max_bytes: int = MAX_READ_BYTES) -> bytes:
    """Output from a byte offset on, at most `max_bytes`."""
    return read_range(step_run, offset, min(offset + max_bytes, step_run.log_bytes))


def cut_between_characters(content: bytes) -> bytes:
    """Without the beginning of a UTF-8 character at the end, whose rest may come later."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(content)
    begun, _ = decoder.getstate()
    return content[: len(content) - len(begun)]


def read_log_tail(step_run: CiStepRun, max_bytes: int) -> str:
    """The end of the output as text that can be stored: what is no UTF-8, and NULs, become U+FFFD."""
    first = max(0, step_run.log_bytes - max_bytes)
    tail = read_range(step_run, first, step_run.log_bytes).decode("utf-8", "replace")
    return tail.replace("\0", "\ufffd")
