"""The files of a commit, byte for byte, in a folder of their own."""

import os
from pathlib import Path

from autopack.git.runner import Workplace
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import DestinationNotEmpty
from runs_app.gitops.names import ensure_object_id
from runs_app.gitops.repository import Repository
from runs_app.gitops.scratch import ScratchFolder
from runs_app.gitops.types import ObjectId


def materialise(engine: GitEngine, repository: Repository, commit: ObjectId, destination: Path) -> None:
    """See `Materialiser.materialise`.

    git writes the files from an index outside the destination. The skeleton's attributes switch every
    conversion off, and no filter is configured there, so nothing runs and no byte changes.
    """
    tree = engine.read_commit_tree(repository, ensure_object_id(commit))
    destination.mkdir(parents=True, exist_ok=True)
    if any(destination.iterdir()):
        raise DestinationNotEmpty(f"{destination} is not empty")
    with ScratchFolder(engine.skeletons.working_folder().parent, "index-") as scratch:
        place = Workplace(
            git_dir=engine.skeleton(repository),
            cwd=destination,
            objects=repository.objects_dir,
            index=scratch.path / "index",
            work_tree=destination,
        )
        engine.runner.run(place, ["read-tree", tree])
        workers = f"checkout.workers={os.cpu_count() or 1}"
        engine.runner.run(place, ["-c", workers, "checkout-index", "--all", "--quiet", "--force"])
