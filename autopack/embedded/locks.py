"""Advisory file locks with a deadline. The kernel drops them when the last holder of the descriptor dies."""

import fcntl
import os
import time
from pathlib import Path
from threading import Event

_PAUSE_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """A close-on-exec descriptor of the lock file, which is made if need be.

    Root gives it to the owner of the folder, who may come later as himself.
    """
    return open_owned(path, os.O_RDWR)


def open_owned(path: Path, flags: int) -> int:
    """Open or make a private file that belongs to the owner of its folder."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, mode=0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def lock_until(descriptor: int, deadline: float, *, shared: bool = False) -> bool:
    """Wait for the lock until `deadline` (monotonic seconds); False when it passed."""
    pause = Event()
    while not try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            return False
        pause.wait(_PAUSE_SECONDS)
    return True


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock exclusively. Looks, and leaves no lock behind."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)
