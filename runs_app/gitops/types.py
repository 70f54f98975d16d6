"""Values that cross the git boundary. Frozen, without Django and without subprocesses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType

ObjectId = NewType("ObjectId", str)
"""A full object name in lower-case hexadecimal: 40 digits (SHA-1) or 64 (SHA-256)."""


class RefusalCode(StrEnum):
    """Why a patch, or one file or hunk of it, is refused. Stable: clients switch on these."""

    PATCH_MALFORMED = "patch_malformed"
    PATCH_TRUNCATED = "patch_truncated"
    PATCH_TOO_LARGE = "patch_too_large"
    PATCH_NO_EFFECT = "patch_no_effect"
    PATCH_DOES_NOT_APPLY = "patch_does_not_apply"
    TOO_MANY_FILES = "too_many_files"
    FILE_TOO_LARGE = "file_too_large"
    ZERO_CONTEXT_HUNK = "zero_context_hunk"
    NUL_IN_TEXT_PATCH = "nul_in_text_patch"
    PATH_ABSOLUTE = "path_absolute"
    PATH_ESCAPES = "path_escapes"
    PATH_CONTROL_CHARACTERS = "path_control_characters"
    PATH_NOT_UTF8 = "path_not_utf8"
    PATH_IS_GIT_INTERNAL = "path_is_git_internal"
    PATH_THROUGH_SYMLINK = "path_through_symlink"
    PATH_CLASH = "path_clash"
    PATH_NOT_ALLOWED = "path_not_allowed"
    PATH_PROTECTED = "path_protected"
    MODE_NOT_ALLOWED = "mode_not_allowed"
    SYMLINK_NOT_ALLOWED = "symlink_not_allowed"
    SYMLINK_ESCAPES = "symlink_escapes"
    SUBMODULE_NOT_ALLOWED = "submodule_not_allowed"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason to refuse a patch. `line` counts from 1 in the patch; None where no line is to blame."""

    code: RefusalCode
    detail: str
    path: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class PathPolicy:
    """What a patch may touch. Patterns are gitignore-style (`docs/**`, `*.md`, `src/app/`).

    An empty `allowed_paths` allows every path that is not protected.
    """

    allowed_paths: tuple[str, ...] = ()
    protected_paths: tuple[str, ...] = ()
    allow_symlinks: bool = False
    allow_submodules: bool = False
    max_patch_bytes: int = 20 * 1024 * 1024
    max_files: int = 2_000
    max_file_bytes: int = 20 * 1024 * 1024


class ChangeKind(StrEnum):
    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE_CHANGED = "mode_changed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a patch. `old_path` differs from `path` only for renames and copies."""

    path: str
    old_path: str
    kind: ChangeKind
    old_mode: str = ""
    new_mode: str = ""
    is_binary: bool = False
    lines_added: int = 0
    lines_removed: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CommitSpec:
    """Everything of a commit but its tree and parent, so that a retry gives the same object id."""

    message: str
    author: Identity
    committer: Identity
    authored_at: datetime
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class CandidateRequest:
    """A patch to turn into a commit on `parent`.

    The patch applies to the tree of `base` (default: `parent`); the commit's parent is always `parent`, so
    an auditor's correction of an earlier candidate still gives one commit on the integration tip.
    """

    repo: Path
    run_id: str
    phase_id: str
    attempt: int
    parent: ObjectId
    patch: bytes
    policy: PathPolicy
    commit: CommitSpec
    base: ObjectId | None = None


@dataclass(frozen=True, slots=True)
class CandidateCommit:
    commit: ObjectId
    tree: ObjectId
    parent: ObjectId
    ref: str
    files: tuple[FileChange, ...]
    lines_added: int
    lines_removed: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class IntegrationBranch:
    """`name` is the short name, `autonomous/{run_id}`."""

    name: str
    tip: ObjectId
    is_created: bool


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """Advance the branch of `run_id` from `expected` to `commit` and tag it, as one reference transaction."""

    repo: Path
    run_id: str
    phase_id: str
    expected: ObjectId
    commit: ObjectId
    tag_name: str
    tag_message: str
    tagger: Identity
    tagged_at: datetime


@dataclass(frozen=True, slots=True)
class SnapshotTag:
    name: str
    commit: ObjectId
    subject: str


@dataclass(frozen=True, slots=True)
class MergeCheck:
    is_clean: bool
    conflicts: tuple[str, ...]
    """Paths in conflict."""


@dataclass(frozen=True, slots=True)
class IntegrationStatus:
    branch: str
    tip: ObjectId
    base: ObjectId
    commits_ahead: int
    snapshots: tuple[SnapshotTag, ...]
    target_branch: str
    target_tip: ObjectId
    merge: MergeCheck


@dataclass(frozen=True, slots=True)
class LogEntry:
    commit: ObjectId
    parents: tuple[ObjectId, ...]
    author: Identity
    authored_at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class DiffText:
    content: bytes
    is_truncated: bool


class PromotionMode(StrEnum):
    FAST_FORWARD = "fast_forward"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class PromotionRequest:
    repo: Path
    run_id: str
    target_branch: str
    expected: ObjectId
    commit: ObjectId
    mode: PromotionMode
    spec: CommitSpec
    """Message, identities and dates of the merge commit; unused by a fast-forward."""


@dataclass(frozen=True, slots=True)
class PromotionResult:
    target_branch: str
    previous: ObjectId
    commit: ObjectId
    is_merge: bool


@dataclass(frozen=True, slots=True)
class RepositoryReport:
    """A repository that governed apply can use."""

    repo: Path
    git_dir: Path
    is_bare: bool
    object_format: str
    head_branch: str
