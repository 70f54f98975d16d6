"""The worker's tasks do what their services do, on the lanes that are theirs."""

import pytest
from procrastinate.contrib.django import app

from autopack.actors import Actor
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.services.verifying import EXECUTE_SCAN, request_scan
from catalog_app.tasks import clear_mirrors, sweep_sources, verify_source
from tests.support.catalog_factories import RepoFactory, SourceFactory
from tests.support.license_texts import license_text
from tests.support.upstreams import Upstreams


def test_scans_have_a_lane_of_their_own() -> None:
    assert app.tasks[EXECUTE_SCAN].queue == "scans"
    assert app.tasks["catalog_app.sweep"].queue == "default"


@pytest.mark.django_db(transaction=True)
def test_a_scan_is_run_to_its_end(upstreams: Upstreams, curator: Actor) -> None:
    repo = upstreams.make({"LICENSE": license_text("MIT")})
    source = SourceFactory.create(repo=RepoFactory.create(fetch_from=str(repo.path)))
    scan = request_scan(source, actor=curator)
    verify_source(scan.pk)
    sweep_sources(0)
    clear_mirrors(0)
    assert list(upstreams.mirrors.glob("*.git"))
    scan.refresh_from_db()
    assert (scan.state, scan.outcome) == (ScanState.DONE, SourceStatus.VERIFIED)
