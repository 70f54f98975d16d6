"""Snapshots and promotion: the only two operations that move a branch to a tested commit."""

from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import (
    BranchConflict,
    BranchMoved,
    MergeConflict,
    NotFastForward,
    UnknownRevision,
)
from runs_app.gitops.history import is_contained, parse_parents
from runs_app.gitops.merging import merge_trees
from runs_app.gitops.names import ensure_identifier, ensure_object_id, ensure_ref_name, integration_branch
from runs_app.gitops.objects import commit_body, encode_object, tag_body
from runs_app.gitops.references import (
    create_command,
    ensure_no_symbolic_branch,
    find_reference,
    find_references,
    settle_references,
    update_command,
)
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import (
    ObjectId,
    PromotionMode,
    PromotionRequest,
    PromotionResult,
    SnapshotRequest,
    SnapshotTag,
)
from runs_app.gitops.worktrees import ensure_not_checked_out


def record_snapshot(engine: GitEngine, request: SnapshotRequest) -> SnapshotTag:
    """See `Snapshots.record_snapshot`."""
    repository = engine.open(request.repo)
    branch = integration_branch(request.run_id)
    ensure_identifier(request.phase_id, "phase id")
    name = ensure_ref_name(request.tag_name, "tag name")
    commit, expected = ensure_object_id(request.commit), ensure_object_id(request.expected)
    body = engine.read_commit(repository, commit)
    if expected not in (commit, *parse_parents(body)) and not is_contained(
        engine, repository, expected, commit
    ):
        raise NotFastForward(f"{commit} does not build on {expected}")
    ensure_not_checked_out(repository, branch)
    tag = encode_object(
        "tag",
        tag_body(commit, name, request.tag_message, request.tagger, request.tagged_at),
        repository.object_format,
    )
    engine.write(repository, [tag])
    branch_ref, tag_ref = f"refs/heads/{branch}", f"refs/tags/{name}"
    advance = update_command(branch_ref, commit, expected)
    create = create_command(tag_ref, tag.object_id)

    def find_rest() -> list[str]:
        known = find_references(engine, repository, [branch_ref, tag_ref])
        tip, existing = known.get(branch_ref), known.get(tag_ref)
        if existing is not None and _peel(engine, repository, existing) != commit:
            raise BranchConflict(f"the tag {name} exists already, at {existing}")
        is_behind = tip == expected != commit
        if not is_behind and not is_contained(engine, repository, commit, tip):
            raise BranchMoved(branch, expected, tip)
        return ([advance] if is_behind else []) + ([create] if existing is None else [])

    settle_references(engine, repository, [advance, create], find_rest)
    subject = request.tag_message.strip().partition("\n")[0]
    return SnapshotTag(name=name, commit=commit, subject=subject)


def promote(engine: GitEngine, request: PromotionRequest) -> PromotionResult:
    """See `Snapshots.promote`."""
    repository = engine.open(request.repo)
    branch = ensure_ref_name(request.target_branch, "branch name")
    commit, expected = ensure_object_id(request.commit), ensure_object_id(request.expected)
    engine.read_commit(repository, commit)
    ensure_no_symbolic_branch(repository, branch)
    ref = f"refs/heads/{branch}"
    tip = find_reference(engine, repository, ref)
    if tip is None:
        raise UnknownRevision(f"{repository.path} has no branch {branch}")
    if is_contained(engine, repository, commit, tip):
        return PromotionResult(branch, previous=expected, commit=tip, is_merge=tip != commit)
    if tip != expected:
        raise BranchMoved(branch, expected, tip)
    ensure_not_checked_out(repository, branch)
    if request.mode is PromotionMode.FAST_FORWARD:
        if not is_contained(engine, repository, expected, commit):
            raise NotFastForward(f"{branch} has commits that {commit} does not build on")
        new_tip = commit
    else:
        new_tip = _write_merge(engine, repository, request)
    advance = update_command(ref, new_tip, expected)

    def find_rest() -> list[str]:
        actual = find_reference(engine, repository, ref)
        if actual not in (expected, new_tip):
            raise BranchMoved(branch, expected, actual)
        return [advance] if actual == expected else []

    settle_references(engine, repository, [advance], find_rest)
    return PromotionResult(branch, previous=expected, commit=new_tip, is_merge=new_tip != commit)


def _write_merge(engine: GitEngine, repository: Repository, request: PromotionRequest) -> ObjectId:
    with engine.quarantines.lend(repository, is_fresh=True) as quarantine:
        merged = merge_trees(engine, quarantine, request.expected, request.commit)
        if merged is None:
            raise NotFastForward("the two histories have no commit in common")
        if not merged.is_clean:
            raise MergeConflict(merged.conflicts)
        objects = quarantine.collect_all()
    body = commit_body(merged.tree, [request.expected, request.commit], request.spec)
    commit = encode_object("commit", body, repository.object_format)
    engine.write(repository, [*objects, commit])
    return commit.object_id


def _peel(engine: GitEngine, repository: Repository, tag: ObjectId) -> ObjectId | None:
    """The commit that a tag stands for, through one annotated tag."""
    (found,) = engine.read(repository, [tag])
    if found is None:
        return None
    if found.kind == "tag":
        return ObjectId(found.body[len(b"object ") : found.body.index(b"\n")].decode())
    return tag
