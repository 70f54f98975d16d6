"""`python -m tests.benchmarks.catalog_pages`: the catalog's lists at 10,000 features and 30,000 sources.

Baseline: the same address with a hundredth of the rows, measured before in the same database. A page shows as
many rows either way, so what it costs beyond the baseline is what counting and searching cost. Status 1 for a
missed bound.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass

import django
from django.db import connection
from rich.console import Console
from rich.table import Table

from tests.benchmarks.catalog_import import test_database

SMALL = 100
SOURCES_PER_FEATURE = 3
RUNS = 7
RATIO_BOUND = 25.0
"""A hundred times the rows may cost a quarter of that: a page of fixed length, and one look at all rows."""

PAGES = (
    *(f"/dashboard/catalog/main/{page}" for page in ("", "sources/", "stacks/", "health/")),
    *(f"/dashboard/catalog/main/?{query}" for query in ("q=o", "decision=allowed", "usable=no&sort=quality")),
    *(
        f"/admin/catalog_app/{table}/"
        for table in ("feature", "featuresource", "sourcerepo", "stackprofile", "sourcescan", "curationrun")
    ),
    *("/admin/catalog_app/feature/?q=o", "/admin/catalog_app/featuresource/?q=o"),
    *(f"/api/v1/catalog/{name}" for name in ("features", "sources", "stacks", "repositories", "health")),
)


@dataclass(frozen=True)
class Timing:
    milliseconds: float
    queries: int


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog_pages")
    parser.add_argument("--features", type=int, default=10_000)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
    django.setup()
    with test_database():
        small = _measure(SMALL)
        large = _measure(options.features - SMALL)
    table = Table(title=f"{options.features:,} features, {options.features * SOURCES_PER_FEATURE:,} sources")
    for heading in ("address", "ms, median", f"ratio to {SMALL} features", "queries"):
        table.add_column(heading, justify="left" if heading == "address" else "right")
    is_met = True
    for page in PAGES:
        ratio = large[page].milliseconds / small[page].milliseconds
        is_good = ratio <= RATIO_BOUND and large[page].queries <= small[page].queries
        is_met = is_met and is_good
        table.add_row(
            page,
            f"{large[page].milliseconds:.0f}",
            f"{ratio:.1f}{'' if ratio <= RATIO_BOUND else ' MISSED'}",
            f"{large[page].queries}{'' if large[page].queries <= small[page].queries else ' MISSED'}",
        )
    console = Console(width=110)
    console.print(table)
    console.print(f"bounds: ratio ≤ {RATIO_BOUND:g}, and no more queries than with {SMALL} features")
    return 0 if is_met else 1


def _measure(features: int) -> dict[str, Timing]:
    """With so many features more than there are."""
    # After django.setup().
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.support.catalog_bulk import fill_catalog

    fill_catalog(features=features, sources=features * SOURCES_PER_FEATURE)
    client = Client()
    client.force_login(User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)[0])
    timings = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200, page
        queries = len(captured)
        milliseconds = []
        for _ in range(RUNS):
            started = time.perf_counter()
            client.get(page)
            milliseconds.append((time.perf_counter() - started) * 1000)
        timings[page] = Timing(statistics.median(milliseconds), queries)
    return timings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
