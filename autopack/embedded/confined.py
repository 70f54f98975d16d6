"""Run a PostgreSQL program as an identity it accepts, so that it ends with its parent.

PostgreSQL refuses to run as root, and its tools want a user that the machine knows by name. Where either is
in the way, the program runs in a user namespace of its own in which our uid has another number: files stay
ours, nothing is chown-ed, no user is created. Where namespaces are forbidden, root drops to a system user.

As a program (`python -m autopack.embedded exec PARENT SIGNAL IDENTITY -- ARGV…`) it takes the identity, asks
the kernel for SIGNAL when the parent dies, and becomes ARGV.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from autopack.embedded.errors import EmbeddedDatabaseError

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_SYSTEM_USERS = ("postgres", "nobody", "daemon")


class IdentityKind(StrEnum):
    PLAIN = "plain"  # as we are
    MAPPED = "mapped"  # our files, another uid inside a user namespace
    DROPPED = "dropped"  # really another uid


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the program runs as. For `plain` the numbers say nothing new."""

    kind: IdentityKind
    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.uid}:{self.gid}"

    @classmethod
    def parse(cls, text: str) -> "Identity":
        kind, uid, gid = text.split(":")
        return cls(IdentityKind(kind), int(uid), int(gid))


def choose_identity(cluster: Path) -> Identity:
    """For a process that keeps its data in `cluster`, which may not exist yet.

    Raises EmbeddedDatabaseError where PostgreSQL would accept none of the identities that we can take.
    """
    euid = os.geteuid()
    owner = cluster.stat().st_uid if cluster.exists() else euid
    if owner != euid:
        if euid == 0:
            return Identity(IdentityKind.DROPPED, owner, cluster.stat().st_gid)
        raise EmbeddedDatabaseError(f"{cluster} belongs to uid {owner}, and this process is uid {euid}.")
    if euid != 0 and _is_known(euid):
        return Identity(IdentityKind.PLAIN, euid, os.getegid())
    user = _system_user()
    if user and can_map_users(user.pw_uid, user.pw_gid):
        return Identity(IdentityKind.MAPPED, user.pw_uid, user.pw_gid)
    if euid == 0 and user and not cluster.exists():
        return Identity(IdentityKind.DROPPED, user.pw_uid, user.pw_gid)
    if euid == 0:
        raise EmbeddedDatabaseError(
            f"PostgreSQL does not run as root, user namespaces are forbidden here, and {cluster} belongs to "
            f"root. Run Autopack as an ordinary user, or set DATABASE_URL to a server."
        )
    raise EmbeddedDatabaseError(
        f"PostgreSQL needs a user that this machine knows by name: uid {euid} has none, and user namespaces "
        f"are forbidden here. Add the user to /etc/passwd, or set DATABASE_URL to a server."
    )


def confine(argv: Sequence[str | Path], identity: Identity, *, on_parent_death: signal.Signals) -> list[str]:
    """The command line that runs `argv` so, to be started by the process it shall die with."""
    words = [str(word) for word in argv]
    prefix = [sys.executable, "-m", "autopack.embedded", "exec", str(os.getpid())]
    return [*prefix, str(int(on_parent_death)), str(identity), "--", *words]


def can_map_users(uid: int, gid: int) -> bool:
    """Whether the kernel lets this process make a user namespace: tried, in a child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            _map_user(uid, gid)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _system_user() -> pwd.struct_passwd | None:
    for name in _SYSTEM_USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return found
    return None


def _map_user(uid: int, gid: int) -> None:
    """Enter a new user namespace in which this process is `uid`. Needs a process with one thread."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _libc().unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # Without this an unprivileged process may not write its gid map (user_namespaces(7)).
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1", encoding="ascii")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _take(identity: Identity) -> None:
    if identity.kind is IdentityKind.MAPPED:
        _map_user(identity.uid, identity.gid)
    elif identity.kind is IdentityKind.DROPPED:
        os.setgroups([])
        os.setgid(identity.gid)
        os.setuid(identity.uid)


def main(arguments: Sequence[str]) -> NoReturn:
    parent, number, identity, _, *argv = arguments
    _take(Identity.parse(identity))
    if sys.platform == "linux":
        # After the change of identity, which clears it; PostgreSQL's own exec does not.
        _libc().prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != int(parent):
        raise SystemExit("the parent is gone")
    try:
        os.execv(argv[0], argv)  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        raise SystemExit(
            f"{argv[0]} cannot be run as uid {os.geteuid()}: {error.strerror}. Run Autopack as an ordinary "
            f"user who may read that path, or set DATABASE_URL to a server."
        ) from None
