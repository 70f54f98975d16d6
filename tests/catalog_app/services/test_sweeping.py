"""What time does to the catalog."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models import FeatureSource, OutcomeSnapshot, SourceScan
from catalog_app.services import sweeping
from catalog_app.services.reuse_outcomes import prune_outcomes
from catalog_app.services.sweeping import (
    mark_old_pins_stale,
    request_due_scans,
    requeue_orphaned_scans,
    sweep_catalog,
)
from tests.support.catalog_factories import RepoFactory, ScanFactory, SourceFactory, verified_source
from tests.support.factories import object_id
from tests.support.plan_factories import PlanVersionFactory, TemplateVersionFactory

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def last_scan(source: FeatureSource) -> int:
    assert source.last_scan_id is not None
    return source.last_scan_id


def verified_long_ago(days: float, **more: object) -> FeatureSource:
    source = verified_source(**more)
    SourceScan.objects.filter(pk=last_scan(source)).update(
        finished_at=days_ago(days), created_at=days_ago(days)
    )
    return source


def test_scans_that_somebody_works_on_are_left_alone() -> None:
    ScanFactory.create()
    ScanFactory.create(state=ScanState.FETCHING.value, heartbeat_at=timezone.now())
    done = verified_source().last_scan
    assert done is not None
    assert requeue_orphaned_scans() == 0
    assert not ProcrastinateJob.objects.exists()


def test_scans_that_nobody_works_on_are_queued_again_once() -> None:
    lost = ScanFactory.create(fetch_from="https://github.com/a/b")
    SourceScan.objects.filter(pk=lost.pk).update(created_at=days_ago(1))
    silent = ScanFactory.create(
        fetch_from="https://github.com/a/c", state=ScanState.INSPECTING.value, heartbeat_at=days_ago(0.1)
    )
    assert requeue_orphaned_scans() == 2
    assert requeue_orphaned_scans() == 0
    assert {job.args["scan_pk"] for job in ProcrastinateJob.objects.all()} == {lost.pk, silent.pk}


def test_a_lost_scan_of_a_place_that_is_no_longer_allowed_ends() -> None:
    scan = ScanFactory.create(fetch_from="https://evil.example.com/a/b")
    SourceScan.objects.filter(pk=scan.pk).update(created_at=days_ago(1))
    requeue_orphaned_scans()
    scan.refresh_from_db()
    assert (scan.state, scan.error_code) == (ScanState.FAILED, "host_refused")


def test_nothing_is_due_that_is_young_retired_never_verified_or_just_tried(settings: Settings) -> None:
    verified_long_ago(20)
    SourceFactory.create()
    retired = verified_long_ago(99)
    FeatureSource.objects.filter(pk=retired.pk).update(retired_at=timezone.now())
    tried = verified_long_ago(99)
    ScanFactory.create(source=tried, state=ScanState.FAILED.value, finished_at=timezone.now())
    assert request_due_scans() == 0
    verified_long_ago(99)
    settings.REVERIFY_DAYS = 0
    assert request_due_scans() == 0


def test_what_was_verified_once_is_due_again() -> None:
    for status in (SourceStatus.VERIFIED, SourceStatus.STALE, SourceStatus.MISMATCH):
        source = verified_long_ago(40)
        FeatureSource.objects.filter(pk=source.pk).update(status=status.value)
    assert request_due_scans() == 3
    assert request_due_scans() == 0
    scan = SourceScan.objects.live().first()
    assert scan is not None
    assert (scan.requested_by, scan.reason) == (
        "catalog sweeper (system:catalog sweeper)",
        "Due after 30 days.",
    )


def test_not_everything_is_due_on_the_same_day_or_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # By their numbers some are due a little earlier than others.
    sources = [verified_long_ago(30, id=1_010_000 + number) for number in range(0, 101, 5)]
    due = request_due_scans()
    assert 0 < due < len(sources)
    SourceScan.objects.all().update(finished_at=days_ago(60), created_at=days_ago(60))
    SourceScan.objects.live().update(state=ScanState.FAILED.value)
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 5)
    assert request_due_scans() == 5


def test_sources_that_cannot_be_scanned_do_not_keep_the_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 1)
    for _ in range(3):
        verified_long_ago(99, repo=RepoFactory.create(url="https://elsewhere.example.com/a/b"))
    good = verified_long_ago(99)
    assert request_due_scans() == 1
    assert SourceScan.objects.live().get().source_id == good.pk


def snapshot(digest: str, days: float) -> OutcomeSnapshot:
    return OutcomeSnapshot.objects.create(digest=digest, content=[], published_at=days_ago(days))


def test_counts_of_reuse_that_may_still_be_named_stay() -> None:
    assert prune_outcomes() == 0
    snapshot("named", 9)
    snapshot("kept", 8)
    snapshot("in force until an hour ago", 7)
    snapshot("newest", 0.04)
    PlanVersionFactory.create(outcomes_digest="named")
    TemplateVersionFactory.create(outcomes_digest="kept")
    assert prune_outcomes() == 0


def test_counts_of_reuse_that_nothing_names_go_a_day_after_they_were_overtaken() -> None:
    for digest, days in (("old", 9), ("named", 8), ("also old", 7), ("newest", 1.1)):
        snapshot(digest, days)
    PlanVersionFactory.create(outcomes_digest="named")
    assert sweep_catalog()["outcomes"] == 2
    assert set(OutcomeSnapshot.objects.values_list("digest", flat=True)) == {"named", "newest"}


def test_pins_that_are_young_or_still_the_head_do_not_go_stale() -> None:
    young = verified_source()
    FeatureSource.objects.filter(pk=young.pk).update(pinned_at=days_ago(100))
    SourceScan.objects.filter(pk=last_scan(young)).update(head_commit=object_id("head"))
    head = verified_source()
    FeatureSource.objects.filter(pk=head.pk).update(pinned_at=days_ago(1000))
    SourceScan.objects.filter(pk=last_scan(head)).update(head_commit=head.pinned_commit)
    assert mark_old_pins_stale() == 0


def test_an_old_pin_that_upstream_moved_on_from_goes_stale_with_its_evidence_kept() -> None:
    source = verified_source()
    FeatureSource.objects.filter(pk=source.pk).update(pinned_at=days_ago(400))
    SourceScan.objects.filter(pk=last_scan(source)).update(head_commit=object_id("head"))
    digest = source.feature.digest
    assert sweep_catalog()["pins"] == 1
    before = source.pinned_commit
    source.refresh_from_db()
    assert (source.status, source.pinned_commit, source.quality_score) == (
        SourceStatus.STALE,
        before,
        Decimal("0.80"),
    )
    assert source.status_detail.startswith("The pin is 400 days old")
    source.feature.refresh_from_db()
    assert source.feature.digest != digest
    last = source.history.first()
    assert last is not None
    assert last.history_change_reason == source.status_detail
    assert mark_old_pins_stale() == 0
