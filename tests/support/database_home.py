"""An AUTOPACK_HOME seen from outside: which processes the kernel knows of, and which locks are held."""

import atexit
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from autopack.embedded.binaries import list_binaries
from autopack.embedded.cluster import ensure_cluster
from autopack.embedded.confined import choose_identity
from autopack.embedded.layout import Layout
from autopack.embedded.locks import is_locked


@dataclass(frozen=True)
class Home:
    """One AUTOPACK_HOME and its processes."""

    path: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.path)

    def keepers(self) -> list[psutil.Process]:
        return processes_with("keep", str(self.path))

    def servers(self) -> list[psutil.Process]:
        """Without what a server has just forked: until it has a name of its own it looks like one more."""
        found = processes_with("-D", str(self.layout.cluster))
        pids = {process.pid for process in found}
        return [process for process in found if process.info["ppid"] not in pids]

    def is_stopped(self) -> bool:
        locks = (self.layout.keeper_lock, self.layout.server_lock)
        return not any(map(is_locked, locks)) and not self.keepers() and not self.servers()

    def kill_keeper(self) -> None:
        (keeper,) = self.keepers()
        keeper.kill()

    def kill_server(self) -> None:
        (server,) = self.servers()
        server.kill()


def begun_home(path: Path) -> Home:
    """A home with data that no server has served yet, as the first start makes them. It takes longer to make
    them than to do anything else with them."""
    home = Home(path)
    home.layout.prepare()
    subprocess.run(["cp", "-a", _make_cluster(), home.layout.cluster], check=True)
    return home


@cache
def _make_cluster() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="autopack-test-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    layout = Layout(folder / "home")
    layout.prepare()
    ensure_cluster(layout, list_binaries()[0], choose_identity(layout.cluster))
    return layout.cluster


def processes_with(*words: str) -> list[psutil.Process]:
    """Processes whose command line has these words in a row, zombies left out."""
    found = []
    for process in psutil.process_iter(["cmdline", "status", "ppid"]):
        line = process.info["cmdline"] or []
        pairs = [tuple(line[index : index + len(words)]) for index in range(len(line))]
        if words in pairs and "exec" not in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found
