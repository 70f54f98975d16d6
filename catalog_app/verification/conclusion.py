"""What a scan means for a source: its status in one word, the reason, and which commit is pinned."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog_app.choices import SourceStatus
from catalog_app.licensing import compare_licenses
from catalog_app.licensing.index import PRIVATE
from catalog_app.verification.combining import together
from catalog_app.verification.inspection import Inspection
from catalog_app.verification.texts import shown


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of a source before the scan. `declared` is an SPDX expression, empty while unsettled."""

    declared: str
    is_own: bool = False
    pinned_commit: str = ""
    pinned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`outcome` and `outcome_detail` are about the commit that was looked at; `status` and `detail` about the
    source, which from now on is pinned to `pin` (empty: to nothing).

    `is_of_pin`: what was found describes the source. Else it describes a commit that the pin could not be
    moved to, and of the source only the status changes.
    """

    outcome: SourceStatus
    outcome_detail: str
    status: SourceStatus
    detail: str
    pin: str
    detected: str
    effective: str
    is_of_pin: bool = True


def conclude(
    claim: Claim,
    found: Inspection,
    *,
    head: Inspection | None,
    now: datetime,
    stale_after: timedelta,
) -> Conclusion:
    """`found` is of the commit that was asked for: the pin, the head, or where the pin is to be moved.

    `head` is of the upstream branch's head when that is another commit than the pin. A pin is stale when the
    licence at its paths has changed upstream, or when it is older than `stale_after` while upstream went on.
    """
    outcome, words, detected, effective = _judge(claim, found)
    is_move = bool(claim.pinned_commit) and found.commit != claim.pinned_commit
    if outcome != SourceStatus.VERIFIED:
        if is_move:
            why = f"The pin stays where it is; it could not be moved to {found.commit[:12]}: {words}"
            status, pin = SourceStatus.STALE, claim.pinned_commit
            return Conclusion(outcome, words, status, why, pin, detected, effective, is_of_pin=False)
        return Conclusion(outcome, words, outcome, words, claim.pinned_commit, detected, effective)
    if claim.pinned_commit and not is_move and (why := _why_stale(claim, found, head, now, stale_after)):
        outcome, words = SourceStatus.STALE, why
    return Conclusion(outcome, words, outcome, words, found.commit, detected, effective)


def _judge(claim: Claim, found: Inspection) -> tuple[SourceStatus, str, str, str]:
    """Status, reason, licence at the paths and licence of all that is below, for one commit."""
    if found.missing_paths:
        detail = " ".join(_about_missing(path.path, path.kind.value) for path in found.missing_paths)
        return SourceStatus.PATH_MISSING, detail, "", ""
    detected, effective = found.detected, found.effective
    if not detected and claim.declared == PRIVATE and claim.is_own:
        detected = PRIVATE
        effective = together([PRIVATE, *found.below]) if found.is_below_known else ""
        comparison = compare_licenses(PRIVATE, "")
    elif not detected:
        return SourceStatus.UNKNOWN_LICENSE, found.reason, "", ""
    else:
        comparison = compare_licenses(claim.declared, detected)
    if not comparison.is_match:
        suggestion = f" Declare {comparison.suggestion}." if comparison.suggestion else ""
        return SourceStatus.MISMATCH, f"{comparison.detail}{suggestion}", detected, effective
    if not effective:
        detail = f"{comparison.detail} But below the paths: {found.effective_reason}"
        return SourceStatus.UNKNOWN_LICENSE, detail, detected, ""
    details = [comparison.detail]
    if effective != detected:
        details.append(f"With what is below the paths: {effective}.")
    details += found.contradictions
    return SourceStatus.VERIFIED, " ".join(details), detected, effective


def _about_missing(path: str, kind: str) -> str:
    name = shown(path) or "The repository"
    return {
        "submodule": f"{name} is another repository (a submodule), which is not fetched.",
        "outside": f"{name} leads out of the repository.",
    }.get(kind, f"{name} does not exist.")


def _why_stale(
    claim: Claim, found: Inspection, head: Inspection | None, now: datetime, stale_after: timedelta
) -> str:
    """Empty: it is not. Without a `head`, upstream has not moved on."""
    if head is None or head.commit == found.commit:
        return ""
    if head.missing_paths:
        names = ", ".join(shown(path.path) for path in head.missing_paths)
        return f"Upstream no longer has {names}. The pinned commit has, under {found.detected}."
    if (head.detected, head.effective) != (found.detected, found.effective):
        was, now_is = _named(found), _named(head)
        return f"Upstream's licence changed since the pin: it was {was}, it is {now_is}."
    if claim.pinned_at is not None and now - claim.pinned_at > stale_after:
        days = (now - claim.pinned_at).days
        return f"The pin is {days} days old, and upstream went on since. Verify and pin its head anew."
    return ""


def _named(inspection: Inspection) -> str:
    if not inspection.detected:
        return f"unknown ({inspection.reason})"
    if inspection.effective and inspection.effective != inspection.detected:
        return f"{inspection.detected} (with what is below: {inspection.effective})"
    return inspection.detected
