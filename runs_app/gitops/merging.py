"""Merging two commits without a work tree."""

from dataclasses import dataclass

from autopack.git.errors import GitCommandFailed
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.names import ensure_object_id
from runs_app.gitops.quarantine import Quarantine
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import MergeCheck, ObjectId


@dataclass(frozen=True, slots=True)
class MergedTree:
    tree: ObjectId
    conflicts: tuple[str, ...]
    is_clean: bool


def check_merge(engine: GitEngine, repository: Repository, ours: ObjectId, theirs: ObjectId) -> MergeCheck:
    """See `History.check_merge`. Histories without a common commit do not merge, and have no conflicts."""
    for commit in (ours, theirs):
        engine.read_commit(repository, ensure_object_id(commit))
    with engine.quarantines.lend(repository, is_fresh=True) as quarantine:
        merged = merge_trees(engine, quarantine, ours, theirs)
    return MergeCheck(
        is_clean=merged is not None and merged.is_clean, conflicts=merged.conflicts if merged else ()
    )


def merge_trees(
    engine: GitEngine, quarantine: Quarantine, ours: ObjectId, theirs: ObjectId
) -> MergedTree | None:
    """The merged tree, its objects in the quarantine; None for unrelated histories.

    Merge drivers and attributes play no part: the skeleton knows none, so git merges text as text.
    """
    args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs]
    try:
        output = engine.runner.run(quarantine.place, args, accept=(0, 1))
    except GitCommandFailed as error:
        if "unrelated histories" in error.stderr:
            return None
        raise
    tree, *conflicts = (part.decode(errors="replace") for part in output.stdout.split(b"\0")[:-1])
    return MergedTree(ObjectId(tree), tuple(dict.fromkeys(conflicts)), output.exit_code == 0)
