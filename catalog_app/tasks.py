"""What the worker does for the catalog. Tasks are thin: each calls one service."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from autopack.worker import SCAN_QUEUE
from catalog_app.services.indexing import build_index
from catalog_app.services.queue import BUILD_INDEX, SURVEY_CANDIDATE
from catalog_app.services.scanning import execute_scan
from catalog_app.services.surveying import execute_candidate
from catalog_app.services.sweeping import sweep_catalog, sweep_mirrors
from catalog_app.services.verifying import EXECUTE_SCAN

_BEHIND_SCANS = -1
"""A list of hundreds of repositories keeps nobody waiting who verifies one source."""


@app.task(name=EXECUTE_SCAN, queue=SCAN_QUEUE, retry=RetryStrategy(max_attempts=5, linear_wait=2))
def verify_source(scan_pk: int) -> None:
    execute_scan(scan_pk)


@app.task(
    name=SURVEY_CANDIDATE,
    queue=SCAN_QUEUE,
    priority=_BEHIND_SCANS,
    retry=RetryStrategy(max_attempts=5, linear_wait=2),
)
def survey_candidate(candidate_pk: int) -> None:
    execute_candidate(candidate_pk)


@app.task(name=BUILD_INDEX, retry=RetryStrategy(max_attempts=5, linear_wait=2))
def index_catalog(catalog_pk: int) -> None:
    build_index(catalog_pk)


@app.periodic(cron="* * * * *")
@app.task(name="catalog_app.sweep", queueing_lock="sweep_catalog", lock="sweep_catalog")
def sweep_sources(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    sweep_catalog()


@app.periodic(cron="43 3 * * *")
@app.task(name="catalog_app.sweep_mirrors", queueing_lock="sweep_mirrors", lock="sweep_mirrors")
def clear_mirrors(timestamp: int) -> None:  # noqa: ARG001  # passed by name
    sweep_mirrors()
