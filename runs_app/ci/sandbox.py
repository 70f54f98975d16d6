"""What a CI step can see and touch. Plans mounts; the supervisor carries them out.

With bubblewrap or with namespaces of our own, a step gets

- the machine's file system read-only, so that its toolchains work, with set-uid and device files dead;
- its workspace, HOME, /tmp, /var/tmp and /dev/shm writable; all but the workspace are fresh and private. The
  workspace keeps its path, so that messages and reports name paths that exist outside as well;
- in place of every hidden path (AUTOPACK_HOME, the database's socket folder, the repository) an empty folder,
  also where the workspace lies inside one;
- no /run (sockets of databases, Docker, D-Bus), no credentials of the worker's home, no host keys, no shadow
  files;
- a pid namespace of its own: it sees no process but its own, reads nobody's environment, and dies with its
  first process; and an IPC namespace;
- no capability and no way to one. A worker that is root shows up inside as `nobody`, and may not make user
  namespaces of its own there; the kernel's switches (/proc/sys, /sys) are read-only to it as well.

What it does not do, honestly:

- The network stays, because steps install packages: TCP services of the machine and of its network can be
  reached, and so can abstract unix sockets, which belong to the network namespace. A database that hears on
  TCP needs a password.
- Outside, the step is still the worker's user. What this user may read anywhere else on the machine, the step
  may read. Under a worker that is root this is nearly everything that is not hidden: run the worker as a user
  of its own.
- Memory, processes and disk are not limited.
- A hidden path that does not exist when the step starts cannot be hidden.

With `Isolation.NONE` nothing of this holds; processes are still killed to the last one.
"""

import contextlib
import os
import pwd
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from runs_app.ci.errors import CannotHide
from runs_app.ci.namespaces import READ_ONLY_PROC
from runs_app.ci.scratch import Scratch

NOBODY = 65534
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_CREDENTIALS_OF_HOME = (
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".netrc",
    ".git-credentials",
    ".pypirc",
    ".npmrc",
    ".pgpass",
    ".config/gh",
    ".config/glab-cli",
    ".config/gcloud",
    ".config/git/credentials",
    ".cargo/credentials.toml",
    ".cargo/credentials",
    ".local/share/keyrings",
)
_CREDENTIALS_OF_MACHINE = ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-")
_KEPT_OF_RUN = ("/run/current-system", "/run/opengl-driver")  # NixOS keeps its programs there


@dataclass(frozen=True, slots=True)
class Mount:
    """`kind` is bind (writable), ro_bind, or hide (an empty read-only folder, no source)."""

    kind: str
    source: str
    target: str


def plan_mounts(workspace: Path, scratch: Scratch, hidden_paths: Sequence[Path]) -> tuple[Mount, ...]:
    """The mounts over a read-only root, outer before inner. Paths are resolved; what is missing is left out.

    Raises CannotHide for the root folder.
    """
    private = (("/tmp", scratch.tmp), ("/var/tmp", scratch.var_tmp))  # noqa: S108 - ours go there
    visible = {path: Mount("bind", str(own), path) for path, own in private if Path(path).is_dir()}
    visible |= {path: Mount("ro_bind", path, path) for path in _list_kept_of_run()}
    for folder in (workspace.resolve(), scratch.home.resolve()):
        visible[str(folder)] = Mount("bind", str(folder), str(folder))
    planned = dict(visible)
    for path in (*hidden_paths, Path("/run"), *_list_credentials()):
        real = path.resolve()
        if real == Path("/"):
            raise CannotHide(f"{path} cannot be hidden: it is the root folder")
        if str(real) in planned or not os.path.lexists(real):
            continue
        if real.is_dir():
            planned[str(real)] = Mount("hide", "", str(real))
        else:
            planned[str(real)] = Mount("ro_bind", str(scratch.empty_file), str(real))
    ordered = sorted(planned.values(), key=lambda mount: (mount.target.count("/"), mount.target))
    return tuple(mount for mount in ordered if str(mount.target) in visible or _is_in_sight(mount, planned))


def list_bubblewrap_arguments(mounts: Sequence[Mount], *, cwd: Path) -> list[str]:
    """The options of `bwrap` for these mounts, up to and with `--`."""
    uid, gid = choose_inner_ids()
    arguments = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--uid", str(uid), "--gid", str(gid)]
    arguments += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    arguments += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    if os.geteuid() == 0:
        arguments.append("--disable-userns")  # a version that cannot fails its probe
    for name in READ_ONLY_PROC:
        # bubblewrap leaves /proc/sys writable to an owner who is root outside: whose core_pattern is that?
        if Path(f"/proc/{name}").exists():
            arguments += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for mount in mounts:
        if mount.kind == "hide":
            arguments += ["--tmpfs", mount.target]
        else:
            arguments += ["--ro-bind" if mount.kind == "ro_bind" else "--bind", mount.source, mount.target]
    for mount in mounts:
        if mount.kind == "hide":
            arguments += ["--remount-ro", mount.target]
    return [*arguments, "--chdir", str(cwd), "--"]


def choose_inner_ids() -> tuple[int, int]:
    """Our own ids, or those of nobody if we are root."""
    uid, gid = os.geteuid(), os.getegid()
    return (NOBODY if uid == 0 else uid), (NOBODY if gid == 0 else gid)


def _is_in_sight(mount: Mount, planned: dict[str, Mount]) -> bool:
    """Whether something shows there after all that is mounted further out."""
    for parent in Path(mount.target).parents:
        outer = planned.get(str(parent))
        if outer is not None:
            return outer.kind != "hide" and outer.source == outer.target
    return True


def _list_kept_of_run() -> list[str]:
    kept = [path for path in _KEPT_OF_RUN if Path(path).exists()]
    resolver = Path("/etc/resolv.conf").resolve()
    if resolver.is_relative_to("/run") and resolver.is_file():
        kept.append(str(resolver))
    return kept


def _list_credentials() -> Iterator[Path]:
    homes = {Path(os.environ["HOME"])} if os.environ.get("HOME", "").startswith("/") else set()
    with contextlib.suppress(KeyError):  # an id without a name, as containers have
        homes.add(Path(pwd.getpwuid(os.geteuid()).pw_dir))
    for home in homes - {Path("/")}:
        yield from (home / name for name in _CREDENTIALS_OF_HOME)
    yield from map(Path, _CREDENTIALS_OF_MACHINE)
    yield from Path("/etc/ssh").glob("ssh_host_*_key")
