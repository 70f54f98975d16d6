"""What a step prints on its way to the sink: redacted, capped, in batches."""

import time
from collections.abc import Callable

from runs_app.ci.protocols import OutputSink
from runs_app.ci.redaction import Redactor

HEAD_BYTES = 3 * 1024 * 1024
TAIL_BYTES = 1024 * 1024
_BATCH_BYTES = 32 * 1024
_BATCH_SECONDS = 0.5
_LINE_SEARCH_BYTES = 4096


class StepOutput:
    """Passes bytes on at most half a second late. The first `head_bytes` flow; of what comes after, the last
    `tail_bytes` follow at the end, with a line before them that says how many bytes were cut."""

    def __init__(
        self,
        sink: OutputSink,
        redactor: Redactor,
        *,
        head_bytes: int = HEAD_BYTES,
        tail_bytes: int = TAIL_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = sink
        self._redactor = redactor
        self._head_left = head_bytes
        self._tail_bytes = tail_bytes
        self._clock = clock
        self._batch = bytearray()
        self._batch_since = 0.0
        self._fed_at = clock()
        self._tail = bytearray()
        self._cut_bytes = 0
        self._is_head_full = False
        self.total_bytes = 0

    @property
    def is_truncated(self) -> bool:
        return self._cut_bytes > 0

    def feed(self, chunk: bytes) -> None:
        self.total_bytes += len(chunk)
        self._fed_at = self._clock()
        self._keep(self._redactor.feed(chunk))

    def tick(self) -> None:
        """Call several times a second: sends what has waited long enough."""
        now = self._clock()
        is_idle = now - self._fed_at >= _BATCH_SECONDS
        if is_idle:
            self._keep(self._redactor.release())
        if is_idle or now - self._batch_since >= _BATCH_SECONDS:
            self._send()

    def finish(self) -> None:
        self._keep(self._redactor.finish())
        if self._is_head_full:
            self._trim_tail()
            if self.is_truncated:
                # Begin with a whole line: half a line may be half a secret, or half a character.
                line_end = self._tail.find(b"\n", 0, _LINE_SEARCH_BYTES) + 1
                self._cut_bytes += line_end
                del self._tail[:line_end]
                self._add(b"[... %d bytes cut here ...]\n" % self._cut_bytes)
            self._add(bytes(self._tail))
        self._send()

    def _keep(self, shown: bytes) -> None:
        if self._head_left > 0:
            head, shown = shown[: self._head_left], shown[self._head_left :]
            self._head_left -= len(head)
            self._add(head)
        if not shown:
            return
        if not self._is_head_full:
            self._is_head_full = True
            self._add(b"\n[output limit reached: the end follows when the step is over]\n")
        self._tail += shown
        if len(self._tail) > 2 * self._tail_bytes:
            self._trim_tail()

    def _trim_tail(self) -> None:
        surplus = max(0, len(self._tail) - self._tail_bytes)
        self._cut_bytes += surplus
        del self._tail[:surplus]

    def _add(self, shown: bytes) -> None:
        if shown and not self._batch:
            self._batch_since = self._clock()
        self._batch += shown
        if len(self._batch) >= _BATCH_BYTES:
            self._send()

    def _send(self) -> None:
        if self._batch:
            batch = bytes(self._batch)
            self._batch.clear()
            self._sink.write(batch)
