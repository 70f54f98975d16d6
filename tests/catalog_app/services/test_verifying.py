"""Asking for scans, and calling them off."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.choices import ScanState
from catalog_app.errors import ScanOver, ScanRunning
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.trusting import retire_features, retire_sources
from catalog_app.services.verifying import cancel_scan, request_scan, request_scans
from tests.support.catalog_factories import RepoFactory, ScanFactory, SourceFactory
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> FeatureSource:
    source: FeatureSource = SourceFactory.create()
    return source


def test_retired_sources_are_not_scanned(source: FeatureSource, curator: Actor) -> None:
    retire_sources([source], actor=curator, reason="Old.")
    with pytest.raises(Refused) as caught:
        request_scan(source, actor=curator)
    assert caught.value.problem_code == "source_retired"
    other: FeatureSource = SourceFactory.create()
    retire_features([other.feature], actor=curator, reason="Old.")
    with pytest.raises(Refused, match="retired"):
        request_scan(other, actor=curator)
    assert not SourceScan.objects.exists()


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("http://github.com/a/b", "transport_refused"),
        ("ext::sh -c x", "transport_refused"),
        ("https://ada:hunter2@github.com/a/b", "credentials_in_url"),
        ("https://evil.example.com/a/b", "host_refused"),
        ("/etc", "outside_roots"),
        ("file:///etc", "outside_roots"),
        ("--upload-pack=x", "malformed_place"),
    ],
)
def test_places_that_are_not_fetched_from_are_refused_with_their_code(
    source: FeatureSource, curator: Actor, place: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        request_scan(source, actor=curator, fetch_from=place)
    assert caught.value.problem_code == code
    assert "hunter2" not in caught.value.detail
    assert not SourceScan.objects.exists()


def test_a_repository_without_an_address_is_refused(curator: Actor) -> None:
    source: FeatureSource = SourceFactory.create(
        repo=RepoFactory.create(url="https://github.com/...", url_key="")
    )
    with pytest.raises(Refused) as caught:
        request_scan(source, actor=curator)
    assert caught.value.problem_code == "repository_without_address"


@pytest.mark.parametrize("revision", [" main", "a\nb", "x" * 256])
def test_revisions_that_are_none_are_refused(source: FeatureSource, curator: Actor, revision: str) -> None:
    with pytest.raises(Refused) as caught:
        request_scan(source, actor=curator, revision=revision)
    assert caught.value.problem_code == "invalid_revision"


@pytest.mark.parametrize("state", ScanState.live())
def test_a_source_has_one_scan_at_a_time(source: FeatureSource, curator: Actor, state: ScanState) -> None:
    running = ScanFactory.create(source=source, state=state.value)
    with pytest.raises(ScanRunning) as caught:
        request_scan(source, actor=curator)
    assert caught.value.extra == {"state": state.value, "allowed": ["cancel"], "scan_id": running.pk}


def test_a_scan_waits_for_the_worker_with_its_job(source: FeatureSource, curator: Actor) -> None:
    scan = request_scan(source, actor=curator, reason=" Is it still MIT? ")
    assert (scan.state, scan.requested_by, scan.reason) == (
        ScanState.QUEUED,
        "ada (user:7)",
        "Is it still MIT?",
    )
    assert (scan.fetch_from, scan.revision, scan.is_repin) == (source.repo.url, "", False)
    job = ProcrastinateJob.objects.get(queueing_lock=f"scan:{scan.pk}")
    assert (job.queue_name, job.args) == ("scans", {"scan_pk": scan.pk})
    assert job.lock is not None
    assert job.lock.startswith("mirror:github-com-example-")


def test_scans_of_one_repository_share_a_lock(curator: Actor) -> None:
    repo = RepoFactory.create()
    scans = [request_scan(SourceFactory.create(repo=repo), actor=curator) for _ in range(2)]
    locks = {ProcrastinateJob.objects.get(queueing_lock=f"scan:{scan.pk}").lock for scan in scans}
    assert len(locks) == 1


def test_a_revision_moves_the_pin_and_another_place_is_for_once(
    source: FeatureSource, curator: Actor, upstreams: Upstreams
) -> None:
    repo = upstreams.make()
    scan = request_scan(source, actor=curator, revision="v2.0", fetch_from=f"{repo.path}/")
    assert (scan.revision, scan.is_repin, scan.fetch_from) == ("v2.0", True, repo.path.as_uri())
    assert source.repo.fetch_from == ""


def test_a_repository_is_fetched_from_its_own_place(curator: Actor, upstreams: Upstreams) -> None:
    repo = upstreams.make()
    source: FeatureSource = SourceFactory.create(repo=RepoFactory.create(fetch_from=str(repo.path)))
    assert request_scan(source, actor=curator).fetch_from == repo.path.as_uri()


def test_of_many_those_that_are_refused_do_not_keep_the_others(source: FeatureSource, curator: Actor) -> None:
    running = ScanFactory.create().source
    requested = request_scans([running, source], actor=curator, reason="All of them.")
    assert [scan.source_id for scan in requested.scans] == [source.pk]
    assert [(one.source.pk, one.error.problem_code) for one in requested.refused] == [
        (running.pk, "scan_running")
    ]


@pytest.mark.parametrize("state", [state for state in ScanState if not state.is_live])
def test_what_has_ended_cannot_be_cancelled(source: FeatureSource, curator: Actor, state: ScanState) -> None:
    over = {"state": state.value, "finished_at": "2026-01-01T00:00Z"}
    outcome = {"outcome": "verified"} if state == ScanState.DONE else {}
    scan = ScanFactory.create(source=source, **over, **outcome)
    with pytest.raises(ScanOver) as caught:
        cancel_scan(scan, actor=curator)
    assert caught.value.extra == {"state": state.value, "allowed": []}


def test_a_scan_that_waits_ends_at_once(source: FeatureSource, curator: Actor) -> None:
    scan = cancel_scan(request_scan(source, actor=curator), actor=curator, reason="Not now.")
    assert (scan.state, scan.detail) == (ScanState.CANCELLED, "Cancelled by ada: Not now.")
    assert scan.finished_at is not None
    assert request_scan(source, actor=curator).pk != scan.pk


def test_a_scan_that_runs_is_told(source: FeatureSource, curator: Actor) -> None:
    scan = cancel_scan(ScanFactory.create(source=source, state=ScanState.FETCHING.value), actor=curator)
    assert (scan.state, scan.is_cancel_requested) == (ScanState.FETCHING, True)
