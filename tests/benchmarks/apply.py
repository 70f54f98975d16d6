"""Governed apply against `git am` in a checkout: the same patches, interleaved, trees held to upstream's.

Only the adapter's call is measured: no HTTP, no database.
"""

import shutil
import subprocess
import time
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


def measure_sequential(corpus: Corpus, work: Path) -> Sequential:
    """One patch after another, each by every way in turn."""
    result = Sequential()
    checkout = _checkout(corpus, work / f"{corpus.name}.am")
    with LocalGitCliAdapter(is_durable=False) as fast, LocalGitCliAdapter() as safe:
        branches = [
            (
                timings,
                GovernedBranch(adapter, _copy(corpus, work / f"{corpus.name}.{name}"), "r1", corpus.base),
            )
            for name, adapter, timings in (("fast", fast, result.governed), ("safe", safe, result.durable))
        ]
        for step in corpus.steps:
            started_at = time.perf_counter()
            _am(checkout, step)
            seconds = time.perf_counter() - started_at
            is_tree_right = checkout.tree("HEAD") == step.tree
            result.git_am.note(seconds, is_tree_right=is_tree_right)
            if not is_tree_right:
                checkout.git("reset", "--quiet", "--hard", step.revision)
            for timings, branch in branches:
                started_at = time.perf_counter()
                tree = branch.apply(step.patch)
                timings.note(time.perf_counter() - started_at, is_tree_right=tree == step.tree)
    return result


def measure_concurrent(corpus: Corpus, work: Path, writers: int, patch_count: int) -> Concurrent:
    """`writers` branches at once: in linked work trees by `git am`, in a bare repository by the adapter."""
    steps = corpus.steps[:patch_count]
    wrong = 0
    rates = []
    for name, is_durable in (("many.fast", False), ("many.safe", True)):
        repo = _copy(corpus, work / f"{corpus.name}.{name}")
        with LocalGitCliAdapter(is_durable=is_durable) as adapter:
            branches = [GovernedBranch(adapter, repo, f"w{number}", corpus.base) for number in range(writers)]

            def write(branch: GovernedBranch) -> int:
                return sum(branch.apply(step.patch) != step.tree for step in steps)

            started_at = time.perf_counter()
            with ThreadPoolExecutor(writers) as pool:
                wrong += sum(pool.map(write, branches))
            rates.append(writers * len(steps) / (time.perf_counter() - started_at))
    checkout = _checkout(corpus, work / f"{corpus.name}.many.am")
    trees = [GitRepo(work / f"{corpus.name}.tree{number}") for number in range(writers)]
    for tree in trees:
        checkout.git("worktree", "add", "--quiet", "--detach", str(tree.path), corpus.base)
        tree.git("checkout", "--quiet", "-b", tree.path.name)

    def write_by_am(tree: GitRepo) -> None:
        for step in steps:
            _am(tree, step)

    started_at = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write_by_am, trees))
    git_am = writers * len(steps) / (time.perf_counter() - started_at)
    return Concurrent(writers, git_am, rates[0], rates[1], wrong)


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
