"""The project and the key of a replay, made through the services like any other."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils import timezone

from autopack.actors import Role, system_actor
from autopack.choices import CiKind, ProjectSource
from autopack.models import ApiKey, Project
from autopack.project_rules import ProjectDefinition, read_steps
from autopack.services.keys import create_key, revoke_key
from autopack.services.projects import save_project
from runs_app.replay.errors import ReplayError

logger = logging.getLogger(__name__)

REPLAYER = system_actor("replay")
CI_STEP_NAME = "ci"
CI_TIMEOUT = "1h"
HISTORY_POLICY = {
    "allow_symlinks": True,
    "allow_submodules": True,
    "max_patch_bytes": 1024**3,
    "max_files": 1_000_000,
    "max_file_bytes": 1024**3,
}
"""What real history holds. With it go CI files, so nothing is protected; the defaults stay strict."""

_KEY_LIFETIME = timedelta(days=31)
_NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9._-]+")


def name_project(path: Path) -> str:
    """A project id from a repository's folder: `/srv/git/Flask.git` gives `Flask`."""
    folder = path if path.name != ".git" else path.parent
    plain = _NOT_IN_AN_ID.sub("-", folder.name.removesuffix(".git")).strip("._-")
    return plain[:80].rstrip("._-") or "repository"


def ensure_project(path: Path, *, name: str, branch: str, ci_command: str) -> Project:
    """The replay project of a repository: made, or brought up to date. Another project of the same name, or
    a replay of another repository, keeps its id; this one then gets a number. Raises ReplayError."""
    steps, problems = read_steps(_list_steps(ci_command), "--ci")
    if problems:
        raise ReplayError(f"--ci cannot be used: {problems[0].message}.")
    project_id = _choose_id(name, path)
    definition = ProjectDefinition(
        project_id=project_id,
        name=f"{name} (replay)",
        repo_path=str(path),
        default_branch=branch,
        ci_kind=CiKind.LOCAL if steps else CiKind.NONE,
        ci_normal=steps,
        protected_paths=[],
        path_policy=dict(HISTORY_POLICY),
    )
    return save_project(definition, source=ProjectSource.REPLAY, actor=REPLAYER)


@contextmanager
def temporary_key(project: Project) -> Iterator[str]:
    """A key that plans and builds in this project, revoked afterwards. Yields its text."""
    created = create_key(
        f"replay of {project.project_id}",
        roles=[Role.PLANNER, Role.BUILDER],
        projects=[project],
        expires_at=timezone.now() + _KEY_LIFETIME,
        actor=REPLAYER,
    )
    # The database may be restarted while the key is in use: nothing is held meanwhile.
    connection.close()
    try:
        yield created.plaintext
    finally:
        _revoke(created.key)


def _revoke(key: ApiKey) -> None:
    connection.close()
    try:
        revoke_key(key, actor=REPLAYER)
    except DatabaseFailure as error:
        logger.warning("key %s could not be revoked, do it in the admin: %s", key.prefix, error)
    finally:
        connection.close()


def _list_steps(ci_command: str) -> list[dict[str, str]]:
    return [{"name": CI_STEP_NAME, "shell": ci_command, "timeout": CI_TIMEOUT}] if ci_command else []


def _choose_id(name: str, path: Path) -> str:
    names = (f"{name}{suffix}" for suffix in ("", "-replay", *(f"-replay-{n}" for n in range(2, 1000))))
    for project_id in names:
        existing = Project.objects.filter(project_id=project_id).first()
        if existing is None or (existing.source == ProjectSource.REPLAY and existing.repo_path == str(path)):
            return project_id
    raise ReplayError(f"There are too many projects named {name}.")
