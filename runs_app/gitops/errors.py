"""What can go wrong in governed work on a repository, as types. No message carries a credential."""

from collections.abc import Sequence

from autopack.git.errors import GitError
from runs_app.gitops.types import ObjectId, Refusal


class RepositoryUnusable(GitError):
    """The path is no repository that governed apply can work on; `reason` says why and what to do.

    `reason_code` is one of: missing, not_a_repository, shallow, partial, broken, not_owned, not_writable,
    unsupported_format.
    """

    code = "repository_unusable"

    def __init__(self, reason_code: str, reason: str) -> None:
        super().__init__(reason)
        self.reason_code = reason_code
        self.reason = reason


class UnknownRevision(GitError):
    code = "unknown_revision"


class InvalidName(GitError):
    """A run, phase, branch or tag name that git or the rules do not accept."""

    code = "invalid_name"


class BranchConflict(GitError):
    """The branch exists and is not the caller's, or a reference stands in the way of its name."""

    code = "branch_conflict"


class BranchMoved(GitError):
    """Compare-and-swap failed: the branch is not where the caller last saw it."""

    code = "branch_moved"

    def __init__(self, branch: str, expected: ObjectId, actual: ObjectId | None) -> None:
        super().__init__(f"{branch} is at {actual or 'no commit'}, expected {expected}")
        self.branch = branch
        self.expected = expected
        self.actual = actual


class BranchCheckedOut(GitError):
    """Moving the branch would make a work tree look dirty."""

    code = "branch_checked_out"
    is_transient = True

    def __init__(self, branch: str, worktree: str) -> None:
        super().__init__(f"{branch} is checked out in {worktree}; check out another branch there")
        self.branch = branch
        self.worktree = worktree


class ReferenceLocked(GitError):
    """Another git holds the lock of a reference, or one died with it; the message names the file."""

    code = "reference_locked"
    is_transient = True


class DestinationNotEmpty(GitError):
    """Files are only written into a folder that is empty or not there yet."""

    code = "destination_not_empty"


class MergeConflict(GitError):
    code = "merge_conflict"

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(f"conflicts in {', '.join(paths)}")
        self.paths = tuple(paths)


class NotFastForward(GitError):
    code = "not_fast_forward"


class PatchRefused(GitError):
    """The patch breaks the rules or does not apply. Every reason of the stage that refused it is listed."""

    code = "patch_refused"

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{r.code}: {r.path or 'patch'}: {r.detail}" for r in refusals))
        self.refusals = tuple(refusals)
