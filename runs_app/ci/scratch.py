"""Folders that last as long as one try of a step."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runs_app.ci.errors import CannotStart

_PREFIX = "step-"
_BIRTH_SECONDS = 60.0
"""A folder this young may not have its lock yet."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """The folders of one try, all below `root`. Only the first three are seen by the step."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def var_tmp(self) -> Path:
        return self.root / "var_tmp"

    @property
    def empty_file(self) -> Path:
        return self.root / "empty"

    @property
    def lock_file(self) -> Path:
        return self.root / "lock"

    @property
    def status_file(self) -> Path:
        return self.root / "status"


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Scratch]:
    """A fresh scratch below `parent` (default: the machine's temporary folder), removed at the end.

    Raises CannotStart if it cannot be made.
    """
    try:
        scratch = Scratch(Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve())
    except OSError as error:
        raise CannotStart(f"no scratch folder for the step: {error}") from error
    with contextlib.ExitStack() as stack:
        stack.callback(remove_tree, scratch.root)
        try:
            stack.enter_context(_lock(scratch.lock_file))
            _fill(scratch)
        except OSError as error:
            raise CannotStart(f"no scratch folder for the step: {error}") from error
        yield scratch


def sweep_scratch(parent: Path) -> int:
    """Remove the scratch folders below `parent` whose worker is gone. Returns how many.

    A worker and the supervisor of its step may be killed at once; then nobody else does it.
    """
    if not parent.is_dir():
        return 0
    stale = [root for root in parent.glob(f"{_PREFIX}*") if _is_abandoned(Scratch(root))]
    for root in stale:
        remove_tree(root)
    return len(stale)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold the file's lock, which ends with this process at the latest. OSError: somebody else holds it."""
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _is_abandoned(scratch: Scratch) -> bool:
    try:
        if time.time() - scratch.root.stat().st_mtime < _BIRTH_SECONDS:
            return False
        if not scratch.lock_file.exists():
            return True
        with _lock(scratch.lock_file):
            return True
    except OSError:
        return False  # in use, or removed at this moment


def _fill(scratch: Scratch) -> None:
    scratch.home.mkdir()
    for folder in (scratch.tmp, scratch.var_tmp):
        folder.mkdir()
        folder.chmod(0o1777)
    scratch.empty_file.touch(mode=0o444)


def remove_tree(root: Path) -> None:
    """Remove a folder in which steps could write, once they are dead. Folders without permissions (Go's
    module cache makes such) do not stop it; what still cannot be removed stays, without an error."""
    shutil.rmtree(root, ignore_errors=True)
    if not os.path.lexists(root) or root.is_symlink():
        return
    root.chmod(0o700)
    for folder, names, _ in os.walk(root):
        for name in names:
            inner = Path(folder, name)
            if not inner.is_symlink():
                with contextlib.suppress(OSError):
                    inner.chmod(0o700)
    shutil.rmtree(root, ignore_errors=True)
