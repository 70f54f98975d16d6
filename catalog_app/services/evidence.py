"""A source's columns as the evidence has it.

Evidence is about one commit and never changes; what it means depends on the declared licence and the pin.
So when a curator changes one of these, the stored scan is read again instead of the repository.
"""

from collections.abc import Iterable, Sequence

from catalog_app.choices import ScanState, SourceStatus
from catalog_app.licensing import compare_licenses
from catalog_app.models import FeatureSource, SourceScan

EVIDENCE_FIELDS = (
    "status",
    "status_detail",
    "pinned_commit",
    "pinned_at",
    "detected_license",
    "effective_license",
    "nested_licenses",
    "quality_score",
    "last_scan",
    "verified_at",
)


def reconsider(sources: Iterable[FeatureSource]) -> None:
    """Bring sources whose pin or declared licence was changed in line with what scans have found: by the
    last conclusive scan of the pinned commit; where there is none they are merely declared.

    Nothing is saved. A source without a pin is judged by its last scan, and pinned if that verifies it.
    """
    rows = list(sources)
    scans, newest = _conclusive_scans(rows)
    for source in rows:
        scan = scans.get((source.pk, source.pinned_commit)) if source.pinned_commit else source.last_scan
        if scan is None:
            _forget(source)
        else:
            _read_again(source, scan)
            _remember_failed_move(source, scan, newest.get(source.pk))


def _conclusive_scans(
    sources: Sequence[FeatureSource],
) -> tuple[dict[tuple[int, str], SourceScan], dict[int, SourceScan]]:
    """The last of each commit, and the last of all."""
    pinned = {source.pk for source in sources if source.pinned_commit}
    scans = SourceScan.objects.filter(source__in=pinned, state=ScanState.DONE.value).order_by("pk")
    by_commit, newest = {}, {}
    for scan in scans:
        by_commit[scan.source_id, scan.commit] = newest[scan.source_id] = scan
    return by_commit, newest


def _forget(source: FeatureSource) -> None:
    source.status = SourceStatus.DECLARED.value
    source.status_detail = "Pinned by a curator, not verified yet." if source.pinned_commit else ""
    source.detected_license = source.effective_license = ""
    source.nested_licenses = {}
    source.quality_score = source.last_scan = source.verified_at = None


def _read_again(source: FeatureSource, scan: SourceScan) -> None:
    source.last_scan = scan
    source.detected_license = scan.detected_license
    source.effective_license = scan.effective_license
    source.nested_licenses = scan.evidence.get("nested", {})
    source.quality_score = scan.quality_score
    if scan.outcome not in (SourceStatus.VERIFIED.value, SourceStatus.MISMATCH.value):
        source.status, source.status_detail = scan.outcome, scan.detail
        return
    comparison = compare_licenses(source.declared_license, scan.detected_license)
    source.status_detail = comparison.detail
    if comparison.is_match and not scan.effective_license:
        below = scan.evidence.get("effective_reason", "")
        source.status = SourceStatus.UNKNOWN_LICENSE.value
        source.status_detail = f"{comparison.detail} But below the paths: {below}"
        source.verified_at = None
    elif comparison.is_match:
        source.status = SourceStatus.VERIFIED.value
        source.pinned_commit, source.pinned_at = scan.commit, source.pinned_at or scan.finished_at
        source.verified_at = scan.finished_at
    else:
        source.status = SourceStatus.MISMATCH.value
        source.verified_at = None


def _remember_failed_move(source: FeatureSource, scan: SourceScan, newest: SourceScan | None) -> None:
    """A pin that was to be moved, and could not, is stale until a scan says otherwise."""
    if newest is None or newest.commit == scan.commit or source.status != SourceStatus.VERIFIED:
        return
    if newest.is_repin and newest.outcome != SourceStatus.VERIFIED:
        source.status = SourceStatus.STALE.value
        source.status_detail = (
            f"The pin stays where it is; it could not be moved to {newest.commit[:12]}: {newest.detail}"
        )
