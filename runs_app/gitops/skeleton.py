"""A git folder that holds nothing but an object format, for commands that need objects and no references.

With it in place of a repository's own folder, nothing of that repository's configuration, attributes or hooks
exists for git: no filter, textconv, merge driver or fsmonitor can be configured at all.
"""

import tempfile
import threading
from pathlib import Path

from runs_app.gitops.scratch import ScratchFolder, sweep_scratch

PREFIX = "autopack-git-"
_ATTRIBUTES = "* -text !eol -ident -filter -working-tree-encoding\n"
_CONFIG = {
    "sha1": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    "sha256": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n",
}


class Skeletons:
    """Makes the folders on first use, in the temporary folder, and again if they were cleared away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scratch: ScratchFolder | None = None

    def folder(self) -> Path:
        """A folder of this process for temporary files. Those of dead processes are cleared away with it."""
        with self._lock:
            if self._scratch is None or not self._scratch.path.exists():
                parent = Path(tempfile.gettempdir())
                sweep_scratch(parent, PREFIX)
                self._scratch = ScratchFolder(parent, PREFIX)
            return self._scratch.path

    def git_dir(self, object_format: str) -> Path:
        """Git folder for repositories of this format."""
        folder = self.folder() / object_format
        if not (folder / "HEAD").exists():
            with self._lock:
                _write_skeleton(folder, object_format)
        return folder

    def working_folder(self) -> Path:
        """An empty folder to run commands in."""
        folder = self.folder() / "empty"
        folder.mkdir(exist_ok=True)
        return folder

    def close(self) -> None:
        with self._lock:
            if self._scratch is not None:
                self._scratch.remove()
                self._scratch = None


def _write_skeleton(folder: Path, object_format: str) -> None:
    for part in ("refs", "objects", "info"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "config").write_text(_CONFIG[object_format])
    # These outrank a .gitattributes file in the tree, so checked-out bytes are the blob's bytes.
    (folder / "info" / "attributes").write_text(_ATTRIBUTES)
    (folder / "HEAD").write_text("ref: refs/heads/none\n")
