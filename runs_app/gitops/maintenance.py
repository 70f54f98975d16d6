"""Keeping a repository quick to read after thousands of applies."""

from runs_app.gitops.engine import GitEngine
from runs_app.gitops.repository import Repository


def maintain(engine: GitEngine, repository: Repository) -> None:
    """Pack loose objects. Nothing is ever pruned.

    Safe beside running applies; about every thousand of them is often enough.
    """
    engine.runner.run(
        repository.workplace(),
        ["maintenance", "run", "--task=loose-objects", "--quiet"],
        timeout_seconds=max(600.0, engine.runner.timeout_seconds),
    )
