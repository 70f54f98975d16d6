"""From a patch to a commit: only the folders on the way to touched paths are read and written.

The steps: inspect the text; read those folders; let `git apply --cached` work on an index of the touched
files alone, its objects in quarantine; hold the result against the rules; build the new folders; write the
commit; then, and only then, move references.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from runs_app.gitops.applying import changed_entries, run_apply
from runs_app.gitops.binary import apply_binary_patch, is_binary_patch
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import BranchConflict, BranchMoved, PatchRefused
from runs_app.gitops.history import is_contained
from runs_app.gitops.inspection import Inspection, inspect_patch
from runs_app.gitops.names import candidate_ref, ensure_object_id, integration_branch
from runs_app.gitops.objects import Entry, LooseObject, commit_body, encode_object
from runs_app.gitops.references import (
    create_command,
    find_reference,
    find_references,
    settle_references,
    update_command,
)
from runs_app.gitops.repository import Repository
from runs_app.gitops.results import find_obstacle_refusals, find_result_refusals
from runs_app.gitops.types import (
    CandidateCommit,
    CandidateRequest,
    ChangeKind,
    FileChange,
    ObjectId,
    Refusal,
    RefusalCode,
)
from runs_app.gitops.worktrees import ensure_not_checked_out

_NO_EFFECT: Final = Refusal(RefusalCode.PATCH_NO_EFFECT, "the patch leaves every file as it is")


@dataclass(frozen=True, slots=True)
class _Result:
    """What a patch makes of a tree: the tree's id, and the objects to write, children first."""

    tree: ObjectId
    objects: tuple[LooseObject, ...]
    files: tuple[FileChange, ...]


def create_candidate(engine: GitEngine, request: CandidateRequest) -> CandidateCommit:
    """See `PatchApplier.create_candidate`."""
    repository = engine.open(request.repo)
    candidate = _write_candidate(engine, repository, request)
    create = create_command(candidate.ref, candidate.commit)

    def find_rest() -> list[str]:
        existing = find_reference(engine, repository, candidate.ref)
        _ensure_ours(candidate, existing)
        return [create] if existing is None else []

    settle_references(engine, repository, [create], find_rest)
    return candidate


def apply_patch(engine: GitEngine, request: CandidateRequest) -> CandidateCommit:
    """See `PatchApplier.apply_patch`."""
    repository = engine.open(request.repo)
    branch = integration_branch(request.run_id)
    ensure_not_checked_out(repository, branch)
    candidate = _write_candidate(engine, repository, request)
    branch_ref = f"refs/heads/{branch}"
    create = create_command(candidate.ref, candidate.commit)
    advance = update_command(branch_ref, candidate.commit, request.parent)

    def find_rest() -> list[str]:
        known = find_references(engine, repository, [candidate.ref, branch_ref])
        tip, existing = known.get(branch_ref), known.get(candidate.ref)
        _ensure_ours(candidate, existing)
        is_behind = tip == request.parent
        if not is_behind and not is_contained(engine, repository, candidate.commit, tip):
            raise BranchMoved(branch, request.parent, tip)
        return ([create] if existing is None else []) + ([advance] if is_behind else [])

    settle_references(engine, repository, [create, advance], find_rest)
    return candidate


def _write_candidate(engine: GitEngine, repository: Repository, request: CandidateRequest) -> CandidateCommit:
    """Commit and all that it needs in the repository, under no reference yet."""
    ref = candidate_ref(request.run_id, request.phase_id, request.attempt)
    parent = ensure_object_id(request.parent)
    base = ensure_object_id(request.base or parent)
    inspection = inspect_patch(request.patch, request.policy)
    if inspection.refusals:
        raise PatchRefused(inspection.refusals)
    parent_tree = engine.read_commit_tree(repository, parent)
    base_tree = parent_tree if base == parent else engine.read_commit_tree(repository, base)
    result = _Result(base_tree, (), ())
    if request.patch:
        result = _apply(engine, repository, request, inspection, base_tree)
    body = commit_body(result.tree, [parent], request.commit)
    commit = encode_object("commit", body, repository.object_format)
    engine.write(repository, [*result.objects, commit])
    return CandidateCommit(
        commit=commit.object_id,
        tree=result.tree,
        parent=parent,
        ref=ref,
        files=result.files,
        lines_added=sum(file.lines_added for file in result.files),
        lines_removed=sum(file.lines_removed for file in result.files),
        is_empty=result.tree == parent_tree,
    )


def _apply(
    engine: GitEngine,
    repository: Repository,
    request: CandidateRequest,
    inspection: Inspection,
    base_tree: ObjectId,
) -> _Result:
    """Raises PatchRefused; then nothing of the patch is left."""
    paths = {path: path.encode() for path in sorted(inspection.touched_paths)}
    tree = engine.open_tree(repository, base_tree, paths.values())
    if refusals := find_obstacle_refusals(tree, inspection):
        raise PatchRefused(refusals)
    before = {path: entry for path in paths.values() if (entry := tree.find_file(path)) is not None}
    is_binary = is_binary_patch(request.patch)
    with engine.quarantines.lend(repository, is_fresh=is_binary) as quarantine:
        if is_binary:
            after = apply_binary_patch(engine, quarantine, before, request.patch, repository, inspection)
        else:
            after = run_apply(engine.runner, quarantine, before, request.patch, repository, inspection)
        changes = changed_entries(before, after)
        if not changes:
            raise PatchRefused([_NO_EFFECT])
        edited = tree.edit(changes)
        refusals = find_result_refusals(
            changes,
            edited.clashes,
            quarantine,
            inspection,
            request.policy,
            before,
            lambda object_id: engine.read(repository, [object_id])[0],
            lambda object_id: engine.size(repository, object_id),
        )
        if refusals:
            raise PatchRefused(refusals)
        known = {entry.object_id for entry in before.values()}
        made = [entry.object_id for entry in changes.values() if entry and entry.object_id not in known]
        contents = quarantine.collect([object_id.hex() for object_id in made])
    engine.directories.remember(repository.key, edited.new_directories)
    objects = (*contents, *edited.new_objects)
    return _Result(edited.root, objects, _with_modes(inspection, before, after))


def _with_modes(
    inspection: Inspection, before: Mapping[bytes, Entry], after: Mapping[bytes, Entry]
) -> tuple[FileChange, ...]:
    """The files of the patch with the modes that they had and now have. Whether a plain diff creates or
    deletes a file, only the tree can tell."""
    files = []
    for file in inspection.files:
        old, new = before.get(file.old_path.encode()), after.get(file.path.encode())
        kind = file.kind
        if kind is ChangeKind.MODIFIED and (old is None) != (new is None):
            kind = ChangeKind.ADDED if old is None else ChangeKind.DELETED
        old_mode = f"{old.mode:06o}" if old and file.old_mode else file.old_mode
        new_mode = f"{new.mode:06o}" if new and kind is not ChangeKind.DELETED else file.new_mode
        files.append(replace(file, kind=kind, old_mode=old_mode, new_mode=new_mode))
    return tuple(files)


def _ensure_ours(candidate: CandidateCommit, existing: ObjectId | None) -> None:
    if existing not in (None, candidate.commit):
        raise BranchConflict(
            f"{candidate.ref} is {existing}, not {candidate.commit}: an attempt has one candidate"
        )
