"""A bare mirror of one repository: every branch and tag, and of files only what is looked at, if the server
can leave the rest out.

A mirror is a cache. It may be killed at any point, fetched again, or removed; the next fetch makes it whole.
"""

import fcntl
import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from autopack.git.runner import GitRunner, Workplace
from catalog_app.verification.errors import (
    Cancelled,
    EmptyRepository,
    FetchFailed,
    FetchTimedOut,
    HostRefused,
    MirrorTooLarge,
    RepositoryNotFound,
)
from catalog_app.verification.mirror_config import REMOTE, write_configuration
from catalog_app.verification.places import FetchPlace, Transport, is_public_address
from catalog_app.verification.watching import LOOK_SECONDS, Ending, Limits, Watch, run_watched

HEAD_REF: Final = "refs/autopack/head"
"""Where the remote's HEAD stood, also if it is on no branch."""
_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
LOCK_SUFFIX: Final = ".lock"
_MOST_PACKS = 60
_ORPHAN_SECONDS = 10.0
_NOT_THERE = re.compile(
    r"(?i)repository .*not found|does not appear to be a git repository|not a git repository|"
    r"could not read username|authentication failed|permission denied|host key verification failed|"
    r"requested url returned error: (?:30[0-9]|40[0-9]|410|451)|unable to update url base|"
    r"does not exist|project you were looking for could not be found|no such device or address"
)
_BROKEN = re.compile(
    r"(?i)bad object|corrupt|loose object|unable to read|missing (?:blob|tree|commit|object)|"
    r"did not send all necessary|invalid (?:object|index-pack)|pack has bad|bad config|does not match index|"
    r"not a git repository: '"
)


@dataclass(frozen=True, slots=True)
class MirrorRules:
    max_bytes: int = 2 << 30
    timeout_seconds: float = 1800.0
    proxy: str = ""
    """Of https; the HTTP proxy's URL."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """What the remote says of its HEAD. Both are empty if its HEAD names a branch that does not exist."""

    head_commit: str
    default_branch: str


@dataclass(frozen=True, slots=True)
class _Advertised:
    upstream: Upstream
    object_format: str
    has_head: bool


def resolve_host(host: str) -> list[str]:
    """Addresses of a host. Raises OSError."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})


@dataclass(slots=True)
class Mirror:
    """`root` holds the mirrors of all places. Instances share no state: the folder and its lock are it."""

    root: Path
    place: FetchPlace
    runner: GitRunner
    rules: MirrorRules = field(default_factory=MirrorRules)
    resolve: Callable[[str], list[str]] = resolve_host

    @property
    def folder(self) -> Path:
        return self.root / f"{mirror_name(self.place.key)}.git"

    @property
    def local(self) -> Workplace:
        """For reading: a git that talks to nobody, so that a missing file is an error and not a fetch."""
        return Workplace(git_dir=self.folder, cwd=self.root, is_durable=False)

    def fetch(self, watch: Watch | None = None) -> Upstream:
        """Bring every branch, every tag and the HEAD of the remote here. Raises FetchFailed, Cancelled, and
        HostRefused if a host that nobody vouches for leads to a private network."""
        watch = watch or Watch()
        deadline = time.monotonic() + self.rules.timeout_seconds
        with self._locked(watch, deadline):
            advertised = self._ask(watch, deadline)
            self._prepare(advertised.object_format)
            refspecs = [*_REFSPECS, *([f"+HEAD:{HEAD_REF}"] if advertised.has_head else [])]
            try:
                self._fetch(["--prune", *_FETCH, REMOTE, *refspecs], watch, deadline)
            except _Broken:
                # Killed at a bad moment, or a failing disk. It is a cache: begin again.
                shutil.rmtree(self.folder)
                self._prepare(advertised.object_format)
                self._fetch(["--prune", *_FETCH, REMOTE, *refspecs], watch, deadline)
            if advertised.upstream.default_branch:
                branch = f"refs/heads/{advertised.upstream.default_branch}"
                self.runner.run(self.local, ["symbolic-ref", "HEAD", branch])
            self._pack(watch, deadline)
            return Upstream(self._head(advertised), advertised.upstream.default_branch)

    def fetch_objects(self, object_ids: Sequence[str], watch: Watch | None = None) -> None:
        """Bring objects that a partial mirror left out, or a commit that no branch leads to any more."""
        watch = watch or Watch()
        deadline = time.monotonic() + self.rules.timeout_seconds
        with self._locked(watch, deadline):
            if not self.folder.is_dir():
                raise FetchFailed("The mirror was removed meanwhile.")
            self._configure(self._object_format())
            wanted = "".join(f"{object_id}\n" for object_id in object_ids).encode()
            self._fetch([*_FETCH, "--stdin", REMOTE], watch, deadline, stdin=wanted)

    def discard(self, watch: Watch | None = None) -> None:
        with self._locked(watch or Watch(), time.monotonic() + self.rules.timeout_seconds):
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _talking(self) -> Workplace:
        return Workplace(
            git_dir=self.folder, cwd=self.root, is_durable=False, protocols=(self.place.transport.value,)
        )

    def _ask(self, watch: Watch, deadline: float) -> _Advertised:
        """What the remote offers, without anything of it coming here."""
        # In a repository of its own, because the mirror may not exist yet, or be broken.
        asking = self.root / f"{self.folder.name}.ask"
        shutil.rmtree(asking, ignore_errors=True)
        self._make(asking, "sha1")
        place = Workplace(
            git_dir=asking, cwd=self.root, is_durable=False, protocols=(self.place.transport.value,)
        )
        try:
            ending = run_watched(
                self.runner,
                place,
                ["ls-remote", "--symref", REMOTE],
                watch=Watch(is_cancelled=watch.is_cancelled),
                limits=Limits(deadline),
                on_start=self._note_child,
            )
        finally:
            shutil.rmtree(asking, ignore_errors=True)
        if ending.exit_code:
            raise _failure(ending)
        return _parse_advertisement(ending.stdout)

    def _fetch(self, args: Sequence[str], watch: Watch, deadline: float, *, stdin: bytes = b"") -> None:
        limits = Limits(deadline, self._measure, self.rules.max_bytes)
        try:
            ending = run_watched(
                self.runner,
                self._talking,
                ["fetch", *args],
                watch=watch,
                limits=limits,
                stdin=stdin,
                on_start=self._note_child,
            )
        except MirrorTooLarge:
            # It would be so again, and the room is for others.
            shutil.rmtree(self.folder)
            raise
        finally:
            self._clear_leftovers()
        if ending.exit_code:
            raise _failure(ending)

    def _head(self, advertised: _Advertised) -> str:
        if not advertised.has_head:
            return ""
        output = self.runner.run(self.local, ["rev-parse", "--verify", "--quiet", f"{HEAD_REF}^{{commit}}"])
        return output.stdout.decode().strip()

    def _prepare(self, object_format: str) -> None:
        """An existing mirror with this place's configuration, or a new one that appears whole."""
        if self.folder.is_dir():
            if (self.folder / "objects").is_dir() and self._object_format() == object_format:
                self._configure(object_format)
                return
            shutil.rmtree(self.folder)
        draft = self.root / f"{self.folder.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._make(draft, object_format)
        draft.replace(self.folder)

    def _make(self, folder: Path, object_format: str) -> None:
        place = Workplace(git_dir=folder, cwd=self.root, is_durable=False)
        self.runner.run(
            place, ["init", "--quiet", "--bare", "--template=", f"--object-format={object_format}"]
        )
        self._configure(object_format, folder)

    def _object_format(self) -> str:
        with suppress(OSError):
            return "sha256" if "sha256" in (self.folder / "config").read_text() else "sha1"
        return ""

    def _configure(self, object_format: str, folder: Path | None = None) -> None:
        """Write the whole configuration: nothing in it is from before, or half-written by a killed git."""
        folder = folder or self.folder
        draft = folder / "config.draft"
        draft.write_text(
            write_configuration(
                self.place,
                object_format=object_format,
                proxy=self.rules.proxy,
                addresses=self._pinned_addresses(),
            )
        )
        draft.replace(folder / "config")

    def _pinned_addresses(self) -> list[str]:
        """Of a host that nobody vouches for: git is told the addresses that were looked at here, so that its
        name cannot lead elsewhere a moment later."""
        if self.place.transport != Transport.HTTPS or self.place.is_host_named or self.rules.proxy:
            return []
        try:
            addresses = self.resolve(self.place.host)
        except OSError:
            raise FetchFailed(f"{self.place.host} is not known to the name service.") from None
        if not addresses or not all(is_public_address(address) for address in addresses):
            raise HostRefused(f"{self.place.host} leads to a private network.")
        return addresses

    def _measure(self) -> int:
        """Bytes of the objects, with those that are still arriving."""
        total = 0
        for folder, _, names in os.walk(self.folder / "objects"):
            for name in names:
                # Renamed by git between the listing and the look.
                with suppress(FileNotFoundError):
                    total += (Path(folder) / name).lstat().st_size
        return total

    def _pack(self, watch: Watch, deadline: float) -> None:
        if len(list((self.folder / "objects" / "pack").glob("*.pack"))) <= _MOST_PACKS:
            return
        ending = run_watched(
            self.runner,
            self.local,
            ["repack", "-a", "-d", "-q"],
            watch=Watch(is_cancelled=watch.is_cancelled),
            limits=Limits(deadline),
            on_start=self._note_child,
        )
        if ending.exit_code:
            raise _failure(ending)

    @contextmanager
    def _locked(self, watch: Watch, deadline: float) -> Iterator[None]:
        """One at a time. The lock ends with its process; what a killed one left behind is cleared."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    _wait_for_lock(watch, deadline)
            self._end_orphan()
            self._clear_leftovers()
            try:
                yield
            finally:
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    @property
    def _lock_path(self) -> Path:
        return self.root / f"{mirror_name(self.place.key)}{LOCK_SUFFIX}"

    def _note_child(self, pid: int) -> None:
        """So that whoever comes after a killed worker can end the git that it left running."""
        with suppress(psutil.NoSuchProcess):
            self._lock_path.write_text(f"{pid} {psutil.Process(pid).create_time()}")

    def _end_orphan(self) -> None:
        noted = self._lock_path.read_text().split()
        if len(noted) != 2:
            return
        with suppress(psutil.NoSuchProcess, ProcessLookupError, ValueError):
            orphan = psutil.Process(int(noted[0]))
            if orphan.create_time() != float(noted[1]):
                return
            for process in [*orphan.children(recursive=True), orphan]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            until = time.monotonic() + _ORPHAN_SECONDS
            # One that nobody reaps stays as a zombie, which writes nothing any more.
            while orphan.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
                time.sleep(0.01)

    def _clear_leftovers(self) -> None:
        """Locks and half-received packs: whoever held or wrote them has ended."""
        if not self.folder.is_dir():
            return
        for folder, _, names in os.walk(self.folder):
            is_objects = "objects" in Path(folder).relative_to(self.folder).parts[:1]
            for name in names:
                is_left = name.startswith("tmp_") or name.endswith(".keep") if is_objects else False
                if is_left or name.endswith(LOCK_SUFFIX):
                    (Path(folder) / name).unlink(missing_ok=True)


_FETCH = (
    "--progress",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--update-shallow",
    "--filter=blob:none",
)


class _Broken(FetchFailed):
    """The mirror itself is damaged."""


def mirror_name(key: str) -> str:
    """A file name for a place: readable, and different for different places."""
    words = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[-80:].strip("-")
    return f"{words}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _wait_for_lock(watch: Watch, deadline: float) -> None:
    if watch.is_cancelled():
        raise Cancelled("It was cancelled.")
    if time.monotonic() > deadline:
        raise FetchTimedOut("Another fetch of the same repository did not end in time.")
    time.sleep(LOOK_SECONDS)


def _failure(ending: Ending) -> FetchFailed:
    said = ending.stderr or f"git ended with status {ending.exit_code}"
    if _BROKEN.search(ending.stderr):
        return _Broken(said)
    if _NOT_THERE.search(ending.stderr):
        return RepositoryNotFound(
            f"There is no repository at this address, it has moved, or it is not open to Autopack: {said}"
        )
    return FetchFailed(said)


def _parse_advertisement(output: bytes) -> _Advertised:
    branch = commit = ""
    length = 0
    names: dict[str, str] = {}
    for line in output.decode(errors="surrogateescape").splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: "):
            if name == "HEAD" and value.startswith("ref: refs/heads/"):
                branch = value.removeprefix("ref: refs/heads/")
            continue
        names[name] = value
        if name == "HEAD":
            commit = value
        length = len(value)
    if not names:
        raise EmptyRepository("The repository has no commits.")
    has_head = bool(commit)
    if has_head and not branch:
        # A bundle does not say it, nor does a HEAD that is on no branch.
        branch = next((b for b in ("main", "master") if names.get(f"refs/heads/{b}") == commit), "")
    return _Advertised(
        Upstream(commit, branch if has_head else ""), "sha256" if length == 64 else "sha1", has_head
    )
