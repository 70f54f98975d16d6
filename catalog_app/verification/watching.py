"""A git command that may take minutes: it reports how far it is, can be cancelled, and is held to limits."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from autopack.git.runner import GitRunner, Workplace, end_child, redact
from catalog_app.verification.errors import Cancelled, FetchTimedOut, MirrorTooLarge

LOOK_SECONDS: Final = 0.25
"""How often it is asked whether to go on."""
_CHUNK_BYTES = 1 << 16
_KEPT_BYTES = 2_000
_MAX_OUTPUT_BYTES = 64 << 20
_PROGRESS = re.compile(
    rb"(?:remote: )?(Counting objects|Compressing objects|Receiving objects|Resolving deltas): +(\d+)%"
)
# Said by every fetch, whether it fails or not.
_CHATTER = re.compile(rb"(?:remote: )?Enumerating objects: +\d+|warning: filtering not recognized by server")
# Where each stage of a fetch begins and ends within the whole, in percent.
_STAGES = {
    b"Counting objects": (0, 5),
    b"Compressing objects": (5, 10),
    b"Receiving objects": (10, 85),
    b"Resolving deltas": (85, 100),
}


def _say_nothing(percent: int) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Watch:
    """The caller's side of a long command. Both are called from the caller's own thread."""

    on_progress: Callable[[int], None] = _say_nothing
    """Percent, 0 to 100, never falling within one command."""
    is_cancelled: Callable[[], bool] = _never


@dataclass(frozen=True, slots=True)
class Limits:
    deadline: float
    """Of `time.monotonic()`."""
    measure_bytes: Callable[[], int] = int
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    exit_code: int
    stdout: bytes
    stderr: str
    """What git said, without progress, redacted and cut to its end."""


def run_watched(
    runner: GitRunner,
    place: Workplace,
    args: Sequence[str],
    *,
    watch: Watch,
    limits: Limits,
    stdin: bytes = b"",
    on_start: Callable[[int], None] = _say_nothing,
) -> Ending:
    """Run git to its end. `on_start` gets its process id. Raises Cancelled, FetchTimedOut, MirrorTooLarge;
    by then git and all it started are gone."""
    child = runner.start(place, args)
    try:
        on_start(child.pid)
        return _Conversation(child, watch, limits).hold(stdin)
    finally:
        end_group(child)


def end_group(child: "subprocess.Popen[bytes]") -> None:
    """End git with its helpers (index-pack, ssh, remote-https): they share its process group."""
    if child.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    end_child(child)


class _Conversation:
    def __init__(self, child: "subprocess.Popen[bytes]", watch: Watch, limits: Limits) -> None:
        self._child = child
        self._watch = watch
        self._limits = limits
        self._stdout: list[bytes] = []
        self._stdout_bytes = 0
        self._said = b""
        self._line = b""
        self._percent = 0
        self._next_look = 0.0

    def hold(self, stdin: bytes) -> Ending:
        assert self._child.stdin
        assert self._child.stdout
        assert self._child.stderr
        # git reads its list of objects to the end before it says anything.
        with suppress(BrokenPipeError):
            self._child.stdin.write(stdin)
            self._child.stdin.close()
        stdout, stderr = self._child.stdout.fileno(), self._child.stderr.fileno()
        poll = select.poll()
        for descriptor in (stdout, stderr):
            poll.register(descriptor, select.POLLIN)
        still_open = 2
        while still_open:
            for descriptor, _ in poll.poll(LOOK_SECONDS * 1000):
                chunk = os.read(descriptor, _CHUNK_BYTES)
                if not chunk:
                    poll.unregister(descriptor)
                    still_open -= 1
                elif descriptor == stdout:
                    self._keep(chunk)
                else:
                    self._listen(chunk)
            self._look()
        while self._child.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(LOOK_SECONDS)
            self._look()
        self._ensure_small()
        self._said += self._line
        return Ending(self._child.returncode, b"".join(self._stdout), redact(self._said[-_KEPT_BYTES:]))

    def _keep(self, chunk: bytes) -> None:
        self._stdout_bytes += len(chunk)
        if self._stdout_bytes > _MAX_OUTPUT_BYTES:
            raise MirrorTooLarge("The repository has more branches and tags than Autopack reads.")
        self._stdout.append(chunk)

    def _listen(self, chunk: bytes) -> None:
        *lines, self._line = re.split(rb"[\r\n]", self._line + chunk)
        self._line = self._line[-_KEPT_BYTES:]
        for line in lines:
            progress = _PROGRESS.search(line)
            if progress is None:
                if not self._said.endswith(line + b"\n") and not _CHATTER.match(line):
                    self._said = (self._said + line + b"\n")[-_KEPT_BYTES:]
                continue
            begin, end = _STAGES[progress[1]]
            percent = begin + (end - begin) * min(int(progress[2]), 100) // 100
            if percent > self._percent:
                self._percent = percent
                self._watch.on_progress(percent)

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        if self._watch.is_cancelled():
            raise Cancelled("It was cancelled.")
        if now > self._limits.deadline:
            raise FetchTimedOut("The repository was not fetched within the time that is set for it.")
        self._ensure_small()

    def _ensure_small(self) -> None:
        if self._limits.max_bytes is not None and self._limits.measure_bytes() > self._limits.max_bytes:
            raise MirrorTooLarge(
                f"The repository is larger than the {self._limits.max_bytes >> 20} MB that are set for one "
                "(AUTOPACK_MIRROR_MAX_MB)."
            )
