"""Waiting for a condition of a real process, with a deadline instead of a guessed pause."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, *, seconds: float = 20) -> T:
    """The first truthy value of `condition`. Fails, saying `what` was waited for, when the time is up.

    What takes longer is asked for less often: what is waited for needs the processor more than the asking.
    """
    started = time.monotonic()
    deadline = started + seconds
    pause = Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        pause.wait(min(0.1, max(0.02, (time.monotonic() - started) / 20)))
