"""Long-lived git children: reading objects and moving references without a spawn for each.

A child serves one caller at a time. A pool keeps idle children per repository, starts a new one where one has
died, and closes those that nobody needed for a while. Safe between threads; a forked process starts afresh.
"""

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from autopack.git.errors import GitCommandFailed, GitError, GitTimedOut
from autopack.git.runner import GitRunner, Workplace, end_child, redact

_READ_BYTES: Final = 1 << 18
_REQUESTS_AT_ONCE: Final = 256
"""So many requests fit into a pipe while git is still busy writing answers."""


class ChildEnded(GitError):
    """A long-lived git ended in the middle of a conversation. `stderr` holds its last words."""

    code = "git_failed"
    is_transient = True

    def __init__(self, stderr: str) -> None:
        super().__init__(f"git ended unexpectedly: {stderr}")
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class GitObject:
    kind: str
    body: bytes


class Child:
    """A git process and a conversation with it, each step bound by the runner's timeout."""

    def __init__(self, runner: GitRunner, place: Workplace, args: Sequence[str]) -> None:
        self._timeout_seconds = runner.timeout_seconds
        self._process: subprocess.Popen[bytes] = runner.start(place, args)
        assert self._process.stdin
        assert self._process.stdout
        self._input = self._process.stdin.fileno()
        self._output = self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        self._unread = bytearray()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        end_child(self._process)

    def send(self, content: bytes) -> None:
        deadline = time.monotonic() + self._timeout_seconds
        rest = memoryview(content)
        while rest:
            self._await(self._input, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._input, rest) :]
            except BrokenPipeError:
                raise ChildEnded(self._last_words()) from None
            except BlockingIOError:
                continue

    def read_line(self) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            self._receive()
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line

    def read_exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            self._receive()
        content = bytes(self._unread[:count])
        del self._unread[:count]
        return content

    def _receive(self) -> None:
        self._await(self._output, select.POLLIN, time.monotonic() + self._timeout_seconds)
        content = os.read(self._output, _READ_BYTES)
        if not content:
            raise ChildEnded(self._last_words())
        self._unread += content

    def _await(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise GitTimedOut(f"git did not answer within {self._timeout_seconds:g} s")

    def _last_words(self) -> str:
        assert self._process.stderr
        try:
            self._process.wait(self._timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return redact(self._process.stderr.read())


class ObjectReader(Child):
    """`git cat-file --batch-command`: contents and sizes of objects by their full ids."""

    def __init__(self, runner: GitRunner, place: Workplace) -> None:
        super().__init__(runner, place, ["cat-file", "--batch-command"])

    def read(self, object_ids: Sequence[str]) -> list[GitObject | None]:
        """The objects in order, None for each that the repository does not have."""
        found: list[GitObject | None] = []
        for at in range(0, len(object_ids), _REQUESTS_AT_ONCE):
            asked = object_ids[at : at + _REQUESTS_AT_ONCE]
            self.send("".join(f"contents {object_id}\n" for object_id in asked).encode())
            found.extend(self._read_object() for _ in asked)
        return found

    def size(self, object_id: str) -> tuple[str, int] | None:
        """Kind and size of one object."""
        self.send(f"info {object_id}\n".encode())
        return self._read_header()

    def _read_header(self) -> tuple[str, int] | None:
        words = self.read_line().decode(errors="replace").split(" ")
        if words[-1] in ("missing", "ambiguous"):
            return None
        if len(words) != 3:
            raise GitCommandFailed("cat-file", -1, redact(" ".join(words)))
        return words[1], int(words[2])

    def _read_object(self) -> GitObject | None:
        header = self._read_header()
        if header is None:
            return None
        kind, size = header
        return GitObject(kind, self.read_exactly(size + 1)[:-1])


class ReferenceWriter(Child):
    """`git update-ref --stdin`: reference transactions, all or nothing."""

    def __init__(self, runner: GitRunner, place: Workplace) -> None:
        super().__init__(runner, place, ["update-ref", "-m", "autopack", "--stdin"])

    def commit(self, commands: Sequence[str]) -> None:
        """Raises ChildEnded with git's reason if the transaction did not go through; the child is gone."""
        self.send("".join(f"{line}\n" for line in ("start", *commands, "prepare", "commit")).encode())
        for step in (b"start: ok", b"prepare: ok", b"commit: ok"):
            answer = self.read_line()
            if answer != step:
                raise ChildEnded(redact(answer))


ChildT = TypeVar("ChildT", bound=Child)
ResultT = TypeVar("ResultT")


class ChildPool(Generic[ChildT]):
    """Idle children by key. More callers than `max_idle` are served too; their children end with the call."""

    def __init__(self, *, max_idle: int = 16, max_idle_seconds: float = 120.0) -> None:
        self._max_idle = max_idle
        self._max_idle_seconds = max_idle_seconds
        self._idle: list[_Idle[ChildT]] = []
        self._lock = threading.Lock()
        self._owner_pid = os.getpid()

    def use(self, key: Hashable, start: Callable[[], ChildT], work: Callable[[ChildT], ResultT]) -> ResultT:
        """Result of `work` with a child of this key, started if none is idle.

        `work` is repeated once, with a new child, if an idle one turns out to have been killed.
        """
        child = self._take(key)
        if child is not None:
            try:
                return self._work(key, child, work)
            except ChildEnded as error:
                if error.stderr:
                    raise
        return self._work(key, start(), work)

    def close(self) -> None:
        with self._lock:
            ended, self._idle = self._idle, []
        self._end(ended)

    def _work(self, key: Hashable, child: ChildT, work: Callable[[ChildT], ResultT]) -> ResultT:
        is_sound = False
        try:
            result = work(child)
            is_sound = True
        finally:
            # After an error the conversation may be out of step; such a child is never used again.
            if is_sound:
                self._give_back(key, child)
            else:
                child.close()
        return result

    def _take(self, key: Hashable) -> ChildT | None:
        oldest = time.monotonic() - self._max_idle_seconds
        with self._lock:
            if self._owner_pid != os.getpid():
                # A fork shares the parent's pipes: leave them to the parent.
                self._idle, self._owner_pid = [], os.getpid()
            stale = [idle for idle in self._idle if idle.since < oldest or not idle.child.is_alive()]
            self._idle = [idle for idle in self._idle if idle not in stale]
            found = next((idle for idle in reversed(self._idle) if idle.key == key), None)
            if found is not None:
                self._idle.remove(found)
        self._end(stale)
        return found.child if found else None

    def _give_back(self, key: Hashable, child: ChildT) -> None:
        with self._lock:
            self._idle.append(_Idle(key, child, time.monotonic()))
            surplus = self._idle[: -self._max_idle]
            self._idle = self._idle[-self._max_idle :]
        self._end(surplus)

    @staticmethod
    def _end(idle_children: "Sequence[_Idle[ChildT]]") -> None:
        for idle in idle_children:
            idle.child.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Idle(Generic[ChildT]):
    key: Hashable
    child: ChildT
    since: float
