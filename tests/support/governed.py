"""Requests to a git adapter as tests make them: everything fixed but what the test is about."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import (
    CandidateCommit,
    CandidateRequest,
    CommitSpec,
    Identity,
    ObjectId,
    PathPolicy,
    PromotionMode,
    PromotionRequest,
    SnapshotRequest,
)
from tests.support.repos import GitRepo

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BUILDER = Identity("Builder", "builder@example.org")
SPEC = CommitSpec(
    message="Build a thing\n\nRun: r1\n",
    author=BUILDER,
    committer=Identity("Autopack", "autopack@example.org"),
    authored_at=AT.astimezone(timezone(timedelta(hours=-3, minutes=-30))),
    committed_at=AT,
)
STRICT = PathPolicy()
RELAXED = PathPolicy(allow_symlinks=True, allow_submodules=True)


@dataclass
class Run:
    """A run on a real repository, from the tip of `main`."""

    adapter: GitAdapter
    repo: GitRepo
    run_id: str = "r1"
    base: ObjectId = field(init=False)

    def __post_init__(self) -> None:
        self.base = ObjectId(self.repo.rev("refs/heads/main"))

    @property
    def branch(self) -> str:
        return f"autonomous/{self.run_id}"

    def start(self) -> "Run":
        self.adapter.ensure_integration_branch(self.repo.path, self.run_id, base=self.base)
        return self

    def tip(self) -> ObjectId | None:
        return self.adapter.find_branch(self.repo.path, self.branch)

    def request(
        self,
        patch: bytes,
        *,
        policy: PathPolicy = STRICT,
        parent: ObjectId | None = None,
        base: ObjectId | None = None,
        phase_id: str = "p1",
        attempt: int = 1,
        spec: CommitSpec = SPEC,
    ) -> CandidateRequest:
        return CandidateRequest(
            repo=self.repo.path,
            run_id=self.run_id,
            phase_id=phase_id,
            attempt=attempt,
            parent=parent or self.base,
            patch=patch,
            policy=policy,
            commit=spec,
            base=base,
        )

    def candidate(
        self, patch: bytes, *, policy: PathPolicy = STRICT, phase_id: str = "p1"
    ) -> CandidateCommit:
        return self.adapter.create_candidate(self.request(patch, policy=policy, phase_id=phase_id))

    def snapshot_request(
        self, commit: ObjectId, *, expected: ObjectId | None = None, tag: str = "autopack/r1/p1"
    ) -> SnapshotRequest:
        return SnapshotRequest(
            repo=self.repo.path,
            run_id=self.run_id,
            phase_id="p1",
            expected=expected or self.base,
            commit=commit,
            tag_name=tag,
            tag_message="Phase p1 is complete\n",
            tagger=BUILDER,
            tagged_at=AT,
        )

    def promotion_request(
        self,
        commit: ObjectId,
        *,
        mode: PromotionMode,
        target: str = "stable",
        expected: ObjectId | None = None,
    ) -> PromotionRequest:
        return PromotionRequest(
            repo=self.repo.path,
            run_id=self.run_id,
            target_branch=target,
            expected=expected or self.base,
            commit=commit,
            mode=mode,
            spec=SPEC,
        )


def added_file(path: str, content: str = "new\n") -> bytes:
    """A patch that adds one text file, its name written as git would if it were harmless."""
    body = "".join(f"+{line}\n" for line in content.splitlines())
    count = len(content.splitlines())
    return (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
        f"@@ -0,0 +1,{count} @@\n{body}"
    ).encode()


def added_link(path: str, target: str) -> bytes:
    return (
        f"diff --git a/{path} b/{path}\nnew file mode 120000\n--- /dev/null\n+++ b/{path}\n"
        f"@@ -0,0 +1 @@\n+{target}\n\\ No newline at end of file\n"
    ).encode()
