"""The one place that starts git: fixed argv, an environment built from scratch, timeouts, redacted output.

Nothing of the caller's environment, of system or user configuration, and no hook or helper program reaches
the git that runs here. What a repository's own configuration could start is overridden by the environment's.
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autopack.git.conversation import converse
from autopack.git.errors import GitCommandFailed, GitTimedOut, GitUnavailable

MINIMUM_VERSION = (2, 38)
"""The first git with `merge-tree --write-tree`."""

_STDERR_LIMIT = 4_000
_PIPE_BYTES = 1 << 20
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@|(?i:(?<=authorization: )\S.*)")

_HARDENING = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.sparseCheckout=false",
    "core.ignoreCase=false",
    "core.precomposeUnicode=false",
    "core.pager=cat",
    "core.filesRefLockTimeout=2000",
    "core.packedRefsTimeout=10000",
    "index.sparse=false",
    "index.version=2",
    "index.skipHash=false",
    "apply.whitespace=nowarn",
    "apply.ignoreWhitespace=no",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where one git command works. `objects` and `index` replace those of `git_dir`; `alternates` are read.

    `cwd` must hold nothing that git would read as a work tree's attributes.
    """

    git_dir: Path
    cwd: Path
    objects: Path | None = None
    alternates: Path | None = None
    index: Path | None = None
    work_tree: Path | None = None
    is_durable: bool = True
    """False for a place whose contents need not outlive the machine's power."""
    protocols: tuple[str, ...] = ()
    """Transports it may use, of `file`, `https`, `ssh`. Without any, git talks to no other repository."""


@dataclass(frozen=True, slots=True)
class GitOutput:
    exit_code: int
    stdout: bytes
    stderr: bytes


class GitRunner:
    """Starts git. Safe to share between threads: it holds no state but its settings."""

    def __init__(
        self, *, executable: str = "git", timeout_seconds: float = 60.0, is_durable: bool = True
    ) -> None:
        """`is_durable` makes git write loose objects and references through to the disk."""
        self.timeout_seconds = timeout_seconds
        self.is_durable = is_durable
        self._executable = executable

    def run(
        self,
        place: Workplace,
        args: Sequence[str],
        *,
        stdin: bytes = b"",
        accept: Sequence[int] = (0,),
        timeout_seconds: float | None = None,
    ) -> GitOutput:
        """Run git to its end. Raises GitCommandFailed for a status outside `accept`, GitTimedOut."""
        seconds = timeout_seconds or self.timeout_seconds
        child = self.start(place, args)
        try:
            stdout, stderr = converse(child, stdin, time.monotonic() + seconds)
        except TimeoutError:
            raise GitTimedOut(f"git {args[0]} took longer than {seconds:g} s") from None
        finally:
            end_child(child)
        if child.returncode not in accept:
            raise GitCommandFailed(args[0], child.returncode, redact(stderr))
        return GitOutput(child.returncode, stdout, stderr)

    def run_bounded(self, place: Workplace, args: Sequence[str], *, max_bytes: int) -> tuple[bytes, bool]:
        """First `max_bytes` of git's output, and whether there was more. git is ended once it is enough."""
        child = self.start(place, args)
        assert child.stdin
        assert child.stdout
        assert child.stderr
        child.stdin.close()
        is_late = threading.Event()

        def end_late() -> None:
            is_late.set()
            child.kill()

        timer = threading.Timer(self.timeout_seconds, end_late)
        timer.start()
        try:
            content = child.stdout.read(max_bytes + 1)
            if len(content) > max_bytes:
                return content[:max_bytes], True
            stderr = child.stderr.read(_STDERR_LIMIT)
            exit_code = child.wait(self.timeout_seconds)
        finally:
            timer.cancel()
            end_child(child)
        if is_late.is_set():
            raise GitTimedOut(f"git {args[0]} took longer than {self.timeout_seconds:g} s")
        if exit_code:
            raise GitCommandFailed(args[0], exit_code, redact(stderr))
        return content, False

    def start(self, place: Workplace, args: Sequence[str]) -> "subprocess.Popen[bytes]":
        """A git with pipes for its three streams, in a process group of its own: Ctrl-C does not reach it."""
        try:
            # No preexec_fn: it would forbid vfork, and a fork of a large process costs tens of milliseconds.
            return subprocess.Popen(
                [self._executable, *args],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=place.cwd,
                env=_environment(place, is_durable=self.is_durable and place.is_durable),
                process_group=0,
                pipesize=_PIPE_BYTES,
            )
        except FileNotFoundError as error:
            if place.cwd.is_dir():
                raise GitUnavailable("git is not installed, or not on the PATH") from error
            raise GitCommandFailed(args[0], -1, f"{place.cwd} is gone") from error

    def version(self) -> tuple[int, ...]:
        """Version of git. Raises GitUnavailable if there is none, or it is too old."""
        root = Path("/")
        output = self.run(Workplace(git_dir=root, cwd=root), ["version"]).stdout.decode(errors="replace")
        found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", output)
        version = tuple(int(part) for part in found.groups(default="0")) if found else ()
        if version < MINIMUM_VERSION:
            needed = ".".join(map(str, MINIMUM_VERSION))
            raise GitUnavailable(f"{output.strip()} is too old; Autopack needs git {needed} or newer")
        return version


def redact(output: bytes | str, *, limit: int = _STDERR_LIMIT) -> str:
    """git's words, cut, without anything that looks like a credential."""
    text = output.decode(errors="replace") if isinstance(output, bytes) else output
    return _CREDENTIALS.sub("***", text[: 2 * limit].strip())[:limit]


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """Leave no process and no open pipe behind, whatever state the child is in."""
    if child.poll() is None:
        child.kill()
        child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is None:
            continue
        try:
            stream.close()
        except BrokenPipeError:
            # Unsent input of a child that is gone; the descriptor is closed all the same.
            continue


def _environment(place: Workplace, *, is_durable: bool) -> Mapping[str, str]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_DIR": str(place.git_dir),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_PAGER": "cat",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": ":".join(place.protocols) or "none",
        "GIT_LITERAL_PATHSPECS": "1",
        # For reflogs; commits and tags carry identities of their own.
        "GIT_COMMITTER_NAME": "Autopack",
        "GIT_COMMITTER_EMAIL": "autopack@localhost",
    }
    # Like `-c`, and so above anything that a repository's own configuration says. git honours safe.directory
    # from here; it names this one repository, whoever owns it.
    trusted = [place.git_dir, place.git_dir.parent] if place.git_dir.name == ".git" else [place.git_dir]
    settings = (
        *_HARDENING,
        f"core.fsync={'loose-object,reference' if is_durable else 'none'}",
        *(f"safe.directory={folder}" for folder in trusted),
        *(f"protocol.{name}.allow=always" for name in place.protocols),
    )
    environment["GIT_CONFIG_COUNT"] = str(len(settings))
    for at, setting in enumerate(settings):
        environment[f"GIT_CONFIG_KEY_{at}"], _, environment[f"GIT_CONFIG_VALUE_{at}"] = setting.partition("=")
    if place.objects is not None:
        environment["GIT_OBJECT_DIRECTORY"] = str(place.objects)
    if place.alternates is not None:
        environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = _quote_alternate(str(place.alternates))
    if place.index is not None:
        environment["GIT_INDEX_FILE"] = str(place.index)
    if place.work_tree is not None:
        environment["GIT_WORK_TREE"] = str(place.work_tree)
    return environment


def _quote_alternate(path: str) -> str:
    """The variable is a list separated by colons; git reads quoted members as C strings."""
    if ":" not in path and not path.startswith('"'):
        return path
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
