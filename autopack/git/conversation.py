"""Feeding a child process and reading what it says, to its end, within a deadline."""

import os
import select
import subprocess
import time
from typing import Final

_CHUNK_BYTES: Final = 1 << 16


def converse(child: "subprocess.Popen[bytes]", stdin: bytes, deadline: float) -> tuple[bytes, bytes]:
    """Both outputs of a child that was given `stdin`, once it has ended. Raises TimeoutError.

    `Popen.communicate` would do, but its wait for the end sleeps between looks, which costs half a
    millisecond for a git that needs two.
    """
    assert child.stdin
    assert child.stdout
    assert child.stderr
    source = child.stdin.fileno()
    outputs: dict[int, list[bytes]] = {child.stdout.fileno(): [], child.stderr.fileno(): []}
    poll = select.poll()
    for descriptor in outputs:
        poll.register(descriptor, select.POLLIN)
    rest = memoryview(stdin)
    if rest:
        os.set_blocking(source, False)
        poll.register(source, select.POLLOUT)
    else:
        child.stdin.close()
    still_open = len(outputs)
    while still_open:
        for descriptor, event in _wait(poll, deadline):
            if descriptor == source:
                rest = _feed(source, rest, event)
                if not rest:
                    poll.unregister(source)
                    child.stdin.close()
            elif content := os.read(descriptor, _CHUNK_BYTES):
                outputs[descriptor].append(content)
            else:
                poll.unregister(descriptor)
                still_open -= 1
    _await_end(child, deadline)
    stdout, stderr = (b"".join(chunks) for chunks in outputs.values())
    return stdout, stderr


def _wait(poll: "select.poll", deadline: float) -> list[tuple[int, int]]:
    events = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
    if not events:
        raise TimeoutError
    return events


def _feed(descriptor: int, rest: memoryview, event: int) -> memoryview:
    """What is still to be written; nothing if the child does not want more."""
    if event & select.POLLERR:
        return rest[:0]
    try:
        return rest[os.write(descriptor, rest) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _await_end(child: "subprocess.Popen[bytes]", deadline: float) -> None:
    seconds = max(0.0, deadline - time.monotonic())
    try:
        descriptor = os.pidfd_open(child.pid)
    except (AttributeError, OSError):
        # No such call on this system.
        _wait_slowly(child, seconds)
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        _wait(poll, deadline)
    finally:
        os.close(descriptor)
    child.wait()


def _wait_slowly(child: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
