"""What time does to the catalog: evidence grows old, and what a dead worker looked at is taken up,
what nothing speaks of any more goes.

Every function is safe to run anywhere, any number of times.
"""

import logging
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from autopack.actors import system_actor
from autopack.errors import AutopackError
from autopack.sweeping import deal_with_each
from catalog_app.choices import SourceStatus
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.fetching import mirrors_root, place_rules
from catalog_app.services.indexing import requeue_indexes
from catalog_app.services.outcomes import record_failure, stale_after
from catalog_app.services.recording import record_changed
from catalog_app.services.reuse_outcomes import prune_outcomes
from catalog_app.services.sealing import changing
from catalog_app.services.surveying import requeue_candidates
from catalog_app.services.verifying import defer_scan, request_scan
from catalog_app.verification.clearing import clear_unused_mirrors
from catalog_app.verification.errors import PlaceRefused
from catalog_app.verification.places import check_place

logger = logging.getLogger(__name__)

SWEEPER: Final = system_actor("catalog sweeper")
STALE_HEARTBEAT = timedelta(seconds=60)
MOST_AT_ONCE = 20
"""Scans that one look at what is due asks for; the next ones wait for the next look."""
MIRROR_UNUSED_AFTER = timedelta(days=90)
_PAUSE_AFTER_FAILURE = timedelta(days=1)
_SPREAD = 0.2
"""What is due after 30 days is due after 27 to 33, by the source's number: not all on one day."""


def sweep_catalog() -> dict[str, int]:
    """Do all of it once. Returns how many of each were dealt with."""
    swept = {
        "scans": requeue_orphaned_scans(),
        "candidates": requeue_candidates(),
        "pins": mark_old_pins_stale(),
        "due": request_due_scans(),
        "indexes": requeue_indexes(),
        "outcomes": prune_outcomes(),
    }
    if any(swept.values()):
        logger.info("swept %s", ", ".join(f"{count} {name}" for name, count in swept.items() if count))
    return swept


def requeue_orphaned_scans() -> int:
    """Queue scans that nobody works on: their job was lost, or their worker is gone."""
    silent = timezone.now() - STALE_HEARTBEAT
    orphans = SourceScan.objects.live().filter(
        Q(heartbeat_at__lte=silent) | Q(heartbeat_at=None, created_at__lte=silent)
    )
    return deal_with_each(_requeue, orphans.values_list("pk", flat=True))


def mark_old_pins_stale() -> int:
    """Verified sources whose pin is old, and that upstream had moved on from when it was last looked at."""
    old = (
        FeatureSource.objects.active()
        .filter(status=SourceStatus.VERIFIED.value, pinned_at__lte=timezone.now() - stale_after())
        .exclude(last_scan__head_commit__in=["", F("pinned_commit")])
    )
    return deal_with_each(_mark_stale, old.values_list("pk", flat=True))


def request_due_scans() -> int:
    """Ask for scans of what was verified once and has not been looked at for long."""
    if settings.REVERIFY_DAYS <= 0:
        return 0
    requested = 0
    for source_pk in _list_due(settings.REVERIFY_DAYS):
        requested += _request_due(source_pk)
        if requested == MOST_AT_ONCE:
            break
    return requested


def sweep_mirrors() -> int:
    """Remove mirrors that no scan has used for long. Returns how many."""
    return clear_unused_mirrors(mirrors_root(), unused_since=timezone.now() - MIRROR_UNUSED_AFTER)


def _requeue(scan_pk: int) -> bool:
    scan = SourceScan.objects.select_related("source__feature").get(pk=scan_pk)
    try:
        place = check_place(scan.fetch_from, place_rules())
    except PlaceRefused as error:
        # The rules have changed since it was asked for.
        return record_failure(scan, code=error.code, detail=str(error))
    return defer_scan(scan, place)


def _mark_stale(source_pk: int) -> bool:
    catalog_id = FeatureSource.objects.values_list("feature__catalog_id", flat=True).get(pk=source_pk)
    with changing([catalog_id]) as changes:
        source = (
            FeatureSource.objects.select_for_update(of=("self",))
            .select_related("feature__catalog__license_policy", "repo")
            .get(pk=source_pk)
        )
        age = timezone.now() - source.pinned_at if source.pinned_at else timedelta()
        if source.status != SourceStatus.VERIFIED or age < stale_after():
            return False
        source.status = SourceStatus.STALE.value
        source.status_detail = (
            f"The pin is {age.days} days old, and upstream went on since. Verify and pin its head anew."
        )
        decide_sources([source], terms_of(source.feature.catalog.license_policy))
        fields = ["status", "status_detail", *DECISION_FIELDS]
        record_changed([source], fields, actor=SWEEPER, reason=source.status_detail)
        changes.touch([source.feature_id])
    return True


_DUE = """
SELECT source.id FROM catalog_app_featuresource source
JOIN catalog_app_feature feature ON feature.id = source.feature_id AND feature.retired_at IS NULL
JOIN catalog_app_sourcescan last ON last.id = source.last_scan_id
WHERE source.retired_at IS NULL
  AND last.finished_at <= %(now)s - %(days)s * interval '1 day'
      * (1 - %(spread)s / 2.0 + %(spread)s * (source.id %% 101) / 100.0)
  AND NOT EXISTS (SELECT 1 FROM catalog_app_sourcescan recent
                  WHERE recent.source_id = source.id AND recent.created_at > %(paused)s)
ORDER BY random() LIMIT 500
"""
"""In any order: those that cannot be asked for must not keep the others waiting."""


def _list_due(days: int) -> list[int]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE, {"now": now, "days": days, "spread": _SPREAD, "paused": now - _PAUSE_AFTER_FAILURE}
        )
        return [row[0] for row in cursor.fetchall()]


def _request_due(source_pk: int) -> bool:
    source = FeatureSource.objects.get(pk=source_pk)
    try:
        request_scan(source, actor=SWEEPER, reason=f"Due after {settings.REVERIFY_DAYS} days.")
    except AutopackError as error:
        logger.info("source %s is due, but cannot be verified: %s", source_pk, error.detail)
        return False
    return True
