"""The history that is played, read through the git layer: no configuration of the repository has a say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autopack.git.errors import GitCommandFailed, GitError
from autopack.git.runner import Workplace
from runs_app.gitops.branches import resolve_commit
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import UnknownRevision
from runs_app.gitops.history import parse_commit
from runs_app.gitops.inspect_repository import inspect_repository
from runs_app.gitops.objects import commit_tree
from runs_app.gitops.references import find_references
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import ObjectId
from runs_app.replay.errors import ReplayError

_TIMEOUT_SECONDS = 600
_DIFF = (
    "diff-tree",
    "-r",
    "-p",
    "-M",
    "--binary",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


@dataclass(frozen=True, slots=True)
class UpstreamCommit:
    """A commit of the first-parent line. Its patch is the difference to `parent`, also for a merge."""

    commit: ObjectId
    tree: ObjectId
    parent: ObjectId
    message: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive first-parent commits, oldest first, from `base` (not included) on."""

    base: ObjectId
    commits: tuple[UpstreamCommit, ...]


@contextmanager
def open_upstream(path: Path, *, is_written: bool) -> Iterator["Upstream"]:
    """Raises ReplayError for what governed apply cannot work on, or (`is_written`) not write to."""
    engine = GitEngine(executable="git", timeout_seconds=_TIMEOUT_SECONDS, is_durable=True)
    try:
        if is_written:
            inspect_repository(engine, path)
        repository = engine.open(path)
        yield Upstream(engine, repository, _find_head_branch(engine, repository))
    except GitError as error:
        raise ReplayError(str(error)) from error
    finally:
        engine.close()


@dataclass(frozen=True, slots=True)
class Upstream:
    """A repository that a replay reads. `head_branch` is empty for a detached HEAD. Safe between threads."""

    engine: GitEngine
    repository: Repository
    head_branch: str

    def pick_stretch(self, branch: str, count: int) -> Stretch:
        """The last `count` commits of a branch (HEAD if empty). Raises ReplayError if there are fewer."""
        try:
            tip = self._find_tip(branch)
        except UnknownRevision as error:
            named = f"branch {branch}" if branch else "commit yet"
            raise ReplayError(f"{self.repository.path} has no {named}.") from error
        line = self._run("rev-list", "--first-parent", f"--max-count={count + 1}", tip, "--").decode().split()
        if len(line) <= count:
            raise ReplayError(
                f"{self.repository.path} has {len(line)} commits on the first-parent line of "
                f"{branch or 'HEAD'}. The oldest one is the base, so --commits can be at most "
                f"{len(line) - 1}."
            )
        ids = [ObjectId(commit) for commit in reversed(line)]
        return Stretch(ids[0], self.read_commits(ids[1:]))

    def read_commits(self, ids: Sequence[ObjectId]) -> tuple[UpstreamCommit, ...]:
        """Raises ReplayError for one that is missing, or that has no parent."""
        found = []
        for commit, content in zip(ids, self.engine.read(self.repository, ids), strict=True):
            if content is None or content.kind != "commit":
                raise ReplayError(f"{self.repository.path} has no commit {commit}.")
            entry = parse_commit(commit, content.body)
            if not entry.parents:
                raise ReplayError(f"{commit} is the first commit of {self.repository.path}.")
            found.append(UpstreamCommit(commit, commit_tree(content.body), entry.parents[0], entry.message))
        return tuple(found)

    def read_patch(self, commit: UpstreamCommit) -> bytes:
        """What a builder submits for this commit. Empty where its tree is its parent's."""
        return self._run(*_DIFF, commit.parent, commit.commit)

    def read_tree_ids(self, commits: Sequence[ObjectId]) -> dict[ObjectId, ObjectId]:
        """The tree of each commit that exists."""
        found = zip(commits, self.engine.read(self.repository, commits), strict=True)
        return {commit: commit_tree(content.body) for commit, content in found if content is not None}

    def list_line(self, base: ObjectId, tip: ObjectId) -> list[ObjectId]:
        """Commits after `base` up to `tip`, oldest first."""
        output = self._run("rev-list", "--first-parent", "--reverse", tip, f"^{base}", "--")
        return [ObjectId(commit) for commit in output.decode().split()]

    def find_references(self, *patterns: str) -> dict[str, ObjectId]:
        return find_references(self.engine, self.repository, patterns)

    def list_unsound_objects(self, base: ObjectId, tip: ObjectId) -> list[str]:
        """What git says against loose objects, which new ones are, and what it lacks of the history of `tip`
        since `base`."""
        # Without --full, fsck calls a commit that it is to begin at missing if a pack has it, and goes into
        # no pack. So it looks at the objects alone, and rev-list at whether all that is referred to is there.
        return [
            *self._list_complaints("fsck", "--strict", "--no-full", "--no-dangling", "--no-progress"),
            *self._list_complaints("rev-list", "--objects", "--quiet", tip, f"^{base}", "--"),
        ]

    def _list_complaints(self, *args: str) -> list[str]:
        output = self.engine.runner.run(self.engine.object_place(self.repository), args, accept=range(256))
        said = (output.stdout + output.stderr).decode(errors="replace").splitlines()
        complaints = [line for line in said if line and not line.startswith("notice: ")]
        return complaints or ([f"git {args[0]} ended with {output.exit_code}"] if output.exit_code else [])

    def _find_tip(self, branch: str) -> ObjectId:
        if branch:
            return resolve_commit(self.engine, self.repository, branch)
        output = self.engine.runner.run(
            _head_place(self.repository),
            ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
            accept=(0, 1, 128),
        )
        if output.exit_code:
            raise UnknownRevision("HEAD names no commit")
        return ObjectId(output.stdout.decode().strip())

    def _run(self, *args: str) -> bytes:
        try:
            return self.engine.runner.run(self.engine.object_place(self.repository), args).stdout
        except GitCommandFailed as error:
            raise ReplayError(f"{self.repository.path} cannot be read: {error.stderr}") from error


def _head_place(repository: Repository) -> Workplace:
    """HEAD of a linked work tree is its own."""
    return Workplace(git_dir=repository.git_dir, cwd=repository.git_dir)


def _find_head_branch(engine: GitEngine, repository: Repository) -> str:
    args = ["symbolic-ref", "--quiet", "HEAD"]
    output = engine.runner.run(_head_place(repository), args, accept=(0, 1, 128))
    return output.stdout.decode(errors="replace").strip().removeprefix("refs/heads/")
