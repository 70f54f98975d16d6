"""`GET /health`: whether this web process can do its work. Nobody has to sign in to ask, so it names nothing.

503 when the database is away, migrations are pending or the starter data is missing: then no request would
succeed. A missing worker and an unreadable repository are `degraded` with 200, because web serves, accepts
and queues without them, and restarting or bypassing web would not bring them back.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateWorker

from autopack.actors import Role
from autopack.choices import RepositoryStatus
from autopack.models import Project
from autopack.worker import STALLED_AFTER_SECONDS

HEALTHY = "healthy"
DEGRADED = "degraded"
UNHEALTHY = "unhealthy"
Component = dict[str, str]


@require_safe
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """`{"status": …, "components": {name: {"status": …, "detail": …}}}`."""
    components = check_components()
    is_healthy = all(component["status"] != UNHEALTHY for component in components.values())
    body = {"status": HEALTHY if is_healthy else UNHEALTHY, "components": components}
    return JsonResponse(body, status=200 if is_healthy else 503)


def check_components() -> dict[str, Component]:
    """All components; those after the first unhealthy one depend on it and are left out."""
    components: dict[str, Component] = {}
    for name, check in _CHECKS.items():
        try:
            components[name] = check()
        except DatabaseError:
            components[name] = _component(UNHEALTHY, "The database does not answer.")
        if components[name]["status"] == UNHEALTHY:
            break
    return components


def _component(status: str, detail: str) -> Component:
    return {"status": status, "detail": detail}


def _check_database() -> Component:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return _component(HEALTHY, "The database answers.")


def _check_migrations() -> Component:
    if _are_migrations_applied() or _forget_and_ask_again():
        return _component(HEALTHY, "All migrations are applied.")
    return _component(UNHEALTHY, "Migrations are pending.")


@cache
def _are_migrations_applied() -> bool:
    """Kept once true: the migrations on disk belong to the code that this process has loaded."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _forget_and_ask_again() -> bool:
    _are_migrations_applied.cache_clear()
    return _are_migrations_applied()


def _check_starter() -> Component:
    missing = len(Role) - Group.objects.filter(name__in=[role.value for role in Role]).count()
    if missing:
        return _component(UNHEALTHY, f"{missing} of {len(Role)} groups of the roles are missing.")
    return _component(HEALTHY, "The starter data is in.")


def _check_worker() -> Component:
    alive_since = timezone.now() - timedelta(seconds=STALLED_AFTER_SECONDS)
    if ProcrastinateWorker.objects.filter(last_heartbeat__gte=alive_since).exists():
        return _component(HEALTHY, "A worker is alive.")
    return _component(DEGRADED, "No worker is alive: work is accepted and waits.")


def _check_projects() -> Component:
    """What the last real look found, and a glance at whether the folder is still there."""
    projects = Project.objects.active().values_list("repo_path", "repository_status")
    unusable = sum(
        status == RepositoryStatus.UNUSABLE or not _looks_like_a_repository(Path(path))
        for path, status in projects
    )
    if unusable:
        return _component(DEGRADED, f"{unusable} of {len(projects)} repositories cannot be used.")
    return _component(HEALTHY, f"{len(projects)} of {len(projects)} repositories can be used.")


def _looks_like_a_repository(path: Path) -> bool:
    """A glance, not a check: `/health` is asked every few seconds."""
    try:
        return (path / ".git").exists() or (path / "HEAD").is_file()
    except OSError:
        return False


_CHECKS: dict[str, Callable[[], Component]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "starter": _check_starter,
    "worker": _check_worker,
    "projects": _check_projects,
}
