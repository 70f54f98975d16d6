"""What a repository path is: its folders, object format and whether governed apply can work on it."""

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autopack.git.errors import GitCommandFailed
from autopack.git.runner import GitRunner, Workplace
from runs_app.gitops.errors import RepositoryUnusable

_WATCHED = ("config", "config.worktree", "shallow", "objects", "objects/info/alternates")
"""Files whose change makes us look at the repository anew."""

_GROUP_SHARED = 0o660
_ALL_SHARED = 0o664


@dataclass(frozen=True, slots=True)
class Repository:
    """An opened repository. A linked work tree has a `git_dir` of its own and shares `common_dir`."""

    path: Path
    git_dir: Path
    common_dir: Path
    objects_dir: Path
    object_format: str
    is_bare: bool
    shared_mode: int
    """Permission bits that `core.sharedRepository` gives new files; 0 leaves them to the umask."""

    @property
    def key(self) -> tuple[str, int, int]:
        """Identity for pools: another repository in the same place has another one."""
        status = self.objects_dir.stat()
        return str(self.common_dir), status.st_dev, status.st_ino

    def workplace(self) -> Workplace:
        """For commands on references, which only the repository itself has."""
        return Workplace(git_dir=self.common_dir, cwd=self.common_dir)


class RepositoryCache:
    """Opens repositories, and remembers what they are until one of their watched files changes."""

    def __init__(self, runner: GitRunner) -> None:
        self._runner = runner
        self._known: dict[Path, tuple[object, Repository]] = {}
        self._lock = threading.Lock()

    def open(self, path: Path) -> Repository:
        """Raises RepositoryUnusable with a reason, for what is no repository, shallow, partial or too new."""
        git_dir = find_git_dir(path)
        common_dir = find_common_dir(git_dir)
        signature = (git_dir, *(_signature(common_dir / name) for name in _WATCHED))
        with self._lock:
            known = self._known.get(path)
        if known is not None and known[0] == signature:
            return known[1]
        repository = _examine(self._runner, path, git_dir, common_dir)
        with self._lock:
            self._known[path] = (signature, repository)
        return repository


def find_git_dir(path: Path) -> Path:
    """The git folder of exactly this path; no parent folder is searched."""
    try:
        if not path.is_dir():
            raise RepositoryUnusable("missing", f"{path} does not exist or is no folder: is it mounted?")
        dot_git = path / ".git"
        if dot_git.is_dir():
            return _ensure_git_dir(path, dot_git.resolve())
        if dot_git.is_file():
            return _ensure_git_dir(path, _follow_git_file(path, dot_git))
        return _ensure_git_dir(path, path.resolve())
    except PermissionError as error:
        raise RepositoryUnusable(
            "not_owned",
            f"{error.filename or path} may not be read by uid {os.geteuid()}; "
            "let that user read and write the repository, or run Autopack as its owner",
        ) from error


def find_common_dir(git_dir: Path) -> Path:
    """Where a linked work tree shares its objects and references; else the git folder itself."""
    try:
        shared = (git_dir / "commondir").read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return git_dir
    return (git_dir / shared).resolve()


def ensure_writable(repository: Repository) -> None:
    """Raises RepositoryUnusable if objects or references cannot be written."""
    for folder in _list_written_folders(repository):
        if os.access(folder, os.W_OK | os.X_OK):
            continue
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            raise RepositoryUnusable(
                "not_writable", f"{folder} is on a read-only file system: mount the repository read-write"
            )
        owner, us = folder.stat().st_uid, os.geteuid()
        raise RepositoryUnusable(
            "not_writable",
            f"{folder} belongs to uid {owner} and cannot be written by uid {us}: run Autopack as uid "
            f"{owner}, or let uid {us} write to all of the repository",
        )


def _list_written_folders(repository: Repository) -> Iterator[Path]:
    """Where new objects, references and their logs go, as far as it is there yet."""
    common_dir = repository.common_dir
    yield common_dir
    yield repository.objects_dir
    yield from (Path(entry) for entry in os.scandir(repository.objects_dir) if entry.is_dir())
    for name in ("refs", "refs/heads", "refs/tags", "logs", "logs/refs", "logs/refs/heads"):
        if (common_dir / name).is_dir():
            yield common_dir / name


def _follow_git_file(path: Path, git_file: Path) -> Path:
    kind, _, target = git_file.read_text(errors="surrogateescape").partition(":")
    git_dir = (path / target.strip()).resolve()
    if kind != "gitdir" or not git_dir.is_dir():
        raise RepositoryUnusable(
            "broken",
            f"{git_file} names {target.strip() or 'nothing'}, which is not there: mount that folder too",
        )
    return git_dir


def _ensure_git_dir(path: Path, git_dir: Path) -> Path:
    head = git_dir / "HEAD"
    common_dir = find_common_dir(git_dir)
    has_parts = (common_dir / "objects").is_dir() and (common_dir / "refs").is_dir()
    if not head.is_file() and not head.is_symlink():
        if has_parts:
            raise RepositoryUnusable("broken", f"{git_dir} has no HEAD")
        raise RepositoryUnusable("not_a_repository", f"{path} holds no git repository (no .git folder)")
    if not has_parts:
        raise RepositoryUnusable("broken", f"{common_dir} lacks its objects or refs folder")
    return git_dir


def _examine(runner: GitRunner, path: Path, git_dir: Path, common_dir: Path) -> Repository:
    shallow = common_dir / "shallow"
    if shallow.is_file() and shallow.stat().st_size:
        raise RepositoryUnusable("shallow", f"{path} is a shallow clone; run `git fetch --unshallow` in it")
    place = Workplace(git_dir=common_dir, cwd=common_dir)
    try:
        answers = runner.run(place, ["rev-parse", "--is-bare-repository", "--show-object-format"]).stdout
        listing = runner.run(place, ["config", "--list", "-z", "--local", "--includes"]).stdout
    except GitCommandFailed as error:
        reason_code = (
            "unsupported_format" if "extension" in error.stderr or "version" in error.stderr else "broken"
        )
        raise RepositoryUnusable(reason_code, f"git cannot read {path}: {error.stderr}") from error
    is_bare, object_format = answers.decode().split()
    config = _parse_config(listing)
    _ensure_complete(path, common_dir, config)
    return Repository(
        path=path,
        git_dir=git_dir,
        common_dir=common_dir,
        objects_dir=common_dir / "objects",
        object_format=object_format,
        is_bare=is_bare == "true",
        shared_mode=_shared_mode(config.get("core.sharedrepository", "umask")),
    )


def _ensure_complete(path: Path, common_dir: Path, config: Mapping[str, str]) -> None:
    if config.get("extensions.refstorage", "files") != "files":
        raise RepositoryUnusable(
            "unsupported_format",
            f"{path} keeps its references in another format; run `git refs migrate --ref-format=files` in it",
        )
    is_partial = "extensions.partialclone" in config or any(
        name.startswith("remote.") and name.endswith((".promisor", ".partialclonefilter")) for name in config
    )
    if is_partial:
        raise RepositoryUnusable(
            "partial",
            f"{path} is a partial clone: objects are missing from it; clone it again without --filter",
        )
    alternates = common_dir / "objects" / "info" / "alternates"
    if alternates.is_file():
        for line in alternates.read_text(errors="surrogateescape").splitlines():
            if line and not line.startswith(("#", '"')) and not (alternates.parent.parent / line).is_dir():
                raise RepositoryUnusable(
                    "broken", f"{path} borrows objects from {line}, which is not there: mount that folder too"
                )


def _parse_config(listing: bytes) -> dict[str, str]:
    config: dict[str, str] = {}
    for record in listing.split(b"\0")[:-1]:
        name, _, value = record.decode(errors="replace").partition("\n")
        config[name.lower()] = value
    return config


def _shared_mode(value: str) -> int:
    """As in git: words add to what the umask leaves, a number says all."""
    match value.lower():
        case "" | "true" | "1" | "group" | "yes" | "on":
            return _GROUP_SHARED | (0o666 & ~_ask_umask())
        case "2" | "all" | "world" | "everybody":
            return _ALL_SHARED | (0o666 & ~_ask_umask())
        case octal if octal.startswith("0") and len(octal) > 1 and set(octal) <= set("01234567"):
            return int(octal, 8) & 0o666
        case _:
            return 0


def _ask_umask() -> int:
    """No call only asks. What another thread makes at this instant is private rather than open."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if path.name == "objects":
        # Its time changes with every new fan-out folder; only another folder in its place matters.
        return status.st_dev, status.st_ino
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
