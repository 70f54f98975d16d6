"""What Autopack asks of git, by role. An adapter implements all of `GitAdapter`; callers depend on one role.

Every call names the repository; an adapter holds no state that outlives a crash. Errors are children of
`autopack.git.errors.GitError`. No call touches a checkout, runs a hook or reads system or user config.
The promises are tests: every adapter runs the suite in `tests/contract/`.
"""

from pathlib import Path
from typing import Protocol

from runs_app.gitops.types import (
    CandidateCommit,
    CandidateRequest,
    DiffText,
    IntegrationBranch,
    IntegrationStatus,
    LogEntry,
    MergeCheck,
    ObjectId,
    PromotionRequest,
    PromotionResult,
    RepositoryReport,
    SnapshotRequest,
    SnapshotTag,
)


class RepositoryInspector(Protocol):
    def inspect_repository(self, repo: Path) -> RepositoryReport:
        """Say what `repo` is. Raises RepositoryUnusable with the reason and what to do about it."""

    def list_folders(self, repo: Path) -> tuple[Path, ...]:
        """Every folder that holds something of the repository: work tree, git folder, where a linked work
        tree shares its objects, and borrowed objects. `repo` alone where there is no usable repository."""

    def resolve_commit(self, repo: Path, revision: str) -> ObjectId:
        """Full id of the commit that a branch, tag or (abbreviated) id names. Raises UnknownRevision."""


class IntegrationBranches(Protocol):
    def ensure_integration_branch(self, repo: Path, run_id: str, *, base: ObjectId) -> IntegrationBranch:
        """Create `autonomous/{run_id}` at `base`, or find it there already (a repeated call).

        Raises BranchConflict if the branch exists anywhere else or its name cannot be taken.
        """

    def find_branch(self, repo: Path, branch: str) -> ObjectId | None:
        """Tip of a local branch, or None."""

    def get_integration_status(
        self, repo: Path, run_id: str, *, base: ObjectId, target_branch: str
    ) -> IntegrationStatus:
        """Where the run's branch stands: tip, commits since `base`, snapshots, and whether it merges into
        `target_branch` without conflicts."""


class PatchApplier(Protocol):
    def create_candidate(self, request: CandidateRequest) -> CandidateCommit:
        """Turn a patch into a commit under `refs/autopack/candidates/{run_id}/{phase_id}/{attempt}`.

        The integration branch does not move. The same request gives the same commit. Raises PatchRefused,
        and then leaves no object behind. An empty patch gives a commit with its base's tree.
        """

    def apply_patch(self, request: CandidateRequest) -> CandidateCommit:
        """The mission's operation in one call: candidate, then the branch of the run moves to it by
        compare-and-swap from `parent`. Repeating it is harmless. Raises PatchRefused, BranchMoved,
        BranchCheckedOut."""

    def drop_candidates(self, repo: Path, run_id: str, phase_id: str | None = None) -> int:
        """Delete the candidate refs of a phase, or of the whole run. Returns how many there were."""


class Snapshots(Protocol):
    def record_snapshot(self, request: SnapshotRequest) -> SnapshotTag:
        """Move the branch to the tested commit and write the annotated tag, both or neither.

        Harmless if both already hold. Raises BranchMoved, BranchCheckedOut, BranchConflict (the tag exists
        elsewhere).
        """

    def promote(self, request: PromotionRequest) -> PromotionResult:
        """Bring the tested commit onto the target branch: fast-forward, or a merge commit made without a
        work tree. Harmless if the target already contains it. Raises NotFastForward, MergeConflict,
        BranchMoved, BranchCheckedOut."""


class History(Protocol):
    def read_file(self, repo: Path, commit: ObjectId, path: str, *, max_bytes: int) -> bytes:
        """Content of one file at a commit. Raises UnknownRevision if there is none, or it is larger."""

    def diff(self, repo: Path, old: ObjectId, new: ObjectId, *, max_bytes: int) -> DiffText:
        """Unified diff with renames found, cut at `max_bytes`."""

    def log(self, repo: Path, *, since: ObjectId, until: ObjectId, limit: int) -> tuple[LogEntry, ...]:
        """Commits reachable from `until` and not from `since`, newest first."""

    def is_ancestor(self, repo: Path, ancestor: ObjectId, descendant: ObjectId) -> bool: ...

    def check_merge(self, repo: Path, ours: ObjectId, theirs: ObjectId) -> MergeCheck:
        """Would these two merge without conflicts? Nothing is written to the repository."""


class Materialiser(Protocol):
    def materialise(self, repo: Path, commit: ObjectId, destination: Path) -> None:
        """Write the files of a commit into the empty folder `destination`, without a `.git`.

        Symlinks stay symlinks; submodules become empty folders.
        """


class Maintainer(Protocol):
    def maintain(self, repo: Path) -> None:
        """Pack loose objects so that history stays quick to read; about every thousand applies is enough.

        Prunes nothing and is safe beside running applies.
        """


class GitAdapter(
    RepositoryInspector,
    IntegrationBranches,
    PatchApplier,
    Snapshots,
    History,
    Materialiser,
    Maintainer,
    Protocol,
):
    """Everything Autopack asks of git."""
