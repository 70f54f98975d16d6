"""Temporary folders that a killed process leaves behind and the next call clears away.

A folder belongs to whoever holds the lock on the file inside it. The lock goes with its process, so a folder
whose lock can be had is nobody's.
"""

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType

_LOCK_NAME = "owner.lock"
_GRACE_SECONDS = 60.0
"""Between making a folder and locking it there is an instant in which it looks like nobody's."""


class ScratchFolder:
    """A folder of our own inside `parent`, gone after use. A context manager; `remove` twice is harmless."""

    def __init__(self, parent: Path, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        self._lock: int | None = os.open(self.path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(lock)

    def __enter__(self) -> "ScratchFolder":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()


def sweep_scratch(parent: Path, prefix: str, *, grace_seconds: float = _GRACE_SECONDS) -> int:
    """Remove the folders of dead owners. Returns how many there were."""
    swept = 0
    for folder in parent.glob(f"{prefix}*"):
        if _is_abandoned(folder, grace_seconds):
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _is_abandoned(folder: Path, grace_seconds: float) -> bool:
    try:
        status = folder.stat()
    except FileNotFoundError:
        return False
    if status.st_uid != os.geteuid() or time.time() - status.st_mtime < grace_seconds:
        return False
    try:
        lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
