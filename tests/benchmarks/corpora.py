"""Repositories to measure on: bundles if there are any, else Autopack's own clone and a generated one."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.repos import EPOCH, GitRepo, isolated_environment

BUNDLES_VARIABLE = "AUTOPACK_BENCH_REPOS"
LARGE_FILES = 38_000
SMALL_FILES = 240


@dataclass(frozen=True)
class Step:
    """One commit of upstream: its change as a builder submits it, and as a mail for `git am`."""

    revision: str
    tree: str
    patch: bytes
    mail: bytes


@dataclass(frozen=True)
class Corpus:
    name: str
    mirror: GitRepo
    base: str
    file_count: int
    steps: tuple[Step, ...]


def load_corpora(work: Path, patch_count: int) -> list[Corpus]:
    """The corpora in the order of their size, each a bare mirror below `work`."""
    mirrors = [_mirror(source, work / f"{name}.git") for name, source in _sources(work)]
    corpora = [_corpus(mirror, patch_count) for mirror in mirrors]
    return sorted(corpora, key=lambda corpus: corpus.file_count)


def _sources(work: Path) -> Iterator[tuple[str, Path]]:
    folder = os.environ.get(BUNDLES_VARIABLE)
    bundles = sorted(Path(folder).glob("*.bundle")) if folder else []
    if bundles:
        yield from ((bundle.stem, bundle) for bundle in bundles)
        return
    own = Path(__file__).parents[2]
    if (own / ".git").exists():
        yield "autopack", own
    else:
        yield "small", _generate(work / "small", SMALL_FILES)
    yield "generated", _generate(work / "generated", LARGE_FILES)


def _mirror(source: Path, target: Path) -> GitRepo:
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", "--no-local", str(source), str(target)],
        check=True,
        env=isolated_environment(),
    )
    return GitRepo(target, is_bare=True)


def _corpus(mirror: GitRepo, patch_count: int) -> Corpus:
    newest_first = mirror.line("rev-list", "--first-parent", f"--max-count={patch_count + 1}", "HEAD").split()
    revisions = newest_first[::-1]
    steps = tuple(
        _step(mirror, old, new)
        for old, new in itertools.pairwise(revisions)
        if mirror.tree(old) != mirror.tree(new)
    )
    files = mirror.git("ls-tree", "-r", "--name-only", "-z", "HEAD").count(b"\0")
    return Corpus(mirror.path.stem, mirror, revisions[0], files, steps)


def _step(mirror: GitRepo, old: str, new: str) -> Step:
    patch = mirror.patch(old, new)
    head = (
        f"From {new} Mon Sep 17 00:00:00 2001\nFrom: Builder <builder@example.org>\n"
        "Date: Thu, 1 Jan 2026 12:00:00 +0000\nSubject: [PATCH] A change\n\n---\n\n"
    )
    return Step(new, mirror.tree(new), patch, head.encode() + patch + b"-- \n2.0\n\n")


def _generate(path: Path, file_count: int) -> Path:
    """A repository shaped like a large documentation project: many small files, some folders of thousands."""
    path.mkdir(parents=True)
    repo = GitRepo(path)
    repo.git("init", "--quiet", "--bare", "--initial-branch=main")
    repo.git("fast-import", "--quiet", stdin=b"".join(_stream(file_count)))
    return path


def _stream(file_count: int) -> Iterator[bytes]:
    names = [
        f"pages.{number % 9}/{('common', 'linux', 'osx')[number % 3]}/page-{number}.md"
        for number in range(file_count)
    ]
    for commit in range(130):
        date = int(EPOCH.timestamp()) + 60 * commit
        yield b"commit refs/heads/main\ncommitter Ada <ada@example.org> %d +0000\ndata 8\nA change\n" % date
        changed = (
            names
            if commit == 0
            else [names[(commit * 7919 + part * 104_729) % file_count] for part in range(2)]
        )
        for name in dict.fromkeys(changed):
            lines = [
                b"# %s\n" % name.encode(),
                *(b"line %d\n" % line for line in range(12)),
                b"version %d\n" % commit,
            ]
            content = b"".join(lines)
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(content), content)
