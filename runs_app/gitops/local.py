"""The default adapter: git repositories on this machine, by the git command line."""

import weakref
from pathlib import Path
from types import TracebackType

from runs_app.gitops import branches, candidates, history, maintenance, merging, snapshots
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.inspect_repository import inspect_repository, list_folders
from runs_app.gitops.materialise import materialise
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


class LocalGitCliAdapter:
    """A `GitAdapter`. Share one per process: it keeps git children alive between calls, and is safe between
    threads. `close` (or leaving its context) ends them; so does the end of the process."""

    def __init__(
        self, *, executable: str = "git", timeout_seconds: float = 60.0, is_durable: bool = True
    ) -> None:
        """`is_durable` writes objects, then the references that name them, through to the disk. Only a
        benchmark has a reason to leave it off."""
        self._engine = GitEngine(
            executable=executable, timeout_seconds=timeout_seconds, is_durable=is_durable
        )
        self._finalizer = weakref.finalize(self, self._engine.close)

    def close(self) -> None:
        self._finalizer()

    def __enter__(self) -> "LocalGitCliAdapter":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def inspect_repository(self, repo: Path) -> RepositoryReport:
        return inspect_repository(self._engine, repo)

    def list_folders(self, repo: Path) -> tuple[Path, ...]:
        return list_folders(self._engine, repo)

    def resolve_commit(self, repo: Path, revision: str) -> ObjectId:
        return branches.resolve_commit(self._engine, self._engine.open(repo), revision)

    def ensure_integration_branch(self, repo: Path, run_id: str, *, base: ObjectId) -> IntegrationBranch:
        return branches.ensure_integration_branch(self._engine, self._engine.open(repo), run_id, base)

    def find_branch(self, repo: Path, branch: str) -> ObjectId | None:
        return branches.find_branch(self._engine, self._engine.open(repo), branch)

    def get_integration_status(
        self, repo: Path, run_id: str, *, base: ObjectId, target_branch: str
    ) -> IntegrationStatus:
        return branches.get_integration_status(
            self._engine, self._engine.open(repo), run_id, base, target_branch
        )

    def create_candidate(self, request: CandidateRequest) -> CandidateCommit:
        return candidates.create_candidate(self._engine, request)

    def apply_patch(self, request: CandidateRequest) -> CandidateCommit:
        return candidates.apply_patch(self._engine, request)

    def drop_candidates(self, repo: Path, run_id: str, phase_id: str | None = None) -> int:
        return branches.drop_candidates(self._engine, self._engine.open(repo), run_id, phase_id)

    def record_snapshot(self, request: SnapshotRequest) -> SnapshotTag:
        return snapshots.record_snapshot(self._engine, request)

    def promote(self, request: PromotionRequest) -> PromotionResult:
        return snapshots.promote(self._engine, request)

    def read_file(self, repo: Path, commit: ObjectId, path: str, *, max_bytes: int) -> bytes:
        return history.read_file(self._engine, self._engine.open(repo), commit, path, max_bytes)

    def diff(self, repo: Path, old: ObjectId, new: ObjectId, *, max_bytes: int) -> DiffText:
        return history.diff(self._engine, self._engine.open(repo), old, new, max_bytes)

    def log(self, repo: Path, *, since: ObjectId, until: ObjectId, limit: int) -> tuple[LogEntry, ...]:
        return history.log(self._engine, self._engine.open(repo), since, until, limit)

    def is_ancestor(self, repo: Path, ancestor: ObjectId, descendant: ObjectId) -> bool:
        return history.is_contained(self._engine, self._engine.open(repo), ancestor, descendant)

    def check_merge(self, repo: Path, ours: ObjectId, theirs: ObjectId) -> MergeCheck:
        return merging.check_merge(self._engine, self._engine.open(repo), ours, theirs)

    def materialise(self, repo: Path, commit: ObjectId, destination: Path) -> None:
        materialise(self._engine, self._engine.open(repo), commit, destination)

    def maintain(self, repo: Path) -> None:
        maintenance.maintain(self._engine, self._engine.open(repo))
