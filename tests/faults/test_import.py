"""`kill -9` of an import while it writes: nothing of it is left, and done again it is complete."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from psycopg import Connection, connect

from autopack.actors import system_actor
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    PreferredRepo,
    SourceRepo,
    StackProfile,
)
from catalog_app.services.exporting import export_catalog
from catalog_app.services.governing import get_or_create_catalog
from catalog_app.services.importing import import_files
from tests.support.live import ROOT
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.django_db(transaction=True),
]

CURATED = (SourceRepo, Feature, FeatureSource, StackProfile, FeatureCombination, FeatureCatalog)
STARTER = ROOT / "catalog"
WRITTEN_ON_THE_WAY = [
    f"catalog_app_{name}"
    for name in ("historicalsourcerepo", "historicalfeaturesource", "historicalstackprofile")
]
FILES = [STARTER / "feature_catalog.yaml", STARTER / "stack_profiles.yaml"]

BEFORE = b"""
features:
  ab-testing: {title: Tests, repos: [{id: growthbook, repo_url: https://example.org/x, license: MIT}]}
  old: {repos: [{id: old, repo_url: https://example.org/old, license: MIT}]}
profiles: {old: {backend: django}}
"""


def test_an_import_that_is_killed_leaves_nothing_and_can_be_done_again() -> None:
    actor = system_actor("test")
    catalog = get_or_create_catalog(actor=actor)
    import_files(catalog, [("before.yaml", BEFORE)], actor=actor)
    before, text_before = _everything(), export_catalog(catalog)

    for table in WRITTEN_ON_THE_WAY:
        with _held(table) as holder:
            process = _start_import()
            backend = wait_for(partial(_find_waiting, holder, table), "the import", seconds=60)
            process.kill()
            process.communicate()
        assert backend is not None
        wait_for(partial(_is_gone, backend), "the killed import's session to end", seconds=30)
        assert _everything() == before
        assert export_catalog(catalog) == text_before

    again = _start_import()
    said, complaints = again.communicate(timeout=120)
    assert again.returncode == 0, complaints
    assert "431 added" not in said
    assert export_catalog(catalog) == {path.name: path.read_text() for path in FILES}
    assert Feature.objects.active().count() == 431
    assert sorted({row.history.count() for row in Feature.objects.active()}) == [1, 2]

    after = _everything()
    third = _start_import()
    said, _ = third.communicate(timeout=120)
    assert said.startswith("Catalog main: nothing changes")
    assert _everything() == after


def test_two_imports_at_once_are_one_after_the_other() -> None:
    both = [_start_import(), _start_import()]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(out.startswith("Catalog main: nothing changes") for out, _ in said) == 1
    assert {row.history.count() for row in Feature.objects.all()} == {1}
    catalog = FeatureCatalog.objects.get()
    assert export_catalog(catalog) == {path.name: path.read_text() for path in FILES}


def _everything() -> dict[str, list[dict[str, object]]]:
    rows = {table.__name__: list(table.objects.order_by("pk").values()) for table in CURATED}
    history = {f"{t.__name__} history": list(t.history.order_by("pk").values()) for t in CURATED}
    return {**rows, **history, "preferred": list(PreferredRepo.objects.order_by("pk").values())}


def _start_import() -> "subprocess.Popen[str]":
    """A process of its own, in the database of the tests."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "import_catalog", *map(str, FILES)],
        env={**os.environ, "DATABASE_URL": _database_url()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _database_url() -> str:
    known = connection.settings_dict
    user = quote(str(known["USER"]), safe="")
    password = f":{quote(str(known['PASSWORD']), safe='')}" if known["PASSWORD"] else ""
    where = urlencode({name: known[name.upper()] for name in ("host", "port") if known[name.upper()]})
    return f"postgres://{user}{password}@/{known['NAME']}?{where}"


@contextmanager
def _held(table: str) -> Iterator["Connection[tuple[object, ...]]"]:
    """Nobody else writes to the table meanwhile."""
    params = connection.get_connection_params()
    wanted = {name: value for name, value in params.items() if name not in {"context", "cursor_factory"}}
    with connect(**wanted) as holder:
        holder.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield holder
        holder.rollback()


def _find_waiting(holder: "Connection[tuple[object, ...]]", table: str) -> int | None:
    """The session that waits for the table: what it wrote until then is not committed."""
    query = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    found = holder.execute(query, [table]).fetchone()
    return int(str(found[0])) if found else None


def _is_gone(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend])
        return cursor.fetchone() is None
