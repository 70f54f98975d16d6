"""Binary patches apply to their own bytes.

A binary change names the id of its result. If an object of that id is at hand, `git apply` takes it and never
looks at the bytes of the patch, so that a reviewer would see one content and the tree get another. So git
works here in an object folder that holds nothing but the files as they were.
"""

from collections.abc import Collection, Mapping
from typing import Final

from runs_app.gitops.applying import run_apply
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import RepositoryUnusable
from runs_app.gitops.inspection import Inspection
from runs_app.gitops.objects import SUBMODULE_MODE, Entry, LooseObject, encode_object
from runs_app.gitops.quarantine import Quarantine
from runs_app.gitops.repository import Repository

_MARK: Final = b"GIT binary patch"


def is_binary_patch(patch: bytes) -> bool:
    """Could git find a binary change in here? Text that only mentions one takes the slower way too."""
    return _MARK in patch


def apply_binary_patch(
    engine: GitEngine,
    quarantine: Quarantine,
    before: Mapping[bytes, Entry],
    patch: bytes,
    repository: Repository,
    inspection: Inspection,
) -> dict[bytes, Entry]:
    """As `run_apply`, for a fresh quarantine, which holds the files as they were afterwards."""
    olds = {entry.object_id.hex() for entry in before.values() if entry.mode != SUBMODULE_MODE}
    for path, results in inspection.binary_results.items():
        # What one file becomes is what another one was: then that one has to be out of sight as well.
        if taken := results & olds:
            with engine.quarantines.lend(repository, is_fresh=True) as apart:
                apart.add(_read_blobs(engine, repository, olds - taken))
                run_apply(
                    engine.runner,
                    apart,
                    before,
                    patch,
                    repository,
                    inspection,
                    is_isolated=True,
                    only=path.encode(),
                )
    quarantine.add(_read_blobs(engine, repository, olds))
    return run_apply(engine.runner, quarantine, before, patch, repository, inspection, is_isolated=True)


def _read_blobs(engine: GitEngine, repository: Repository, object_ids: Collection[str]) -> list[LooseObject]:
    """Raises RepositoryUnusable for an object that the repository's own tree names and lacks."""
    blobs = []
    for object_id in sorted(object_ids):
        (found,) = engine.read(repository, [object_id])
        if found is None or found.kind != "blob":
            raise RepositoryUnusable(
                "broken", f"{repository.path} lacks objects of its own history; run `git fsck` in it"
            )
        blobs.append(encode_object("blob", found.body, repository.object_format))
    return blobs
