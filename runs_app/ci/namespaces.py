"""A sandbox from Linux namespaces by system calls alone, for machines without bubblewrap.

Used by the supervisor only, after a fork and in a process with one thread. Imports nothing but the standard
library. Everything is refused rather than half done: a step that cannot be put away safely is not run.
"""

import contextlib
import ctypes
import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000

_MS_RDONLY = 1
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_NOEXEC = 8
_MS_REMOUNT = 32
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4

_SYS_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
READ_ONLY_PROC = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")

_libc = ctypes.CDLL(None, use_errno=True)


class NamespaceError(Exception):
    """The kernel or its policy does not let us make this sandbox; the text says at which point."""


def become_subreaper() -> None:
    """Orphaned descendants become our children, wherever they hide."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def refuse_new_privileges() -> None:
    """Set-uid programs run as their caller. One that did not could not be killed by us."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def give_up_privileges() -> None:
    """No new privileges, and nothing in the bounding set for the next exec."""
    refuse_new_privileges()
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break


def enter_namespaces(uid: int, gid: int) -> None:
    """New user, mount, IPC and pid namespaces; the next child is pid 1. We appear as `uid` and `gid`, which
    are our own ids seen from outside, without any capability there."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if outer_uid == 0:
        with contextlib.suppress(PermissionError):  # root of a user namespace may have been denied this
            os.setgroups([])
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWPID) != 0:
        raise _error("unshare")
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {outer_uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {outer_gid} 1")
    except OSError as error:
        raise NamespaceError(f"mapping ids: {error}") from error


def arrange_mounts(mounts: Sequence[tuple[str, str, str]], *, is_root_outside: bool) -> None:
    """As pid 1 of the new namespaces: everything read-only, then `mounts` (kind, source, target) in order.

    Kinds: `bind` is writable, `ro_bind` is not, `hide` is an empty read-only folder. /dev and /proc are new.
    Who is root outside cannot make further user namespaces.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    sources = {source: os.open(source, os.O_PATH) for kind, source, _ in mounts if kind != "hide"}
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in _DEVICES if Path(f"/dev/{name}").exists()}
    _seal_everything()
    _make_dev(devices)
    for kind, source, target in mounts:
        if kind == "hide":
            _make_folder(target)
            _mount("tmpfs", target, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
            continue
        if Path(f"/proc/self/fd/{sources[source]}").is_dir():
            _make_folder(target)
        elif not Path(target).exists():
            _make_folder(str(Path(target).parent))
            Path(target).touch()
        _mount(f"/proc/self/fd/{sources[source]}", target, None, _MS_BIND | _MS_REC)
        _set_access(target, is_writable=kind == "bind")
    for descriptor in (*sources.values(), *devices.values()):
        os.close(descriptor)
    for kind, _, target in mounts:
        if kind == "hide":
            _set_access(target, is_writable=False)
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    if is_root_outside:
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for name in READ_ONLY_PROC:
        # The owner checks of sysctl look at the id outside, and that may be root's.
        if Path(f"/proc/{name}").exists():
            _mount(f"/proc/{name}", f"/proc/{name}", None, _MS_BIND | _MS_REC)
            _set_access(f"/proc/{name}", is_writable=False)


def _make_dev(devices: dict[str, int]) -> None:
    _mount("tmpfs", "/dev", "tmpfs", _MS_NOSUID, "size=1m,mode=755")
    for name, descriptor in devices.items():
        target = f"/dev/{name}"
        Path(target).touch()
        _mount(f"/proc/self/fd/{descriptor}", target, None, _MS_BIND)
        flags = os.statvfs(target).f_flag & _MS_NOEXEC
        _mount(None, target, None, _MS_REMOUNT | _MS_BIND | _MS_NOSUID | flags)  # devices work again here
    for folder in ("/dev/pts", "/dev/shm"):  # noqa: S108 - the sandbox's own
        Path(folder).mkdir()
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    _mount("tmpfs", "/dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=1777")  # noqa: S108
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd"}
    links |= {f"std{name}": f"/proc/self/fd/{number}" for number, name in enumerate(("in", "out", "err"))}
    for name, link in links.items():
        Path(f"/dev/{name}").symlink_to(link)
    _set_access("/dev", is_writable=False, may_have_devices=True)


def _seal_everything() -> None:
    """Read-only, and without set-uid and device files, on every mount of the tree."""
    attributes = (ctypes.c_uint64 * 4)(_MS_RDONLY | _MS_NOSUID | _MS_NODEV, 0, 0, 0)
    numbers = [ctypes.c_long(n) for n in (_SYS_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE)]
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    if _libc.syscall(numbers[0], numbers[1], b"/", numbers[2], attributes, size) == 0:
        return
    for line in Path("/proc/self/mountinfo").read_text().splitlines():  # kernels before 5.12
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), line.split(" ")[4])
        if not os.access(point, os.F_OK):
            continue  # under another mount, or not for us
        _set_access(point, is_writable=False)


def _set_access(target: str, *, is_writable: bool, may_have_devices: bool = False) -> None:
    kept = os.statvfs(target).f_flag & _MS_NOEXEC  # a flag of the outer mount is locked
    flags = _MS_REMOUNT | _MS_BIND | _MS_NOSUID | kept
    flags |= 0 if is_writable else _MS_RDONLY
    flags |= 0 if may_have_devices else _MS_NODEV
    _mount(None, target, None, flags)


def _make_folder(path: str) -> None:
    try:
        Path(path).mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise NamespaceError(f"making {path}: {error.strerror}") from error


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    result = _libc.mount(
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        ctypes.c_ulong(flags),
        None if options is None else options.encode(),
    )
    if result != 0:
        raise _error(f"mount {target}")


def _error(what: str) -> NamespaceError:
    return NamespaceError(f"{what}: {os.strerror(ctypes.get_errno())}")
