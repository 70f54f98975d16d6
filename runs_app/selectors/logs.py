"""Output of CI steps."""

from runs_app.models import CiLogChunk, CiStepRun

MAX_READ_BYTES = 256 * 1024


def read_log(step_run: CiStepRun, offset: int, *, max_bytes: int = MAX_READ_BYTES) -> bytes:
    """Output from a byte offset on, at most `max_bytes`."""
    chunks = CiLogChunk.objects.filter(step_run=step_run)
    start: int = (
        chunks.filter(offset__lte=offset).order_by("-offset").values_list("offset", flat=True).first() or 0
    )
    pieces: list[bytes] = []
    wanted = offset - start + max_bytes
    for chunk in chunks.filter(offset__gte=start).order_by("offset").iterator(chunk_size=50):
        pieces.append(bytes(chunk.content))
        wanted -= len(pieces[-1])
        if wanted <= 0:
            break
    return b"".join(pieces)[offset - start :][:max_bytes]


def read_log_tail(step_run: CiStepRun, max_bytes: int) -> str:
    """The end of the output as text that can be stored: what is no UTF-8, and NULs, become U+FFFD."""
    first = max(0, step_run.log_bytes - max_bytes)
    tail = read_log(step_run, first, max_bytes=max_bytes).decode("utf-8", "replace")
    return tail.replace("\0", "\ufffd")
