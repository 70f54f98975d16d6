"""What a curator makes of candidates: only an accepted one becomes part of the catalog.

An accepted source has the candidate's evidence, so it is verified at the commit that was looked at. It is
not whitelisted: that a licence is known makes nothing fit to be taken from unattended.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import Refused, WrongState
from catalog_app.choices import CandidateState, ScanState, SourceStatus
from catalog_app.curation.drafts import Edits, edits_as_json, edits_from_json, proposal_from_json, prune
from catalog_app.errors import ReasonRequired
from catalog_app.interchange.changes import Action, ChangePlan, Kind
from catalog_app.licensing import compare_licenses
from catalog_app.models import CurationCandidate, CurationRun, FeatureSource, SourceRepo, SourceScan
from catalog_app.services.curating import lock_candidates, lock_curation_run, settle_curation_run
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.drafting import Problem, draft_candidates
from catalog_app.services.evidence import EVIDENCE_FIELDS, reconsider
from catalog_app.services.recording import record_changed, signature
from catalog_app.services.saving import save_content
from catalog_app.services.sealing import Changes, changing
from catalog_app.services.verifying import request_scan
from catalog_app.verification.places import url_key


@dataclass(frozen=True, slots=True)
class CandidateDecision:
    """`edits` are added to those that were made before."""

    candidate_pk: int
    is_accepted: bool
    reason: str
    edits: Edits = field(default_factory=Edits)


def accept_candidates(
    run: CurationRun, candidate_pks: Sequence[int], *, reason: str, actor: Actor
) -> list[CurationCandidate]:
    """Put candidates into the catalog as they are proposed and edited. See `decide_candidates`."""
    decisions = [CandidateDecision(pk, is_accepted=True, reason=reason) for pk in candidate_pks]
    return decide_candidates(run, decisions, actor=actor)


def reject_candidates(
    run: CurationRun, candidate_pks: Sequence[int], *, reason: str, actor: Actor
) -> list[CurationCandidate]:
    """Keep candidates out of the catalog. See `decide_candidates`."""
    decisions = [CandidateDecision(pk, is_accepted=False, reason=reason) for pk in candidate_pks]
    return decide_candidates(run, decisions, actor=actor)


def decide_candidates(
    run: CurationRun, decisions: Sequence[CandidateDecision], *, actor: Actor
) -> list[CurationCandidate]:
    """Carry out all of the decisions, or none. What is decided so already stays as it is, with its reason.

    Raises ReasonRequired; CandidateNotFound; WrongState where one is decided otherwise, or not looked at yet;
    Refused (`invalid_candidates`) with every problem of what would be accepted. The errors name `candidate`
    and `field`.
    """
    _ensure_reasons(decisions)
    by_pk = {decision.candidate_pk: decision for decision in decisions}
    if len(by_pk) < len(decisions):
        raise Refused("A candidate is decided once.", code="decided_twice")
    with transaction.atomic():
        locked = lock_curation_run(run.pk)
        open_candidates = [
            candidate
            for candidate in lock_candidates(locked, list(by_pk))
            if not _is_decided_so(candidate, by_pk[candidate.pk])
        ]
        _ensure_decidable(open_candidates)
        accepted = [c for c in open_candidates if by_pk[c.pk].is_accepted]
        for candidate in accepted:
            candidate.edits = edits_as_json(by_pk[candidate.pk].edits.over(edits_from_json(candidate.edits)))
        reasons = {pk: decision.reason.strip() for pk, decision in by_pk.items()}
        _accept(locked, accepted, reasons, actor=actor)
        for candidate in open_candidates:
            candidate.state = _state_of(by_pk[candidate.pk]).value
            candidate.decided_by, candidate.decided_at = signature(actor), timezone.now()
            candidate.decision_reason = reasons[candidate.pk]
        _save_decisions(open_candidates)
        settle_curation_run(locked)
    return open_candidates


def edit_candidate(candidate: CurationCandidate, edits: Edits) -> CurationCandidate:
    """Keep what a curator says otherwise than proposed, until it is decided. What they say as proposed is no
    edit. Raises WrongState for what is decided, Refused (`invalid_candidates`)."""
    with transaction.atomic():
        run = lock_curation_run(candidate.run_id)
        (locked,) = lock_candidates(run, [candidate.pk])
        _ensure_decidable([locked])
        merged = edits.over(edits_from_json(locked.edits))
        locked.edits = edits_as_json(prune(merged, proposal_from_json(locked.proposal)))
        _ensure_none(draft_candidates(run, [locked]).problems)
        locked.save(update_fields=["edits"])
    return locked


def _accept(
    run: CurationRun,
    candidates: Sequence[CurationCandidate],
    reasons: Mapping[int, str],
    *,
    actor: Actor,
) -> None:
    """Save all of them, and give each source what was found out about it."""
    found = draft_candidates(run, candidates)
    _ensure_none(found.problems)
    if not candidates:
        return
    reason = _joined(reasons[candidate.pk] for candidate in candidates)
    plan = save_content(run.catalog, found.content, actor=actor, reason=reason, is_complete=False)
    _ensure_only_added(plan, found.new_features)
    sources = FeatureSource.objects.select_related("feature", "repo").filter(
        feature__catalog=run.catalog_id, feature__slug__in={draft.feature for draft in found.drafts}
    )
    by_key = {(s.feature.slug, s.repo.repo_id, tuple(s.paths)): s for s in sources}
    evident: list[CurationCandidate] = []
    unknown: list[CurationCandidate] = []
    for draft in found.drafts:
        source = by_key[(draft.feature, *draft.source.key)]
        draft.candidate.source = source
        is_evident = bool(draft.candidate.commit) and not draft.source.paths
        is_evident = is_evident and _is_from_home(draft.candidate, source.repo)
        (evident if is_evident else unknown).append(draft.candidate)
    with changing([run.catalog_id]) as changes:
        _lend_evidence(run, evident, reasons, changes, actor=actor)
    for candidate in unknown:
        request_scan(_source_of(candidate), actor=actor, reason=reasons[candidate.pk])


def _is_from_home(candidate: CurationCandidate, repo: SourceRepo) -> bool:
    """Whether it was looked at where the repository is fetched from. What lies elsewhere, perhaps in a fork,
    says nothing about a repository that people trust by its address."""
    looked_at, home = candidate.fetch_from or candidate.url, repo.fetch_from or repo.url
    return looked_at == home or "" != url_key(looked_at) == url_key(home)


def _ensure_only_added(plan: ChangePlan, new_features: Collection[str]) -> None:
    """What was read without a lock may be another thing by now; then nothing is saved. Raises WrongState."""
    expected = {Action.ADDED, Action.RESTORED}
    overtaken = [
        change.name
        for change in plan.changes
        if (
            change.kind is Kind.FEATURE
            and (change.action is not Action.ADDED or change.name not in new_features)
        )
        or (change.kind is Kind.SOURCE and change.action not in expected)
    ]
    if overtaken:
        raise WrongState(
            f"Somebody changed {overtaken[0]} at the same time. Look again, and decide anew.",
            code="catalog_changed",
        )


def _lend_evidence(
    run: CurationRun,
    candidates: Sequence[CurationCandidate],
    reasons: Mapping[int, str],
    changes: Changes,
    *,
    actor: Actor,
) -> None:
    """Each source is as if it had been verified at the moment when its repository was looked at."""
    scans = SourceScan.objects.bulk_create(
        _scan_of(candidate, _source_of(candidate), reasons[candidate.pk], actor) for candidate in candidates
    )
    sources = [_source_of(candidate) for candidate in candidates]
    for source, scan in zip(sources, scans, strict=True):
        # A source that was retired comes back as it is now, not as it was pinned then.
        source.last_scan, source.pinned_commit, source.pinned_at = scan, "", None
    reconsider(sources)
    decide_sources(sources, terms_of(run.catalog.license_policy))
    fields = [*EVIDENCE_FIELDS, *DECISION_FIELDS]
    record_changed(sources, fields, actor=actor, reason=_joined(reasons[c.pk] for c in candidates))
    changes.touch(source.feature_id for source in sources)


def _scan_of(candidate: CurationCandidate, source: FeatureSource, reason: str, actor: Actor) -> SourceScan:
    outcome, detail = _judge(candidate, source)
    return SourceScan(
        source=source,
        state=ScanState.DONE.value,
        requested_by=signature(actor),
        reason=reason,
        fetch_from=candidate.fetch_from,
        progress_percent=100,
        times_started=candidate.times_started,
        commit=candidate.commit,
        head_commit=candidate.commit,
        outcome=outcome.value,
        detail=detail,
        detected_license=candidate.detected_license,
        effective_license=candidate.effective_license,
        evidence=candidate.evidence,
        measures=candidate.measures,
        quality_score=candidate.quality_score,
        quality=candidate.quality,
        started_at=candidate.heartbeat_at,
        heartbeat_at=candidate.heartbeat_at,
        finished_at=candidate.heartbeat_at,
    )


def _judge(candidate: CurationCandidate, source: FeatureSource) -> tuple[SourceStatus, str]:
    """As a scan would have ended that compares what was found with what is declared now."""
    if not candidate.detected_license:
        return SourceStatus.UNKNOWN_LICENSE, candidate.detail
    comparison = compare_licenses(source.declared_license, candidate.detected_license)
    if not comparison.is_match:
        return SourceStatus.MISMATCH, comparison.detail
    if not candidate.effective_license:
        return SourceStatus.UNKNOWN_LICENSE, candidate.detail
    return SourceStatus.VERIFIED, comparison.detail


def _source_of(candidate: CurationCandidate) -> FeatureSource:
    assert candidate.source is not None
    return candidate.source


def _save_decisions(candidates: Sequence[CurationCandidate]) -> None:
    """In as few and small statements as hundreds of rows want."""
    CurationCandidate.objects.bulk_update(candidates, ["edits", "source"], batch_size=200)
    alike: dict[tuple[str, ...], list[CurationCandidate]] = {}
    for candidate in candidates:
        alike.setdefault((candidate.state, candidate.decision_reason), []).append(candidate)
    for (state, reason), group in alike.items():
        CurationCandidate.objects.filter(pk__in=[candidate.pk for candidate in group]).update(
            state=state,
            decided_by=group[0].decided_by,
            decided_at=group[0].decided_at,
            decision_reason=reason,
        )


def _is_decided_so(candidate: CurationCandidate, decision: CandidateDecision) -> bool:
    return candidate.state == _state_of(decision).value


def _state_of(decision: CandidateDecision) -> CandidateState:
    return CandidateState.ACCEPTED if decision.is_accepted else CandidateState.REJECTED


def _ensure_reasons(decisions: Sequence[CandidateDecision]) -> None:
    silent = [decision for decision in decisions if not decision.reason.strip()]
    if silent:
        raise ReasonRequired(
            "Say why: a decision about a candidate is recorded with its reason.",
            errors=[
                {
                    "code": "reason_required",
                    "detail": "Give a reason for this decision.",
                    "field": "reason",
                    "candidate": decision.candidate_pk,
                }
                for decision in silent
            ],
        )


def _ensure_decidable(candidates: Sequence[CurationCandidate]) -> None:
    stuck = [c for c in candidates if CandidateState(c.state) not in CandidateState.decidable()]
    if stuck:
        words = CandidateState(stuck[0].state).words_inside
        more = f", and {len(stuck) - 1} more cannot be decided either" if len(stuck) > 1 else ""
        raise WrongState(
            f"{stuck[0].url} is {words}{more}.",
            code="candidate_not_decidable",
            errors=[
                {
                    "code": "candidate_not_decidable",
                    "detail": f"{candidate.url} is {CandidateState(candidate.state).words_inside}.",
                    "candidate": candidate.pk,
                }
                for candidate in stuck
            ],
            state=stuck[0].state,
            allowed=[],
        )


def _ensure_none(problems: Sequence[Problem]) -> None:
    if problems:
        first, more = problems[0], len(problems) - 1
        raise Refused(
            f"{first['url']}: {first['detail']}" + (f" And {more} more." if more else ""),
            code="invalid_candidates",
            errors=problems,
        )


def _joined(reasons: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(reasons))
