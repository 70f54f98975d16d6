"""The worker's part of a curation run: look at a repository and propose what it could be in the catalog.

It may be killed at any moment and begun again. Nothing is locked while git works.
"""

import logging
import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.git.errors import GitError
from catalog_app.choices import CandidateState
from catalog_app.curation.drafts import duplicate_as_json, proposal_as_json
from catalog_app.curation.proposals import Duplicate, Proposal, find_duplicates, free_slug, propose
from catalog_app.models import CurationCandidate
from catalog_app.selectors.curation import list_known_features
from catalog_app.services.curating import lock_curation_run, settle_curation_run
from catalog_app.services.fetching import get_detector, open_mirror
from catalog_app.services.queue import SURVEY_CANDIDATE, defer_survey
from catalog_app.verification.errors import Cancelled, VerificationError
from catalog_app.verification.examining import (
    Examination,
    Question,
    Stage,
    evidence_as_json,
    examine,
    measures_as_json,
    quality_as_json,
)
from catalog_app.verification.quality import score_quality
from catalog_app.verification.reading import EntryKind, MirrorReader
from catalog_app.verification.texts import decode, storable
from catalog_app.verification.watching import Watch

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
_MAX_README_BYTES = 1 << 20
_README = re.compile(r"(?i)readme(?:\.(?:md|rst|txt|adoc|markdown|org))?")
_FETCHED_PERCENT = 80
_STEPS = {
    Stage.FETCHING: ("Fetching", 0),
    Stage.INSPECTING: ("Looking for licences", _FETCHED_PERCENT),
    Stage.MEASURING: ("Measuring its quality", 95),
}


@dataclass(frozen=True, slots=True)
class _Survey:
    examination: Examination
    readme: str


class _Claim:
    """One worker's hold on a candidate: lost once it is cancelled, or somebody else has begun with it."""

    def __init__(self, candidate: CurationCandidate) -> None:
        self._mine = CurationCandidate.objects.filter(
            pk=candidate.pk, state=CandidateState.SCANNING.value, times_started=candidate.times_started
        )
        self._beaten_at = 0.0
        self._is_held = True

    def lock(self) -> CurationCandidate | None:
        """The candidate, within a transaction; None if it is not held any more."""
        return self._mine.select_for_update().first()

    def tell(self, stage: Stage) -> None:
        """Raises Cancelled if it is not held any more."""
        step, percent = _STEPS[stage]
        self._beat(step=step, progress_percent=percent)
        if not self._is_held:
            raise Cancelled("It was cancelled.")

    def watch(self) -> Watch:
        def note(percent: int) -> None:
            if self._is_due():
                self._beat(progress_percent=percent * _FETCHED_PERCENT // 100)

        def is_lost() -> bool:
            if self._is_due():
                self._beat()
            return not self._is_held

        return Watch(note, is_lost)

    def _is_due(self) -> bool:
        return time.monotonic() - self._beaten_at >= BEAT_SECONDS

    def _beat(self, **columns: object) -> None:
        self._is_held = self._mine.update(heartbeat_at=timezone.now(), **columns) == 1
        self._beaten_at = time.monotonic()


def execute_candidate(candidate_pk: int) -> None:
    """Look at one repository. Safe to call again for the same one, also after a crash."""
    candidate = _begin(candidate_pk)
    if candidate is None:
        return
    claim = _Claim(candidate)
    try:
        _finish(claim, candidate, _look(candidate, claim))
    except Cancelled:
        logger.info("candidate %s was cancelled or taken over", candidate_pk)
    except (VerificationError, GitError) as error:
        _fail(claim, candidate, error.code, str(error))
    except OSError as error:
        _fail(claim, candidate, "disk_failed", str(error))


def requeue_candidates() -> int:
    """Queue candidates that nobody looks at, although they wait for it. Returns how many."""
    queued = ProcrastinateJob.objects.filter(task_name=SURVEY_CANDIDATE, status__in=("todo", "doing"))
    known = {job["candidate_pk"] for job in queued.values_list("args", flat=True)}
    waiting = CurationCandidate.objects.live().exclude(pk__in=known).order_by("pk")
    return sum(_requeue(pk) for pk in list(waiting.values_list("pk", flat=True)))


def _requeue(pk: int) -> bool:
    with transaction.atomic():
        candidate = CurationCandidate.objects.select_for_update().live().filter(pk=pk).first()
        return candidate is not None and defer_survey(candidate)


def _begin(pk: int) -> CurationCandidate | None:
    """The candidate, now this worker's. None if nobody waits for it."""
    with transaction.atomic():
        run_pk = CurationCandidate.objects.values_list("run_id", flat=True).get(pk=pk)
        run = lock_curation_run(run_pk)
        candidates = CurationCandidate.objects.select_for_update(of=("self",)).select_related("run__catalog")
        candidate = candidates.live().filter(pk=pk).first()
        if candidate is None:
            return None
        candidate.heartbeat_at = timezone.now()
        if candidate.times_started >= candidate.give_up_after:
            candidate.state = CandidateState.FAILED.value
            candidate.error_code = "worker_lost"
            candidate.detail = f"Each of {candidate.times_started} workers that looked at it died."
            candidate.save(update_fields=["state", "error_code", "detail", "heartbeat_at"])
            settle_curation_run(run)
            return None
        candidate.times_started += 1
        candidate.state = CandidateState.SCANNING.value
        candidate.step, candidate.progress_percent = "Fetching", 0
        candidate.error_code = candidate.detail = ""
        candidate.save(
            update_fields=[
                "times_started",
                "state",
                "step",
                "progress_percent",
                "error_code",
                "detail",
                "heartbeat_at",
            ]
        )
        return candidate


def _look(candidate: CurationCandidate, claim: _Claim) -> _Survey:
    mirror = open_mirror(candidate.fetch_from or candidate.url)
    watch = claim.watch()
    examination = examine(mirror, Question(), get_detector(), watch=watch, on_stage=claim.tell)
    return _Survey(examination, _read_readme(MirrorReader(mirror, watch), examination.commit))


def _read_readme(reader: MirrorReader, commit: str) -> str:
    tree = reader.tree(commit)
    names = sorted(name for name in tree.entries if _README.fullmatch(name))
    files = [tree.entries[name] for name in names if tree.entries[name].kind == EntryKind.FILE]
    if not files:
        return ""
    blob = reader.blobs(commit, [files[0].object_id], max_bytes=_MAX_README_BYTES)[files[0].object_id]
    return storable(decode(blob.content) or "") if blob.content is not None else ""


def _finish(claim: _Claim, candidate: CurationCandidate, survey: _Survey) -> None:
    examination, found = survey.examination, survey.examination.found
    measures = examination.measures
    quality = None if measures is None else score_quality(measures, timezone.now())
    draft = _draft(candidate, survey.readme, found.detected, None if measures is None else measures.files)
    with transaction.atomic():
        run = lock_curation_run(candidate.run_id)
        locked = claim.lock()
        if locked is None:
            raise Cancelled("It was cancelled.")
        locked.commit = examination.commit
        locked.last_commit_at = None if measures is None else _moment(measures.last_commit_at)
        locked.detected_license = found.detected
        locked.effective_license = found.effective
        locked.detail = storable(found.effective_reason)
        locked.evidence = evidence_as_json(examination)
        locked.measures = measures_as_json(measures)
        locked.quality_score = None if quality is None else Decimal(str(quality.score))
        locked.quality = {} if quality is None else quality_as_json(quality)
        _write_draft(locked, draft)
        locked.state = CandidateState.READY.value
        locked.step, locked.progress_percent, locked.heartbeat_at = "", 100, timezone.now()
        locked.save()
        settle_curation_run(run)


def _fail(claim: _Claim, candidate: CurationCandidate, code: str, detail: str) -> None:
    """It could not be looked at. A curator tries again, rejects it, or takes it as it was described."""
    draft = _draft(candidate, "", "", None)
    with transaction.atomic():
        run = lock_curation_run(candidate.run_id)
        locked = claim.lock()
        if locked is None:
            return
        locked.state = CandidateState.FAILED.value
        locked.error_code, locked.detail, locked.step = code, storable(detail), ""
        if not locked.proposal:
            _write_draft(locked, draft)
        locked.save()
        settle_curation_run(run)


def _draft(
    candidate: CurationCandidate, readme: str, license_expression: str, file_count: int | None
) -> tuple[Proposal, list[Duplicate]]:
    known = list_known_features(candidate.run.catalog)
    proposal = propose(
        name=str(candidate.facts.get("name", "")) or _name_of(candidate.url),
        facts=candidate.facts,
        readme=readme,
        license_expression=license_expression,
        file_count=file_count,
        known=known,
    )
    duplicates = find_duplicates(
        title=proposal.title,
        aliases=proposal.aliases,
        slug=proposal.slug,
        url_key=candidate.url_key,
        known=known,
    )
    return proposal, duplicates


def _write_draft(candidate: CurationCandidate, draft: tuple[Proposal, list[Duplicate]]) -> None:
    """Within a run, each has a slug of its own."""
    proposal, duplicates = draft
    others = CurationCandidate.objects.filter(run=candidate.run_id).exclude(pk=candidate.pk)
    taken = others.values_list("proposal__slug", flat=True)
    candidate.proposal = proposal_as_json(replace(proposal, slug=free_slug(proposal.slug, set(taken))))
    candidate.duplicates = [duplicate_as_json(duplicate) for duplicate in duplicates]


def _name_of(url: str) -> str:
    return url.rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
