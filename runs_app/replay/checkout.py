"""What belongs to the user, hashed part by part, so that a replay can show that it changed none of it."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from autopack.git.runner import Workplace
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.repository import Repository

_OURS = ("refs/autopack/", "refs/heads/autonomous/", "refs/tags/autopack/")


def take_fingerprint(engine: GitEngine, repository: Repository, *, home: Path) -> Mapping[str, str]:
    """Part to hash. Files that git ignores, and those below `home` (Autopack's own), belong to no part."""
    git_dir, common_dir = repository.git_dir, repository.common_dir
    parts = {
        "HEAD": _hash_files([git_dir / "HEAD", git_dir / "ORIG_HEAD", git_dir / "logs" / "HEAD"]),
        "configuration and hooks": _hash_files(
            [common_dir / "config", git_dir / "config.worktree", common_dir / "info", common_dir / "hooks"]
        ),
        "stash": _hash_files([common_dir / "refs" / "stash", common_dir / "logs" / "refs" / "stash"]),
        "other branches and tags": _hash_references(engine, repository),
    }
    if not repository.is_bare:
        parts["index"] = _hash_files([git_dir / "index"])
        parts["tracked files"] = _hash_listed(engine, repository, home, "--cached")
        parts["untracked files"] = _hash_listed(engine, repository, home, "--others", "--exclude-standard")
    worktrees = sorted((common_dir / "worktrees").glob("*"))
    if worktrees:
        names = ("HEAD", "index", "logs/HEAD")
        parts["linked work trees"] = _hash_files([path / name for path in worktrees for name in names])
    return parts


def list_differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Parts that are not as they were."""
    return [part for part in {**before, **after} if before.get(part) != after.get(part)]


def _hash_references(engine: GitEngine, repository: Repository) -> str:
    args = ["for-each-ref", "--format=%(refname) %(objectname) %(symref)"]
    listing = engine.runner.run(repository.workplace(), args).stdout.decode(errors="surrogateescape")
    digest = hashlib.sha256()
    for line in listing.splitlines():
        if not line.startswith(_OURS):
            digest.update(os.fsencode(line) + b"\n")
    return digest.hexdigest()


def _hash_listed(engine: GitEngine, repository: Repository, home: Path, *which: str) -> str:
    place = Workplace(git_dir=repository.git_dir, cwd=repository.path, work_tree=repository.path)
    listing = engine.runner.run(place, ["ls-files", "-z", *which]).stdout
    names = sorted(set(listing.split(b"\0")[:-1]))
    paths = (repository.path / os.fsdecode(name) for name in names)
    return _hash_files(path for path in paths if not path.is_relative_to(home))


def _hash_files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for entry in _walk(path):
            _add(digest, entry)
    return digest.hexdigest()


def _walk(path: Path) -> Iterable[Path]:
    if path.is_symlink() or not path.is_dir():
        yield path
        return
    yield path
    for child in sorted(path.iterdir()):
        yield from _walk(child)


def _add(digest: "hashlib._Hash", path: Path) -> None:
    """Name, mode, time of change and content; that a file is missing counts, too."""
    digest.update(os.fsencode(path) + b"\0")
    try:
        status = path.lstat()
        if path.is_symlink():
            digest.update(os.fsencode(path.readlink()))
        elif path.is_file():
            digest.update(status.st_mtime_ns.to_bytes(16, "big", signed=True))
            with path.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        digest.update(b"%o" % status.st_mode)
    except FileNotFoundError:
        digest.update(b"missing")
