"""What a scan changes: its own row, and the source as its evidence has it."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from autopack.actors import system_actor
from catalog_app.choices import Ownership, ScanState, SourceStatus
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.evidence import EVIDENCE_FIELDS
from catalog_app.services.recording import record_changed
from catalog_app.services.sealing import changing
from catalog_app.verification.conclusion import Claim, Conclusion, conclude
from catalog_app.verification.examining import (
    Examination,
    evidence_as_json,
    measures_as_json,
    quality_as_json,
)
from catalog_app.verification.quality import Quality, score_quality
from catalog_app.verification.texts import storable

SCANNER: Final = system_actor("scanner")
_DAYS_OF_MONTH = 30.44

# Failures that say something about the source, and not about what was asked or about this machine.
_OF_THE_REPOSITORY = frozenset(
    {
        "unreachable",
        "repository_not_found",
        "empty_repository",
        "too_large",
        "timed_out",
        "pin_gone",
        "host_refused",
        "outside_roots",
        "place_refused",
        "transport_refused",
    }
)


def stale_after() -> timedelta:
    return timedelta(days=settings.STALE_AFTER_MONTHS * _DAYS_OF_MONTH)


def record_outcome(scan: SourceScan, examination: Examination) -> bool:
    """Write what was found: all of it, or nothing if the scan is no longer this worker's (False).

    What a curator changed meanwhile counts: the licence is compared with the declared one of now, and a scan
    of paths or of a pin that are not those of now says nothing about the source.
    """
    catalog_id = scan.source.feature.catalog_id
    with changing([catalog_id]) as changes:
        locked = _lock_scan(scan)
        if locked is None:
            return False
        if locked.is_cancel_requested:
            end_cancelled(locked)
            return True
        source = _lock_source(scan.source_id)
        if _is_overtaken(scan, source):
            _fail(
                locked,
                code="source_changed",
                detail="The paths or the pin changed while the scan ran. Verify the source again.",
            )
            return True
        now = timezone.now()
        claim = Claim(
            source.declared_license,
            is_own=source.repo.ownership == Ownership.OWN,
            pinned_commit=source.pinned_commit,
            pinned_at=source.pinned_at,
        )
        conclusion = conclude(
            claim, examination.found, head=examination.head, now=now, stale_after=stale_after()
        )
        quality = None if examination.measures is None else score_quality(examination.measures, now)
        _write_scan(locked, examination, conclusion, quality)
        _write_source(source, locked, conclusion)
        decide_sources([source], terms_of(source.feature.catalog.license_policy))
        fields = [*EVIDENCE_FIELDS, "unreachable_since", *DECISION_FIELDS]
        record_changed([source], fields, actor=SCANNER, reason=_why(locked))
        changes.touch([source.feature_id])
    return True


def record_failure(scan: SourceScan, *, code: str, detail: str) -> bool:
    """End a scan that came to no conclusion. False: it is no longer this worker's.

    What is known of the source stays. If nothing is, and the repository is the reason, it is unreachable.
    """
    if code not in _OF_THE_REPOSITORY:
        with transaction.atomic():
            locked = _lock_scan(scan)
            if locked is not None:
                _fail(locked, code=code, detail=detail)
        return locked is not None
    with changing([scan.source.feature.catalog_id]) as changes:
        locked = _lock_scan(scan)
        if locked is None:
            return False
        _fail(locked, code=code, detail=detail)
        source = _lock_source(scan.source_id)
        fields = ["unreachable_since"] if source.unreachable_since is None else []
        source.unreachable_since = source.unreachable_since or timezone.now()
        if source.last_scan_id is None and source.status in (SourceStatus.DECLARED, SourceStatus.UNREACHABLE):
            source.status, source.status_detail = SourceStatus.UNREACHABLE.value, storable(detail)
            fields += ["status", "status_detail"]
        record_changed([source] if fields else [], fields, actor=SCANNER, reason=_why(locked))
        changes.touch([source.feature_id])
    return True


def end_cancelled(scan: SourceScan) -> bool:
    """End a scan that was called off. False: it is no longer this worker's."""
    live = SourceScan.objects.live().filter(pk=scan.pk, times_started=scan.times_started)
    values = {"state": ScanState.CANCELLED.value, "step": "", "finished_at": timezone.now()}
    return live.update(**values) == 1


def _lock_scan(scan: SourceScan) -> SourceScan | None:
    return (
        SourceScan.objects.live()
        .select_for_update()
        .filter(pk=scan.pk, times_started=scan.times_started)
        .first()
    )


def _lock_source(source_pk: int) -> FeatureSource:
    return (
        FeatureSource.objects.select_for_update(of=("self",))
        .select_related("feature__catalog__license_policy", "repo", "last_scan")
        .get(pk=source_pk)
    )


def _is_overtaken(scan: SourceScan, source: FeatureSource) -> bool:
    """Whether the source is another than the one that the scan began with."""
    began = scan.source
    return (began.paths, began.pinned_commit) != (source.paths, source.pinned_commit)


def _write_scan(
    scan: SourceScan, examination: Examination, conclusion: Conclusion, quality: Quality | None
) -> None:
    scan.state = ScanState.DONE.value
    scan.step = ""
    scan.progress_percent = 100
    scan.commit = examination.commit
    scan.head_commit = examination.head_commit
    scan.outcome = conclusion.outcome.value
    scan.detail = storable(conclusion.outcome_detail)
    scan.detected_license = conclusion.detected
    scan.effective_license = conclusion.effective
    scan.evidence = evidence_as_json(examination)
    scan.measures = measures_as_json(examination.measures)
    scan.quality_score = _score(quality)
    scan.quality = {} if quality is None else quality_as_json(quality)
    scan.finished_at = timezone.now()
    scan.save()


def _write_source(source: FeatureSource, scan: SourceScan, conclusion: Conclusion) -> None:
    source.status, source.status_detail = conclusion.status.value, storable(conclusion.detail)
    source.unreachable_since = None
    if not conclusion.is_of_pin:
        return
    if source.pinned_commit != conclusion.pin:
        source.pinned_commit, source.pinned_at = conclusion.pin, scan.finished_at
    source.detected_license = conclusion.detected
    source.effective_license = conclusion.effective
    source.nested_licenses = scan.evidence["nested"]
    source.quality_score = scan.quality_score
    source.last_scan = scan
    if conclusion.status == SourceStatus.VERIFIED:
        source.verified_at = scan.finished_at
    elif conclusion.status != SourceStatus.STALE:
        source.verified_at = None


def _fail(scan: SourceScan, *, code: str, detail: str) -> None:
    scan.state = ScanState.FAILED.value
    scan.step = ""
    scan.error_code = code
    scan.detail = storable(detail)
    scan.finished_at = timezone.now()
    scan.save(update_fields=["state", "step", "error_code", "detail", "finished_at"])


def _score(quality: Quality | None) -> Decimal | None:
    return None if quality is None else Decimal(str(quality.score))


def _why(scan: SourceScan) -> str:
    """For the history: which scan, who asked for it and why."""
    return f"Scan {scan.pk}, asked for by {scan.requested_by}{f': {scan.reason}' if scan.reason else '.'}"
