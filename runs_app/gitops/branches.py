"""Integration branches: made once, found again, and how they stand."""

from autopack.git.errors import GitCommandFailed
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import BranchConflict, UnknownRevision
from runs_app.gitops.history import list_commits
from runs_app.gitops.merging import check_merge
from runs_app.gitops.names import (
    candidate_prefix,
    ensure_object_id,
    ensure_ref_name,
    integration_branch,
    split_revision,
)
from runs_app.gitops.references import (
    ReferenceTransactionFailed,
    create_command,
    delete_command,
    find_reference,
    find_references,
    settle_references,
)
from runs_app.gitops.repository import Repository
from runs_app.gitops.types import IntegrationBranch, IntegrationStatus, ObjectId, SnapshotTag


def ensure_integration_branch(
    engine: GitEngine, repository: Repository, run_id: str, base: ObjectId
) -> IntegrationBranch:
    """See `IntegrationBranches.ensure_integration_branch`."""
    branch = integration_branch(run_id)
    engine.read_commit(repository, ensure_object_id(base))
    ref = f"refs/heads/{branch}"
    create = create_command(ref, base)
    is_created = True

    def find_rest() -> list[str]:
        nonlocal is_created
        tip = find_reference(engine, repository, ref)
        if tip not in (None, base):
            raise BranchConflict(f"{branch} exists already, at {tip}")
        is_created = tip is None
        return [create] if is_created else []

    try:
        settle_references(engine, repository, [create], find_rest)
    except ReferenceTransactionFailed as error:
        raise BranchConflict(f"{branch} cannot be made: {error}") from error
    return IntegrationBranch(branch, base, is_created=is_created)


def find_branch(engine: GitEngine, repository: Repository, branch: str) -> ObjectId | None:
    return find_reference(engine, repository, f"refs/heads/{ensure_ref_name(branch, 'branch name')}")


def resolve_commit(engine: GitEngine, repository: Repository, revision: str) -> ObjectId:
    """See `RepositoryInspector.resolve_commit`. A branch comes before a tag, a tag before an id."""
    name, suffix = split_revision(revision)
    for place in (f"refs/heads/{name}", f"refs/tags/{name}", name):
        args = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{place}{suffix}^{{commit}}"]
        try:
            output = engine.runner.run(repository.workplace(), args, accept=(0, 1))
        except GitCommandFailed as error:
            # Status 128: an ambiguous abbreviation, or an object that is no commit.
            raise UnknownRevision(f"{revision}: {error.stderr}") from error
        if output.exit_code == 0:
            return ensure_object_id(output.stdout.decode().strip())
    raise UnknownRevision(f"{revision} is no branch, tag or commit of {repository.path}")


def get_integration_status(
    engine: GitEngine, repository: Repository, run_id: str, base: ObjectId, target_branch: str
) -> IntegrationStatus:
    """See `IntegrationBranches.get_integration_status`. Snapshots come oldest first."""
    branch = integration_branch(run_id)
    target_ref = f"refs/heads/{ensure_ref_name(target_branch, 'branch name')}"
    known = find_references(engine, repository, [f"refs/heads/{branch}", target_ref])
    tip, target_tip = known.get(f"refs/heads/{branch}"), known.get(target_ref)
    if tip is None or target_tip is None:
        missing = branch if tip is None else target_branch
        raise UnknownRevision(f"{repository.path} has no branch {missing}")
    commits = list_commits(engine, repository, base, tip)
    return IntegrationStatus(
        branch=branch,
        tip=tip,
        base=base,
        commits_ahead=len(commits),
        snapshots=_list_snapshots(engine, repository, commits),
        target_branch=target_branch,
        target_tip=target_tip,
        merge=check_merge(engine, repository, target_tip, tip),
    )


def drop_candidates(engine: GitEngine, repository: Repository, run_id: str, phase_id: str | None) -> int:
    """See `PatchApplier.drop_candidates`."""
    prefix = f"{candidate_prefix(run_id, phase_id)}/"

    def list_deletions() -> list[str]:
        return [
            delete_command(ref, value) for ref, value in find_references(engine, repository, [prefix]).items()
        ]

    deletions = list_deletions()
    settle_references(engine, repository, deletions, list_deletions)
    return len(deletions)


def _list_snapshots(
    engine: GitEngine, repository: Repository, commits: list[ObjectId]
) -> tuple[SnapshotTag, ...]:
    """Annotated tags on the given commits, in the reverse of their order."""
    if not commits:
        return ()
    places = {commit: at for at, commit in enumerate(commits)}
    args = [
        "for-each-ref",
        "--format=%(*objectname)%00%(refname:strip=2)%00%(contents:subject)",
        "refs/tags/",
    ]
    listing = engine.runner.run(repository.workplace(), args).stdout.decode(errors="replace")
    tags = [
        SnapshotTag(name=name, commit=ObjectId(commit), subject=subject)
        for commit, name, subject in (line.split("\0", 2) for line in listing.splitlines())
        if commit in places
    ]
    return tuple(sorted(tags, key=lambda tag: (-places[tag.commit], tag.name)))
