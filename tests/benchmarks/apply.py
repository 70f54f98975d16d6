"""Governed apply against `git am` in a checkout: the same patches, interleaved, trees held to upstream's.

Only the adapter's call is measured: no HTTP, no database.
"""

import shutil
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.gitops.types import CandidateRequest, ObjectId, PathPolicy
from tests.benchmarks.corpora import Corpus, Step
from tests.support.governed import SPEC
from tests.support.repos import GitRepo, isolated_environment

EVERYTHING = PathPolicy(
    allow_symlinks=True,
    allow_submodules=True,
    max_patch_bytes=1 << 30,
    max_files=1_000_000,
    max_file_bytes=1 << 30,
)
_TURN = 4
_AM = ("-c", "core.fsync=none", "-c", "gc.auto=0", "am", "--quiet", "--keep-cr")


@dataclass
class Timings:
    """Milliseconds per patch, and how many trees came out unlike upstream's."""

    milliseconds: list[float] = field(default_factory=list)
    wrong_trees: int = 0

    def note(self, seconds: float, *, is_tree_right: bool) -> None:
        self.milliseconds.append(seconds * 1000)
        self.wrong_trees += not is_tree_right


@dataclass
class Sequential:
    git_am: Timings = field(default_factory=Timings)
    governed: Timings = field(default_factory=Timings)
    durable: Timings = field(default_factory=Timings)


@dataclass(frozen=True)
class Concurrent:
    """Patches per second of several writers at once, each on a branch of its own."""

    writers: int
    git_am: float
    governed: float
    durable: float
    wrong_trees: int


class GovernedBranch:
    """A run in a repository of its own, which applies one patch after another."""

    def __init__(self, adapter: LocalGitCliAdapter, repo: GitRepo, run_id: str, base: str) -> None:
        self._adapter, self._repo, self._run_id = adapter, repo, run_id
        self._tip = ObjectId(base)
        self._count = 0
        adapter.ensure_integration_branch(repo.path, run_id, base=self._tip)

    def apply(self, patch: bytes) -> str:
        """Tree of the new tip."""
        self._count += 1
        candidate = self._adapter.apply_patch(
            CandidateRequest(
                repo=self._repo.path,
                run_id=self._run_id,
                phase_id=f"p{self._count}",
                attempt=1,
                parent=self._tip,
                patch=patch,
                policy=EVERYTHING,
                commit=SPEC,
            )
        )
        self._tip = candidate.commit
        return candidate.tree


class SequentialRace:
    """One corpus on which every way applies the same patches, step by step in turn."""

    def __init__(
        self, corpus: Corpus, work: Path, fast: LocalGitCliAdapter, durable: LocalGitCliAdapter
    ) -> None:
        self.result = Sequential()
        self._corpus = corpus
        self._checkout = _checkout(corpus, work / f"{corpus.name}.am")
        self._branches = [
            (
                timings,
                GovernedBranch(adapter, _copy(corpus, work / f"{corpus.name}.{name}"), "r1", corpus.base),
            )
            for name, adapter, timings in (
                ("fast", fast, self.result.governed),
                ("durable", durable, self.result.durable),
            )
        ]

    def step(self, number: int) -> None:
        if number >= len(self._corpus.steps):
            return
        step = self._corpus.steps[number]
        started_at = time.perf_counter()
        _am(self._checkout, step)
        seconds = time.perf_counter() - started_at
        is_tree_right = self._checkout.tree("HEAD") == step.tree
        self.result.git_am.note(seconds, is_tree_right=is_tree_right)
        if not is_tree_right:
            self._checkout.git("reset", "--quiet", "--hard", step.revision)
        for timings, branch in self._branches:
            started_at = time.perf_counter()
            tree = branch.apply(step.patch)
            timings.note(time.perf_counter() - started_at, is_tree_right=tree == step.tree)


def measure_sequential(corpora: Sequence[Corpus], work: Path) -> dict[str, Sequential]:
    """Every way and every corpus in turn, so that whatever else the machine does hits all of them."""
    with LocalGitCliAdapter(is_durable=False) as fast, LocalGitCliAdapter() as durable:
        races = {corpus.name: SequentialRace(corpus, work, fast, durable) for corpus in corpora}
        for number in range(max(len(corpus.steps) for corpus in corpora)):
            for race in races.values():
                race.step(number)
        return {name: race.result for name, race in races.items()}


def measure_concurrent(corpus: Corpus, work: Path, writers: int, patch_count: int) -> Concurrent:
    """`writers` branches at once: in linked work trees by `git am`, in a bare repository by the adapter.

    The ways take turns, a few patches at a time.
    """
    steps = corpus.steps[:patch_count]
    trees = _worktrees(corpus, work, writers)
    seconds = {"am": 0.0, "fast": 0.0, "durable": 0.0}
    wrong = 0
    with (
        LocalGitCliAdapter(is_durable=False) as fast,
        LocalGitCliAdapter() as durable,
        ThreadPoolExecutor(writers) as pool,
    ):
        governed = {}
        for name, adapter in (("fast", fast), ("durable", durable)):
            repo = _copy(corpus, work / f"{corpus.name}.many.{name}")
            governed[name] = [GovernedBranch(adapter, repo, f"w{n}", corpus.base) for n in range(writers)]
        for at in range(0, len(steps), _TURN):
            turn = steps[at : at + _TURN]
            for name, branches in governed.items():
                started_at = time.perf_counter()
                wrong += sum(pool.map(lambda branch, turn=turn: _write(branch, turn), branches))
                seconds[name] += time.perf_counter() - started_at
            started_at = time.perf_counter()
            list(pool.map(lambda tree, turn=turn: _write_by_am(tree, turn), trees))
            seconds["am"] += time.perf_counter() - started_at
    rates = {name: writers * len(steps) / spent for name, spent in seconds.items()}
    return Concurrent(writers, rates["am"], rates["fast"], rates["durable"], wrong)


def _write(branch: GovernedBranch, steps: Sequence[Step]) -> int:
    """How many trees came out unlike upstream's."""
    return sum(branch.apply(step.patch) != step.tree for step in steps)


def _write_by_am(tree: GitRepo, steps: Sequence[Step]) -> None:
    for step in steps:
        _am(tree, step)


def _worktrees(corpus: Corpus, work: Path, count: int) -> list[GitRepo]:
    checkout = _checkout(corpus, work / f"{corpus.name}.many.am")
    trees = [GitRepo(work / f"{corpus.name}.tree{number}") for number in range(count)]
    for tree in trees:
        checkout.git("worktree", "add", "--quiet", "-b", tree.path.name, str(tree.path), corpus.base)
    return trees


def _am(repo: GitRepo, step: Step) -> None:
    """A patch that `git am` cannot take is left out by it; what that costs counts all the same."""
    command = ["git", "-C", str(repo.path), *_AM]
    environment = isolated_environment()
    outcome = subprocess.run(command, input=step.mail, capture_output=True, check=False, env=environment)
    if outcome.returncode:
        subprocess.run([*command, "--abort"], capture_output=True, check=False, env=environment)


def _copy(corpus: Corpus, target: Path) -> GitRepo:
    shutil.copytree(corpus.mirror.path, target)
    return GitRepo(target, is_bare=True)


def _checkout(corpus: Corpus, target: Path) -> GitRepo:
    corpus.mirror.git("clone", "--quiet", "--no-hardlinks", str(corpus.mirror.path), str(target))
    checkout = GitRepo(target)
    checkout.git("reset", "--quiet", "--hard", corpus.base)
    return checkout
