"""Waiting for a condition of a real process, with a deadline instead of a guessed pause."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, *, seconds: float = 20) -> T:
    """The first truthy value of `condition`. Fails, saying `what` was waited for, when the time is up."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for {what}"
        pause.wait(0.02)
