"""Real git repositories for tests: temporary, with fixed dates, without the machine's git configuration."""

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

EPOCH = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
"""The date of a test repository's first commit; every further one is a minute later."""

FileContents = Mapping[str, bytes | str | None]
"""Path to content; None deletes the file."""

# A commit would start two more processes to see whether there is something to pack, and wait for the disk.
_SETTINGS = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "maintenance.auto",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.fsync",
    "GIT_CONFIG_VALUE_1": "none",
}


def isolated_environment() -> dict[str, str]:
    """An environment in which git reads no system or user configuration and asks nothing."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada Example",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada Example",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
    }


@dataclass
class GitRepo:
    """A repository and the verbs that tests need. `path` is the work tree or the bare repository."""

    path: Path
    is_bare: bool = False
    commits_made: int = field(default=0)

    @property
    def git_dir(self) -> Path:
        return self.path if self.is_bare else self.path / ".git"

    def git(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Output of a git command. Fails the test with git's own words if it fails."""
        outcome = subprocess.run(
            ["git", "-C", str(self.path), *args],
            input=stdin,
            capture_output=True,
            check=False,
            env={**isolated_environment(), **_SETTINGS, **self._dates(), **(env or {})},
        )
        if outcome.returncode:
            raise AssertionError(f"git {' '.join(args)}: {outcome.stderr.decode(errors='replace')}")
        return outcome.stdout

    def line(self, *args: str) -> str:
        return self.git(*args).decode().strip()

    def write(self, files: FileContents) -> None:
        for name, content in files.items():
            target = self.path / name
            if content is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str = "A change", files: FileContents | None = None) -> str:
        """Write `files`, add everything and commit. Returns the full id."""
        self.write(files or {})
        self.git("add", "--all", "--force", ".")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
        self.commits_made += 1
        return self.head()

    def commit_on(self, branch: str) -> str:
        """A new branch with an empty commit on top of `main`, made without touching the work tree."""
        commit = self.line("commit-tree", "-p", "main", "-m", f"On {branch}", "main^{tree}")
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def head(self) -> str:
        return self.line("rev-parse", "HEAD")

    def rev(self, revision: str) -> str:
        return self.line("rev-parse", "--verify", revision)

    def tree(self, revision: str = "HEAD") -> str:
        return self.rev(f"{revision}^{{tree}}")

    def patch(self, old: str, new: str, *options: str) -> bytes:
        """The difference between two revisions as a builder would submit it."""
        return self.git("diff", "--binary", "--full-index", "-M", *options, old, new)

    def refs(self) -> dict[str, str]:
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
        return dict(line.split(" ") for line in lines)

    def listing(self, revision: str) -> dict[str, tuple[str, str]]:
        """Path to (mode, object id) of every file."""
        files: dict[str, tuple[str, str]] = {}
        for record in self.git("ls-tree", "-r", "-z", revision).split(b"\0")[:-1]:
            meta, _, path = record.partition(b"\t")
            mode, _, object_id = meta.decode().split(" ")
            files[path.decode(errors="surrogateescape")] = (mode, object_id)
        return files

    def objects(self) -> set[str]:
        """Every object in the repository, reachable or not."""
        output = self.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
        return set(output.decode().split())

    def fsck(self) -> None:
        self.git("fsck", "--strict", "--full", "--no-progress")

    def _dates(self) -> dict[str, str]:
        date = (EPOCH + timedelta(minutes=self.commits_made)).isoformat()
        return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def make_repo(
    path: Path,
    files: FileContents | None = None,
    *,
    is_bare: bool = False,
    object_format: str = "sha1",
    branch: str = "main",
) -> GitRepo:
    """A repository with one commit of `files` on `branch`. A bare one is cloned from a normal one."""
    source = path.with_name(path.name + ".source") if is_bare else path
    committed = files if files is not None else {"README.md": "# A project\n"}
    repo = copy_of((tuple(committed.items()), object_format, branch), source, _make_first)
    if not is_bare:
        return repo
    repo.git("clone", "--quiet", "--bare", "--no-hardlinks", str(source), str(path))
    return GitRepo(path, is_bare=True, commits_made=1)


KeyT = TypeVar("KeyT", bound=Hashable)


def copy_of(key: KeyT, path: Path, make: Callable[[Path, KeyT], GitRepo]) -> GitRepo:
    """At `path` a copy of the repository that `make` makes of `key`, once for all tests: equal to the byte,
    with the same times and permissions. git would need a process for every step."""
    known = (make, key)
    if known not in _PREPARED:
        _PREPARED[known] = make(Path(tempfile.mkdtemp(dir=_scratch().name)) / "repository", key)
    repo = _PREPARED[known]
    shutil.copytree(repo.path, path, symlinks=True)
    return replace(repo, path=path)


_PREPARED: dict[Hashable, GitRepo] = {}


@functools.cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    """Gone with this process."""
    return tempfile.TemporaryDirectory(prefix="autopack-test-repositories-")


_First = tuple[tuple[tuple[str, bytes | str | None], ...], str, str]


def _make_first(path: Path, key: _First) -> GitRepo:
    files, object_format, branch = key
    path.mkdir()
    repo = GitRepo(path)
    # Without the example hooks that no test looks at.
    repo.git(
        "init", "--quiet", "--template=", f"--initial-branch={branch}", f"--object-format={object_format}"
    )
    repo.commit("First commit", dict(files))
    return repo


def fingerprint(repo: GitRepo) -> str:
    """Hash of everything that belongs to the user: HEAD, index, work tree with untracked files, stash, hooks,
    configuration, and every branch and tag that is not Autopack's."""
    digest = hashlib.sha256()
    git_dir = repo.git_dir
    for name in (
        "HEAD",
        "ORIG_HEAD",
        "index",
        "config",
        "packed-refs",
        "info",
        "hooks",
        "refs/stash",
        "logs/HEAD",
    ):
        _hash_path(digest, git_dir / name)
    for worktree in sorted((git_dir / "worktrees").glob("*")):
        for name in ("HEAD", "index", "logs/HEAD"):
            _hash_path(digest, worktree / name)
    if not repo.is_bare:
        for entry in sorted(repo.path.iterdir()):
            if entry.name != ".git":
                _hash_path(digest, entry)
    for ref, value in sorted(repo.refs().items()):
        if not ref.startswith(("refs/autopack/", "refs/heads/autonomous/", "refs/tags/autopack/")):
            digest.update(f"{ref} {value}\n".encode())
    return digest.hexdigest()


def _hash_path(digest: "hashlib._Hash", path: Path) -> None:
    for entry in _walk(path):
        status = entry.lstat()
        digest.update(f"{entry} {status.st_mode:o} {status.st_ino}\n".encode(errors="surrogateescape"))
        if entry.is_symlink():
            digest.update(str(entry.readlink()).encode())
        elif entry.is_file():
            digest.update(status.st_mtime_ns.to_bytes(8, "big") + entry.read_bytes())


def _walk(path: Path) -> Iterator[Path]:
    if not path.exists() and not path.is_symlink():
        return
    yield path
    if path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            yield from _walk(child)
