"""Keeping a repository quick to read after thousands of applies."""

from runs_app.gitops.engine import GitEngine
from runs_app.gitops.repository import Repository
from runs_app.gitops.store import sweep_unfinished


def maintain(engine: GitEngine, repository: Repository) -> None:
    """Pack loose objects, and clear away what killed processes left unfinished. Nothing is ever pruned.

    Safe beside running applies; about every thousand of them is often enough.
    """
    sweep_unfinished(repository)
    engine.runner.run(
        repository.workplace(),
        ["maintenance", "run", "--task=loose-objects", "--quiet"],
        timeout_seconds=max(600.0, engine.runner.timeout_seconds),
    )
