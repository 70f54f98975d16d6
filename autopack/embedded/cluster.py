"""The data folder of the embedded PostgreSQL: how it is made, checked, and served.

Everything here is called by the keeper alone, while it holds the server lock. So no process of a server that
Autopack started is alive, and whatever a pid file in the folder says, it does not speak of one.
"""

import locale
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from autopack.embedded.binaries import Binaries, choose_binaries, list_binaries
from autopack.embedded.confined import Identity, IdentityKind, confine
from autopack.embedded.errors import EmbeddedDatabaseError
from autopack.embedded.layout import PORT, Layout

DATABASE = "autopack"
USER = "autopack"
PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent
_INITDB_TIMEOUT_SECONDS = 120
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
    # Short statements on small tables: compiling them costs more than it saves.
    "jit": "off",
}


def find_binaries(cluster: Path) -> Binaries:
    """The PostgreSQL that can serve this data folder, or will make it.

    Raises EmbeddedDatabaseError where there is none (of the right version).
    """
    return choose_binaries(_major_of(cluster), list_binaries(), cluster)


def ensure_cluster(layout: Layout, binaries: Binaries, identity: Identity) -> None:
    """Make the data folder, with the role and the database in it, unless it is there.

    It is made beside its place and moved there when whole, so an interrupted start leaves nothing half made.
    """
    if identity.kind is IdentityKind.DROPPED:
        _let_in(identity, layout)
    if layout.cluster.exists():
        return
    fresh = layout.home / "postgres.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    if identity.kind is IdentityKind.DROPPED:
        os.chown(fresh, identity.uid, identity.gid)
    options = ["--encoding=UTF8", "--auth=trust", f"--username={USER}", "--data-checksums"]
    _run([binaries.initdb, "-D", fresh, *options, *_locale(binaries)], identity, "")
    single: list[str | Path] = [
        binaries.postgres,
        "--single",
        "-D",
        fresh,
        "-c",
        "exit_on_error=on",
        "template1",
    ]
    _run(single, identity, f"CREATE DATABASE {DATABASE};\n")
    fresh.rename(layout.cluster)


def clear_stale_files(layout: Layout) -> None:
    """Remove what a server that was killed left behind, so that a new one does not take it for alive.

    PostgreSQL refuses to start when the pid in such a file belongs to any live process. A server that
    somebody started by hand on this folder is left alone: EmbeddedDatabaseError names it.
    """
    pid_file = layout.cluster / "postmaster.pid"
    pid = _pid_in(pid_file)
    if pid is not None and _works_in(pid, layout.cluster):
        raise EmbeddedDatabaseError(
            f"Process {pid}, which Autopack did not start, runs PostgreSQL on {layout.cluster}. "
            f"Stop it first."
        )
    socket = layout.socket_folder / f".s.PGSQL.{PORT}"
    for leftover in (pid_file, socket, socket.with_name(f"{socket.name}.lock")):
        leftover.unlink(missing_ok=True)


def server_command(layout: Layout, binaries: Binaries, identity: Identity) -> list[str]:
    """The command line of the server. It shuts down fast (SIGINT) when the process that starts it dies."""
    argv: list[str | Path] = [binaries.postgres, "-D", layout.cluster, "-k", layout.socket_folder]
    for name, value in _SETTINGS.items():
        argv += ["-c", f"{name}={value}"]
    return confine(argv, identity, on_parent_death=signal.SIGINT)


def server_environment() -> dict[str, str]:
    """Little: neither PG* variables nor secrets of ours have any business there."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def is_accepting(layout: Layout, pid: int) -> bool:
    """Whether the server with that pid says in its own file that it takes connections."""
    try:
        lines = (layout.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _run(argv: Sequence[str | Path], identity: Identity, text: str) -> None:
    command = confine(argv, identity, on_parent_death=signal.SIGKILL)
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=server_environment(),
        input=text,
        capture_output=True,
        text=True,
        timeout=_INITDB_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip()[-2000:]
        raise EmbeddedDatabaseError(f"{Path(argv[0]).name} failed with status {done.returncode}: {reason}")


def _let_in(identity: Identity, layout: Layout) -> None:
    """Let the system user reach its data and the socket, also in a home that was moved or lost its `run/`.
    Touches our own folders, never their parents."""
    if layout.socket_folder.stat().st_uid != identity.uid:
        layout.home.chmod(0o711)
        os.chown(layout.socket_folder, identity.uid, identity.gid)


def _locale(binaries: Binaries) -> list[str]:
    # The built-in provider knows upper and lower case of all of Unicode and is the same on every machine.
    if binaries.major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C", "--lc-ctype=C.UTF-8"] if _has_locale("C.UTF-8") else ["--locale=C"]


def _has_locale(name: str) -> bool:
    current = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, current)
    return True


def _major_of(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        if not cluster.exists():
            return None
        raise EmbeddedDatabaseError(
            f"{cluster} holds no data of PostgreSQL (it has no PG_VERSION). Move it away, or choose another "
            f"AUTOPACK_HOME."
        ) from None
    except (OSError, ValueError) as error:
        raise EmbeddedDatabaseError(f"The version of {cluster} cannot be read: {error}.") from error


def _pid_in(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    except FileNotFoundError:
        return None
    return abs(int(first)) if first.strip().lstrip("-").isdigit() else None


def _works_in(pid: int, folder: Path) -> bool:
    """PostgreSQL's first process lives in its data folder; a foreign process with its old number does not."""
    try:
        return Path(psutil.Process(pid).cwd()).samefile(folder)
    except (psutil.Error, OSError):
        return False
