"""Ties a child to the launcher: when the launcher is gone, however it went, so is the child.

The child gets the read end of a pipe that nobody ever writes to, and whose only write end is the launcher's.
"""

import os
import signal
import threading

VARIABLE = "AUTOPACK_TETHER"
_PATIENCE_SECONDS = 12


def tether() -> None:
    """Call once at the start of a child. Does nothing in a process that no launcher started."""
    descriptor = os.environ.pop(VARIABLE, "")
    if descriptor:
        os.set_inheritable(int(descriptor), False)
        threading.Thread(target=_end_with, args=(int(descriptor),), name="tether", daemon=True).start()


def exit_after(seconds: float) -> None:
    """End this process then, whatever its threads are still doing."""
    timer = threading.Timer(seconds, os._exit, args=(1,))
    timer.daemon = True
    timer.start()


def _end_with(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    exit_after(_PATIENCE_SECONDS)
