"""Writing projects: from autopack.yaml, from `manage.py replay`, and what became of their repositories."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.choices import ProjectSource, RepositoryStatus
from autopack.config_file import ConfigFile, parse_config
from autopack.documents import PlacedProblem
from autopack.errors import ConfigurationError, Refused
from autopack.models import Project
from autopack.project_rules import ProjectDefinition

logger = logging.getLogger(__name__)

_SYNC_LOCK = 0x41_50_50_52  # "APPR": keeps this advisory lock apart from other users of the database.
_REPOSITORY_UNKNOWN = {
    "repository_status": RepositoryStatus.UNKNOWN.value,
    "repository_problem_code": "",
    "repository_problem_detail": "",
    "repository_checked_at": None,
}


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """Project ids by what happened to them. Without a file, nothing did."""

    is_file_found: bool = True
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    deactivated: tuple[str, ...] = ()


def sync_projects(path: Path, *, actor: Actor, is_check: bool = False) -> SyncSummary:
    """Bring the projects of autopack.yaml into the database: all of them, or with any problem none.

    Projects that vanished from the file are deactivated, never deleted; without a file (it is optional)
    nothing changes. Projects of the admin are left alone, and one with the same id is a problem. `is_check`
    says what would happen and changes nothing.

    Raises ConfigurationError (`invalid_configuration`) whose `errors` are all problems with `file`, `line`,
    `column`, `path` and `detail`.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return SyncSummary(is_file_found=False)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise _invalid(path, [PlacedProblem(path.name, 1, 1, "", message)]) from error
    config = parse_config(content, file=path.name, folder=path.absolute().parent)
    if config.problems:
        raise _invalid(path, config.problems)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Web, worker and a command may start at once.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SYNC_LOCK])
        summary = _write_all(path, config, actor)
        if is_check:
            transaction.set_rollback(True)
    return summary


def save_project(
    definition: ProjectDefinition, *, source: ProjectSource, actor: Actor, is_active: bool = True
) -> Project:
    """Create a project, or bring the one of the same source up to date.

    Raises Refused (`project_exists`) where the id belongs to another source.
    """
    with transaction.atomic():
        existing = Project.objects.select_for_update().filter(project_id=definition.project_id).first()
        if existing is not None and existing.source != source:
            raise Refused(_clash(existing), code="project_exists")
        project, _ = _write_one(definition, existing, source, actor, is_active=is_active)
    return project


def record_repository_status(
    project: Project, status: RepositoryStatus, *, code: str = "", detail: str = ""
) -> Project:
    """Keep what a look at the project's repository found; `code` and `detail` say why it is unusable."""
    project.repository_status = status.value
    project.repository_problem_code = code
    project.repository_problem_detail = detail
    project.repository_checked_at = timezone.now()
    project.save(update_fields=list(_REPOSITORY_UNKNOWN))
    return project


def _write_all(path: Path, config: ConfigFile, actor: Actor) -> SyncSummary:
    wanted = {definition.project_id: definition for definition in config.projects}
    existing = {p.project_id: p for p in Project.objects.select_for_update().order_by("project_id")}
    clashes = [
        PlacedProblem(path.name, *config.places[i], f"projects.{i}", _clash(existing[i]))
        for i in wanted
        if i in existing and not existing[i].is_from_file
    ]
    if clashes:
        raise _invalid(path, clashes)
    outcomes: dict[str, list[str]] = {"created": [], "updated": [], "unchanged": [], "deactivated": []}
    for project_id, definition in wanted.items():
        _, outcome = _write_one(definition, existing.get(project_id), ProjectSource.FILE, actor)
        outcomes[outcome].append(project_id)
    for project_id, project in existing.items():
        if project.is_from_file and project.is_active and project_id not in wanted:
            _save(project, {"is_active": False}, actor)
            outcomes["deactivated"].append(project_id)
    return SyncSummary(
        created=tuple(outcomes["created"]),
        updated=tuple(outcomes["updated"]),
        unchanged=tuple(outcomes["unchanged"]),
        deactivated=tuple(outcomes["deactivated"]),
    )


def _write_one(
    definition: ProjectDefinition,
    existing: Project | None,
    source: ProjectSource,
    actor: Actor,
    *,
    is_active: bool = True,
) -> tuple[Project, str]:
    values = {f.name: getattr(definition, f.name) for f in fields(definition)} | {"is_active": is_active}
    if existing is None:
        project = Project.objects.create(**values, source=source.value)
        logger.info("project %s created by %s", project, actor.identity)
        return project, "created"
    changes = {name: value for name, value in values.items() if getattr(existing, name) != value}
    if not changes:
        return existing, "unchanged"
    if "repo_path" in changes:
        changes |= _REPOSITORY_UNKNOWN
    _save(existing, changes, actor)
    return existing, "updated"


def _save(project: Project, changes: Mapping[str, object], actor: Actor) -> None:
    for name, value in changes.items():
        setattr(project, name, value)
    project.save(update_fields=[*changes, "updated_at"])
    logger.info("project %s changed by %s: %s", project, actor.identity, ", ".join(changes))


def _clash(existing: Project) -> str:
    owner = {
        ProjectSource.FILE: "comes from autopack.yaml",
        ProjectSource.ADMIN: "is managed in the admin",
        ProjectSource.REPLAY: "was made by a replay",
    }[ProjectSource(existing.source)]
    return f"a project with the id {existing.project_id!r} exists and {owner}; choose another id"


def _invalid(path: Path, problems: Iterable[PlacedProblem]) -> ConfigurationError:
    listed = list(problems)
    count = "a problem" if len(listed) == 1 else f"{len(listed)} problems"
    return ConfigurationError(
        f"{path.name} has {count}; nothing was changed.",
        code="invalid_configuration",
        errors=[
            {
                "code": "invalid_configuration",
                "detail": str(problem),
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "path": problem.path,
            }
            for problem in listed
        ],
    )
