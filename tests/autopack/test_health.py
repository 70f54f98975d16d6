"""`/health`: open to everybody, so it names nothing; 503 only where web cannot do its work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from autopack import health
from autopack.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    health._are_migrations_applied.cache_clear()
    yield
    health._are_migrations_applied.cache_clear()


@pytest.fixture
def worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def _ask(client: Client) -> tuple[int, str, dict[str, Any]]:
    answer = client.get("/health")
    body = answer.json()
    return answer.status_code, body["status"], body["components"]


def test_a_database_that_does_not_answer_is_unhealthy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("password authentication failed for user secret")

    monkeypatch.setattr(connection, "cursor", fail)
    status, overall, components = _ask(client)
    assert (status, overall, list(components)) == (503, "unhealthy", ["database"])
    assert "secret" not in str(components)


def test_pending_migrations_are_unhealthy(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()
    status, overall, components = _ask(client)
    assert (status, overall) == (503, "unhealthy")
    assert components["migrations"]["status"] == "unhealthy"


def test_missing_starter_data_is_unhealthy(client: Client) -> None:
    Group.objects.filter(name="builder").delete()
    status, _, components = _ask(client)
    assert status == 503
    assert components["starter"]["status"] == "unhealthy"


def test_only_asking_is_allowed(client: Client) -> None:
    assert client.post("/health").status_code == 405


def test_without_a_worker_web_is_healthy_and_says_that_work_waits(client: Client) -> None:
    status, overall, components = _ask(client)
    assert (status, overall) == (200, "healthy")
    assert components["worker"]["status"] == "degraded"


def test_a_worker_whose_heart_stopped_does_not_count(client: Client, worker: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert _ask(client)[2]["worker"]["status"] == "degraded"


def test_a_repository_that_is_gone_is_counted_and_not_named(client: Client, tmp_path: Path) -> None:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    for project_id in ("shop", "gone"):
        path = str(tmp_path / project_id)
        Project.objects.create(project_id=project_id, name=project_id, repo_path=path)
    status, _, components = _ask(client)
    assert status == 200
    assert components["projects"] == {"status": "degraded", "detail": "1 of 2 repositories cannot be used."}


def test_all_is_healthy_for_anybody_who_asks(client: Client, worker: None) -> None:
    status, overall, components = _ask(client)
    assert (status, overall) == (200, "healthy")
    assert list(components) == ["database", "migrations", "starter", "worker", "projects"]
    assert {component["status"] for component in components.values()} == {"healthy"}
