"""Removing mirrors that nothing has used for long: a cache that only grows fills the disk."""

import fcntl
import shutil
from datetime import UTC, datetime
from pathlib import Path

from catalog_app.verification.mirror import LOCK_SUFFIX


def clear_unused_mirrors(root: Path, *, unused_since: datetime) -> int:
    """Remove the mirrors in `root` that were last fetched before that. Returns how many."""
    return sum(_clear(lock, unused_since) for lock in sorted(root.glob(f"*{LOCK_SUFFIX}")))


def _clear(lock: Path, unused_since: datetime) -> bool:
    mirror = lock.with_suffix(".git")
    # Every fetch writes to its lock. The lock itself stays: another process may be waiting with it open.
    if not mirror.is_dir() or datetime.fromtimestamp(lock.stat().st_mtime, UTC) >= unused_since:
        return False
    with lock.open("r+b") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(mirror)
    return True
