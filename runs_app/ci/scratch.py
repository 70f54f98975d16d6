"""Folders that last as long as one try of a step."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runs_app.ci.errors import CannotStart


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
    def status_file(self) -> Path:
        return self.root / "status"


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Scratch]:
    """A fresh scratch below `parent` (default: the machine's temporary folder), removed at the end.

    Raises CannotStart if it cannot be made.
    """
    try:
        scratch = Scratch(Path(tempfile.mkdtemp(prefix="step-", dir=parent)).resolve())
    except OSError as error:
        raise CannotStart(f"no scratch folder for the step: {error}") from error
    try:
        _fill(scratch)
        yield scratch
    finally:
        remove_tree(scratch.root)


def _fill(scratch: Scratch) -> None:
    try:
        scratch.home.mkdir()
        for folder in (scratch.tmp, scratch.var_tmp):
            folder.mkdir()
            folder.chmod(0o1777)
        scratch.empty_file.touch(mode=0o444)
    except OSError as error:
        raise CannotStart(f"no scratch folder for the step: {error}") from error


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
