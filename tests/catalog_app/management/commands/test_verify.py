"""`manage.py verify`: refusals, waiting, and exit statuses."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.management import following
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.scanning import execute_scan
from tests.support.catalog_factories import (
    CatalogFactory,
    FeatureFactory,
    RepoFactory,
    ScanFactory,
    SourceFactory,
)
from tests.support.license_texts import license_text
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.django_db(transaction=True)

MIT = license_text("MIT")


@pytest.fixture
def source(upstreams: Upstreams) -> FeatureSource:
    repo = upstreams.make({"LICENSE": MIT})
    source: FeatureSource = SourceFactory.create(
        feature=FeatureFactory.create(slug="cart"),
        repo=RepoFactory.create(repo_id="shop", fetch_from=str(repo.path)),
    )
    return source


def status_of(*args: str) -> int:
    """Exit status of the command."""
    try:
        call_command("verify", *args)
    except CommandError as error:
        return error.returncode
    return 0


@pytest.fixture
def _a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for scans runs them."""
    read = following._read_live

    def run_first(scan_pks: list[int]) -> object:
        for pk in read(scan_pks):
            execute_scan(pk)
        return read(scan_pks)

    monkeypatch.setattr(following, "_read_live", run_first)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["cart", "--all"],
        ["nothing"],
        ["cart/nothing"],
        ["999999"],
        ["cart", "--catalog", "none"],
        ["cart", "--from", "/etc"],
        ["cart", "--from", "http://github.com/a/b"],
        ["cart", "--at", "a\nb"],
        ["--all", "--repin"],
        ["--all", "--at", "main"],
    ],
)
@pytest.mark.usefixtures("source")
def test_what_cannot_be_asked_for_is_status_2_and_asks_for_nothing(args: list[str]) -> None:
    assert status_of(*args) == 2
    assert not SourceScan.objects.exists()


def test_one_place_is_not_that_of_several_repositories(source: FeatureSource, upstreams: Upstreams) -> None:
    SourceFactory.create(feature=source.feature)
    assert status_of("cart", "--from", str(upstreams.root / "shop")) == 2


def test_a_source_that_is_being_scanned_is_told_and_the_others_go_on(
    source: FeatureSource, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SourceFactory.create(feature=source.feature, repo__repo_id="store")
    ScanFactory.create(source=other)
    assert status_of("cart") == 2
    out = capsys.readouterr().out
    assert "cart/store: The source is being scanned already." in out
    assert "1 of 2 wait for the worker." in out
    assert SourceScan.objects.filter(source=source, state=ScanState.QUEUED.value).exists()


@pytest.mark.parametrize("target", ["cart", "cart/shop", "{pk}"])
def test_sources_are_named_by_feature_by_both_or_by_number(source: FeatureSource, target: str) -> None:
    assert status_of(target.format(pk=source.pk), "--reason", "A look.") == 0
    scan = SourceScan.objects.get()
    assert (scan.source_id, scan.requested_by, scan.reason) == (
        source.pk,
        "verify command (system:verify command)",
        "A look.",
    )


def test_all_are_those_of_the_catalog_that_are_not_retired(source: FeatureSource) -> None:
    SourceFactory.create(feature__catalog=CatalogFactory.create(slug="other"))
    SourceFactory.create(feature=source.feature, retired_at="2026-01-01T00:00Z")
    assert status_of("--all") == 0
    assert [scan.source_id for scan in SourceScan.objects.all()] == [source.pk]


@pytest.mark.usefixtures("_a_worker")
def test_waiting_shows_what_came_of_it(source: FeatureSource, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of("cart", "--wait") == 0
    out = capsys.readouterr().out
    assert "cart/shop" in out
    assert "Verified" in out
    assert "MIT" in out
    source.refresh_from_db()
    assert source.status == SourceStatus.VERIFIED


@pytest.mark.usefixtures("_a_worker")
def test_what_is_not_verified_is_status_1(
    source: FeatureSource, upstreams: Upstreams, capsys: pytest.CaptureFixture[str]
) -> None:
    FeatureSource.objects.filter(pk=source.pk).update(declared_license="ISC")
    assert status_of("cart", "--wait") == 1
    assert "Mismatch" in capsys.readouterr().out
    (upstreams.root / "shop").rename(upstreams.root / "gone")
    assert status_of("cart", "--wait") == 1
    assert "Failed" in capsys.readouterr().out


@pytest.mark.usefixtures("_a_worker")
def test_a_place_can_be_a_path_from_here(
    source: FeatureSource, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = upstreams.make({"LICENSE": MIT, "more": "1"}, name="clone")
    monkeypatch.chdir(upstreams.root)
    for place in ("clone", "./clone", str(Path("../upstream/clone"))):
        assert status_of("cart", "--wait", "--from", place, "--at", "main") == 0
    source.refresh_from_db()
    assert source.pinned_commit == clone.head()


@pytest.mark.usefixtures("_a_worker")
def test_says_of_every_source_what_came_of_it_however_narrow_the_terminal(
    source: FeatureSource, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    assert status_of("cart/shop", "--wait") == 0

    source.refresh_from_db()
    said = capsys.readouterr().out
    assert "cart/shop  Verified" in said
    assert "MIT was detected, as declared." in said
    assert f"MIT: allowed, quality {source.quality_score}, pinned at {source.pinned_commit[:12]}" in said
