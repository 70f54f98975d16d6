"""`python -m tests.benchmarks.catalog_import`: a catalog of 10,000 features and 30,000 sources, in and out.

Baselines: PyYAML's fastest loader for reading, Django's `bulk_create` of the same rows without history,
digests or a look at what is there for saving. Status 1 for a missed bound.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import django
import yaml
from django.db import connection, transaction
from rich.console import Console
from rich.table import Table

T = TypeVar("T")

SOURCES_PER_FEATURE = 3
FEATURES_PER_REPO = 10
READ_BOUND = 1.0
SAVE_BOUND = 2.0


@dataclass(frozen=True)
class Figure:
    name: str
    seconds: float
    baseline: str = ""
    ratio: float | None = None
    bound: float | None = None

    @property
    def is_met(self) -> bool:
        return self.ratio is None or self.bound is None or self.ratio <= self.bound


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog_import")
    parser.add_argument("--features", type=int, default=10_000)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
    django.setup()
    text = make_text(options.features)
    with test_database():
        figures = list(_measure(text))
    console = Console(width=110)
    table = Table(title=f"{options.features:,} features, {len(text) / 1e6:.1f} MB of YAML")
    for heading in ("what", "seconds", "ratio to", "", "bound"):
        table.add_column(heading)
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        bound = "" if figure.bound is None else f"≤ {figure.bound:.2f}{'' if figure.is_met else ' MISSED'}"
        table.add_row(figure.name, f"{figure.seconds:.1f}", figure.baseline, ratio, bound)
    console.print(table)
    return 0 if all(figure.is_met for figure in figures) else 1


def make_text(features: int) -> bytes:
    """A catalog as an export writes it."""
    entries = [
        f"  feature-{number:05}:\n"
        f"    title: Feature number {number}\n"
        f"    description: Lets visitors do thing {number} through a provider instead of a new password.\n"
        f"    category: auth\n"
        f"    complexity: medium\n"
        f"    aliases:\n    - alias {number} one\n    - alias {number} two\n"
        f"    tags:\n    - web\n"
        f"    compatible_stacks:\n    - django-web\n"
        f"    repos:\n" + "".join(_source(number, index) for index in range(SOURCES_PER_FEATURE))
        for number in range(features)
    ]
    return ("title: Large\nfeatures:\n" + "".join(entries)).encode()


def _source(number: int, index: int) -> str:
    repo = (number * SOURCES_PER_FEATURE + index) // FEATURES_PER_REPO
    return (
        f"    - id: repo-{repo}\n"
        f"      repo_url: https://github.com/example/repo-{repo}\n"
        f"      path: src/part{number}/{index}\n"
        f"      license: MIT\n"
        f"      quality_score: 0.9\n"
        f"      stars: 1200\n"
    )


def _measure(text: bytes) -> Iterator[Figure]:
    # After django.setup().
    from autopack.actors import system_actor
    from catalog_app.interchange.files import read_files
    from catalog_app.services.exporting import export_catalog
    from catalog_app.services.governing import get_or_create_catalog
    from catalog_app.services.importing import import_files
    from catalog_app.services.saving import save_content

    loaded, _ = _timed(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    yield Figure("yaml.CSafeLoader, no places, nothing checked", loaded)
    reading, read = _timed(lambda: read_files([("large.yaml", text)]))
    assert not [problem for problem in read.problems if problem.is_error]
    yield Figure("read with places and problems", reading, "CSafeLoader", reading / loaded, READ_BOUND)

    actor = system_actor("bench")
    catalog = get_or_create_catalog("large", actor=actor)
    saving, plan = _timed(lambda: save_content(catalog, read.content, actor=actor, is_complete=True))
    analyze()
    inserting = _insert_again(catalog.pk)
    yield Figure("bulk_create of the same rows", inserting)
    yield Figure(f"save {len(plan.changes):,} changes", saving, "bulk_create", saving / inserting, SAVE_BOUND)
    again, summary = _timed(lambda: import_files(catalog, [("large.yaml", text)], actor=actor))
    assert summary.plan.is_empty
    yield Figure("import the same again (nothing changes)", again)
    exporting, _ = _timed(lambda: export_catalog(catalog))
    yield Figure("export", exporting)


def _insert_again(catalog_id: int) -> float:
    """The time to insert what the catalog has, as plain rows, into another one; they are rolled back."""
    from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo

    features = list(Feature.objects.filter(catalog=catalog_id))
    sources = list(FeatureSource.objects.filter(feature__catalog=catalog_id))
    repos = list(SourceRepo.objects.filter(pk__in={source.repo_id for source in sources}))
    policy = FeatureCatalog.objects.get(pk=catalog_id).license_policy
    other = FeatureCatalog.objects.create(slug="again", title="Again", license_policy=policy)

    def insert() -> None:
        new_repos = {}
        for repo in repos:
            new_repos[repo.pk] = repo
            repo.pk, repo.repo_id = None, f"again-{repo.repo_id}"
        SourceRepo.objects.bulk_create(repos, batch_size=500)
        new_features = {}
        for feature in features:
            new_features[feature.pk] = feature
            feature.pk, feature.catalog = None, other
        Feature.objects.bulk_create(features, batch_size=500)
        for source in sources:
            source.pk = None
            source.feature, source.repo = new_features[source.feature_id], new_repos[source.repo_id]
        FeatureSource.objects.bulk_create(sources, batch_size=500)

    with transaction.atomic():
        seconds, _ = _timed(insert)
        transaction.set_rollback(True)
    return seconds


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def analyze() -> None:
    """As autovacuum does within a minute."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def test_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
