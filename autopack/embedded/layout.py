"""Where the embedded database keeps its things under AUTOPACK_HOME."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from autopack.embedded.errors import EmbeddedDatabaseError

PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{PORT}.lock"  # the longest name that PostgreSQL makes in the socket folder
# sockaddr_un holds 108 bytes with the closing NUL on Linux and 104 on macOS and the BSDs.
_LONGEST_SOCKET_PATH = 103
# Not TMPDIR, which may differ between the processes that must find each other here.
_SHARED_FOLDER = Path("/tmp")  # noqa: S108 - what is made in it is private and checked


@dataclass(frozen=True, slots=True)
class Layout:
    """All paths of one home, which must be absolute."""

    home: Path

    @property
    def cluster(self) -> Path:
        return self.home / "postgres"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "postgres.log"

    @property
    def users_lock(self) -> Path:
        """Shared: one holder per process that uses the database. Exclusive: the keeper while it stops."""
        return self.run / "postgres.users"

    @property
    def start_lock(self) -> Path:
        """Exclusive: whoever is starting a keeper."""
        return self.run / "postgres.start"

    @property
    def keeper_lock(self) -> Path:
        """Exclusive: the keeper, for its life."""
        return self.run / "postgres.keeper"

    @property
    def server_lock(self) -> Path:
        """Exclusive: inherited by all processes of PostgreSQL, so free only when the last one is gone."""
        return self.run / "postgres.server"

    @property
    def socket_folder(self) -> Path:
        """`run/` where a socket path is short enough, else a private folder below the temporary one."""
        # The real path, so that all who come by different links meet in one place.
        run = Path(os.path.realpath(self.run))
        if len(os.fsencode(run / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return run
        digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
        return _SHARED_FOLDER / f"autopack-{self._owner()}-{digest}"

    def _owner(self) -> int:
        return self.home.stat().st_uid if self.home.exists() else os.geteuid()

    def prepare(self) -> None:
        """Make the folders that are missing, touch no others, and check that they are ours.

        Raises EmbeddedDatabaseError where a folder cannot be written or belongs to somebody else.
        """
        for folder in (self.home, self.run, self.log.parent, self.socket_folder):
            _make_private(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise EmbeddedDatabaseError(
                    f"Autopack cannot write to {folder}. Set AUTOPACK_HOME to a folder that uid "
                    f"{os.geteuid()} may write to, or give it this one (has it been another user's?)."
                )
        if self.socket_folder.parent == _SHARED_FOLDER:
            owners = {self._owner()} | ({self.cluster.stat().st_uid} if self.cluster.exists() else set())
            _check_private(self.socket_folder, owners)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedDatabaseError(
            f"Autopack cannot make its folder {folder}: {error.strerror}. Set AUTOPACK_HOME to a folder that "
            f"uid {os.geteuid()} may write to."
        ) from error


def _check_private(folder: Path, owners: set[int]) -> None:
    """A folder in a shared place may have been made by somebody else, who could then pose as the server."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or stat.S_IMODE(found.st_mode) != 0o700:
        raise EmbeddedDatabaseError(
            f"{folder} should be a folder of uid {os.geteuid()} with mode 0700, and is not. Remove it, or "
            f"choose a shorter AUTOPACK_HOME, which then holds the socket itself."
        )
