"""Asking for scans of sources, and calling them off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import AutopackError, Refused
from autopack.queue import defer_once
from catalog_app.choices import ScanState
from catalog_app.errors import ScanOver, ScanRunning
from catalog_app.models import FeatureSource, SourceScan
from catalog_app.services.fetching import place_rules
from catalog_app.services.recording import signature
from catalog_app.verification.errors import PlaceRefused
from catalog_app.verification.mirror import mirror_name
from catalog_app.verification.places import FetchPlace, check_place

EXECUTE_SCAN: Final = "catalog_app.execute_scan"
_MAX_REVISION_LENGTH = 255


@dataclass(frozen=True, slots=True)
class RefusedScan:
    source: FeatureSource
    error: AutopackError


@dataclass(frozen=True, slots=True)
class RequestedScans:
    """What came of a request for many: scans that wait now, and sources that are not scanned, with why."""

    scans: Sequence[SourceScan]
    refused: Sequence[RefusedScan]


def request_scan(
    source: FeatureSource,
    *,
    actor: Actor,
    reason: str = "",
    fetch_from: str = "",
    revision: str = "",
    is_repin: bool = False,
) -> SourceScan:
    """Have the worker verify a source: at its pin, or without one at the head of its branch.

    `fetch_from` replaces the repository's own place for this once. `revision` and `is_repin` move the pin:
    to that branch, tag or commit, or to the head. Raises ScanRunning; Refused for a retired source, a
    revision that is none, and a place that is not fetched from (with the place's own code).
    """
    _ensure_revision(revision)
    with transaction.atomic():
        locked = (
            FeatureSource.objects.select_for_update(of=("self",))
            .select_related("repo", "feature")
            .get(pk=source.pk)
        )
        _ensure_active(locked)
        _ensure_not_running(locked)
        place = _find_place(locked, fetch_from)
        scan = SourceScan.objects.create(
            source=locked,
            requested_by=signature(actor),
            reason=reason.strip(),
            fetch_from=place.url,
            revision=revision,
            is_repin=is_repin or bool(revision),
            step="waits for the worker",
        )
        defer_scan(scan, place)
    return scan


def request_scan_once(
    source: FeatureSource,
    *,
    actor: Actor,
    reason: str = "",
    fetch_from: str = "",
    revision: str = "",
    is_repin: bool = False,
) -> SourceScan:
    """`request_scan` for callers who may not know whether they have asked already: who asks for the same
    again gets the scan that is on its way. Raises ScanRunning where that one looks at something else."""
    try:
        return request_scan(
            source,
            actor=actor,
            reason=reason,
            fetch_from=fetch_from,
            revision=revision,
            is_repin=is_repin,
        )
    except ScanRunning as error:
        running = SourceScan.objects.live().filter(source=source).first()
        wanted = (_find_place(source, fetch_from).url, revision, is_repin or bool(revision))
        if running is None or wanted != (running.fetch_from, running.revision, running.is_repin):
            raise error
        return running


def request_scans(
    sources: Iterable[FeatureSource],
    *,
    actor: Actor,
    reason: str = "",
    fetch_from: str = "",
    revision: str = "",
    is_repin: bool = False,
) -> RequestedScans:
    """`request_scan` for many; what is refused for one does not keep the others."""
    scans: list[SourceScan] = []
    refused: list[RefusedScan] = []
    for source in sources:
        try:
            scan = request_scan(
                source,
                actor=actor,
                reason=reason,
                fetch_from=fetch_from,
                revision=revision,
                is_repin=is_repin,
            )
        except AutopackError as error:
            refused.append(RefusedScan(source, error))
        else:
            scans.append(scan)
    return RequestedScans(scans, refused)


def cancel_scan(scan: SourceScan, *, actor: Actor, reason: str = "") -> SourceScan:
    """Call a scan off. One that waits ends now, one that runs within seconds; the source stays as it is.

    Raises ScanOver for one that has ended.
    """
    with transaction.atomic():
        locked = SourceScan.objects.select_for_update().get(pk=scan.pk)
        if not locked.is_live:
            raise ScanOver(
                f"The scan has ended: it is {ScanState(locked.state).label.lower()}.",
                state=locked.state,
                allowed=[],
            )
        why = f": {reason.strip()}" if reason.strip() else "."
        locked.is_cancel_requested = True
        locked.detail = f"Cancelled by {actor.name}{why}"
        if locked.state == ScanState.QUEUED:
            locked.state = ScanState.CANCELLED.value
            locked.finished_at = timezone.now()
        locked.save(update_fields=["is_cancel_requested", "detail", "state", "finished_at"])
    return locked


def defer_scan(scan: SourceScan, place: FetchPlace) -> bool:
    """Queue the scan's job. False: it is queued already. Scans of one repository go one after the other:
    they share its mirror."""
    return defer_once(
        EXECUTE_SCAN,
        lock=f"mirror:{mirror_name(place.key)}",
        queueing_lock=f"scan:{scan.pk}",
        scan_pk=scan.pk,
    )


def _ensure_revision(revision: str) -> None:
    if len(revision) > _MAX_REVISION_LENGTH or revision != revision.strip() or not revision.isprintable():
        raise Refused(
            "A revision is the name of a branch or a tag, or a commit's id.", code="invalid_revision"
        )


def _ensure_active(source: FeatureSource) -> None:
    if source.retired_at is not None or source.feature.retired_at is not None:
        raise Refused("The source is retired. Bring it back before it is verified.", code="source_retired")


def _ensure_not_running(source: FeatureSource) -> None:
    running = SourceScan.objects.live().filter(source=source).first()
    if running is not None:
        raise ScanRunning(
            "The source is being scanned already.",
            state=running.state,
            allowed=["cancel"],
            scan_id=running.pk,
        )


def _find_place(source: FeatureSource, fetch_from: str) -> FetchPlace:
    text = fetch_from or source.repo.fetch_from or source.repo.url
    if not fetch_from and not source.repo.fetch_from and not source.repo.url_key:
        raise Refused(
            f"{source.repo.repo_id} has no real address. Give it one, or say where to fetch it from.",
            code="repository_without_address",
        )
    try:
        return check_place(text, place_rules())
    except PlaceRefused as error:
        raise Refused(str(error), code=error.code) from None
