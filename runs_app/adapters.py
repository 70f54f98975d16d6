"""Which git adapter serves a run, and what of a run's rows it is told."""

from functools import cache
from pathlib import Path

from runs_app.gitops.local import LocalGitCliAdapter
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PathPolicy
from runs_app.models import Phase, Run


@cache
def get_adapter() -> GitAdapter:
    """The adapter of this process. It keeps git helpers open, so there is one."""
    return LocalGitCliAdapter()


def repository_of(run: Run) -> Path:
    return Path(run.repo_path)


def policy_of(run: Run, phase: Phase) -> PathPolicy:
    """The path policy frozen at the run's start, narrowed to the phase."""
    return PathPolicy(
        allowed_paths=tuple(phase.allowed_paths),
        protected_paths=tuple(run.protected_paths),
        **run.path_policy,
    )
