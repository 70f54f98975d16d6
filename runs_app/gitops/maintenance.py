"""Keeping a repository quick to read after thousands of applies."""

from runs_app.gitops.engine import GitEngine
from runs_app.gitops.quarantine import sweep_quarantines
from runs_app.gitops.repository import Repository


def maintain(engine: GitEngine, repository: Repository) -> None:
    """Pack loose objects and clear away abandoned quarantines. Nothing is ever pruned.

    Safe beside running applies; about every thousand of them is often enough.
    """
    sweep_quarantines(repository)
    engine.runner.run(
        repository.workplace(),
        ["maintenance", "run", "--task=loose-objects", "--quiet"],
        timeout_seconds=max(600.0, engine.runner.timeout_seconds),
    )
