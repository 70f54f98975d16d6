"""Running one scan on this worker: fetch, look, conclude. No transaction is held while git works."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from autopack.git.errors import GitError
from catalog_app.choices import ScanState
from catalog_app.models import SourceScan
from catalog_app.services.fetching import get_detector, open_mirror
from catalog_app.services.outcomes import end_cancelled, record_failure, record_outcome
from catalog_app.verification.detection import LicenseDetector
from catalog_app.verification.errors import Cancelled, UnknownRevision, VerificationError
from catalog_app.verification.examining import Examination, Question, Stage, examine
from catalog_app.verification.watching import Watch

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
MOST_STARTS: Final = 5
_PAUSE_SECONDS = 0.5
"""Between two writes of the progress."""
_FETCH_SHARE = 80
"""Of the progress, in percent."""
_STEPS = {
    Stage.FETCHING: (ScanState.FETCHING, "fetches the repository", 0),
    Stage.INSPECTING: (ScanState.INSPECTING, "looks for licences", _FETCH_SHARE),
    Stage.MEASURING: (ScanState.INSPECTING, "measures", 95),
}


def execute_scan(scan_pk: int, *, detector: LicenseDetector | None = None) -> None:
    """Run one scan to its end. Safe to call again for the same one, also after a crash."""
    scan = _begin(scan_pk)
    if scan is None:
        return
    with _keep_beating(scan) as lease:
        try:
            examination = _examine(scan, lease, detector or get_detector())
        except Cancelled:
            # If the lease is lost this writes nothing.
            end_cancelled(scan)
        except VerificationError as error:
            record_failure(scan, code=_code_of(error, scan), detail=str(error))
        except (GitError, OSError) as error:
            code = error.code if isinstance(error, GitError) else "disk_failed"
            record_failure(scan, code=code, detail=str(error))
        else:
            record_outcome(scan, examination)


def _examine(scan: SourceScan, lease: "_Lease", detector: LicenseDetector) -> Examination:
    source = scan.source
    is_move = scan.is_repin or not source.pinned_commit
    question = Question(
        paths=tuple(source.paths),
        revision=scan.revision or ("" if is_move else source.pinned_commit),
        default_branch=source.repo.default_branch,
        with_head=not is_move,
    )
    watch = Watch(on_progress=_tell_progress(scan), is_cancelled=lease.is_over)
    mirror = open_mirror(scan.fetch_from)
    return examine(mirror, question, detector, watch=watch, on_stage=_tell_stages(scan))


def _code_of(error: VerificationError, scan: SourceScan) -> str:
    """A commit that nobody asked for by name is the pin: then upstream has lost it."""
    if isinstance(error, UnknownRevision) and not scan.is_repin and scan.source.pinned_commit:
        return "pin_gone"
    return error.code


def _begin(scan_pk: int) -> SourceScan | None:
    """The scan, which from now on is this worker's; None if there is nothing (more) to do for it."""
    with transaction.atomic():
        scan = SourceScan.objects.select_for_update().filter(pk=scan_pk).first()
        if scan is None or not scan.is_live:
            return None
        if scan.is_cancel_requested:
            end_cancelled(scan)
            return None
        now = timezone.now()
        scan.times_started += 1
        scan.state = ScanState.FETCHING.value
        scan.started_at = scan.started_at or now
        scan.heartbeat_at = now
        scan.progress_percent = 0
        scan.save(update_fields=["times_started", "state", "started_at", "heartbeat_at", "progress_percent"])
        if scan.times_started > MOST_STARTS:
            detail = f"It was begun {MOST_STARTS} times and never came to an end. The worker's log says why."
            record_failure(scan, code="worker_died", detail=detail)
            return None
    return SourceScan.objects.select_related("source__repo", "source__feature").get(pk=scan_pk)


def _write(scan: SourceScan, **values: object) -> bool:
    """Write to a scan that is still ours. False: it was cancelled for good, or another worker has it."""
    ours = SourceScan.objects.live().filter(pk=scan.pk, times_started=scan.times_started)
    return ours.update(**values) == 1


def _tell_progress(scan: SourceScan) -> Callable[[int], None]:
    said_at = 0.0

    def tell(percent: int) -> None:
        nonlocal said_at
        now = time.monotonic()
        if now - said_at >= _PAUSE_SECONDS:
            said_at = now
            _write(scan, progress_percent=percent * _FETCH_SHARE // 100)

    return tell


def _tell_stages(scan: SourceScan) -> Callable[[Stage], None]:
    def tell(stage: Stage) -> None:
        state, step, percent = _STEPS[stage]
        _write(scan, state=state.value, step=step, progress_percent=percent)

    return tell


@dataclass(slots=True)
class _Lease:
    """Whether to go on. Set by the beating thread."""

    cancelled: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)

    def is_over(self) -> bool:
        return self.cancelled.is_set() or self.lost.is_set()


@contextmanager
def _keep_beating(scan: SourceScan) -> Iterator[_Lease]:
    """Beat from a thread of its own: reading a large repository takes longer than a beat."""
    lease, is_done = _Lease(), threading.Event()

    def beat() -> None:
        try:
            while not is_done.wait(BEAT_SECONDS):
                _beat(scan, lease)
                if lease.is_over():
                    return
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"scan-{scan.pk}-beat", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        is_done.set()
        thread.join()


def _beat(scan: SourceScan, lease: _Lease) -> None:
    try:
        if not _write(scan, heartbeat_at=timezone.now()):
            lease.lost.set()
        elif SourceScan.objects.filter(pk=scan.pk, is_cancel_requested=True).exists():
            lease.cancelled.set()
    except OperationalError as error:
        # Every write names the start that it belongs to, so no harm comes of going on.
        logger.warning("scan %s could not beat: %s", scan.pk, error)
        connection.close()
