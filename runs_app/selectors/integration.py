"""Where a run's branch stands, asked of git itself."""

from dataclasses import asdict
from typing import Any

from autopack.git.errors import GitError
from runs_app.adapters import get_adapter, repository_of
from runs_app.errors import GitUnavailable, RepositoryProblem
from runs_app.gitops.errors import RepositoryUnusable, UnknownRevision
from runs_app.gitops.types import ObjectId
from runs_app.models import Run


def describe_integration(run: Run) -> dict[str, Any]:
    """Branch, tip, base, commits ahead, snapshots, and whether it merges. Raises RepositoryProblem,
    GitUnavailable."""
    try:
        status = get_adapter().get_integration_status(
            repository_of(run),
            run.run_id,
            base=ObjectId(run.base_commit),
            target_branch=run.default_branch,
        )
    except RepositoryUnusable as error:
        raise RepositoryProblem(
            error.reason, reason_code=error.reason_code, state=run.state, allowed=[]
        ) from error
    except UnknownRevision as error:
        raise RepositoryProblem(str(error), reason_code=error.code, state=run.state, allowed=[]) from error
    except GitError as error:
        raise GitUnavailable(f"git could not say: {error}", retry_after_seconds=5) from error
    return {
        "run_id": run.run_id,
        **asdict(status),
        "merges_cleanly": status.merge.is_clean,
        "conflicts": list(status.merge.conflicts),
    }
