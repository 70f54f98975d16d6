"""Whether a plan may take from a source, and what would have to be done for it. Pure."""

from dataclasses import dataclass

from catalog_app.choices import LicenseDecision, PlanMode, SourceStatus
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, SourceFacts, StackFacts
from catalog_app.planning.types import SourceOption
from catalog_app.planning.wording import listed

_WORTH_VERIFYING = (SourceStatus.DECLARED, SourceStatus.STALE)
"""A draft may count on these: nothing is known against them."""

_STATUS_WORDS = {
    SourceStatus.DECLARED: ("It is not verified yet.", "Verify it."),
    SourceStatus.STALE: ("Its verification is out of date.", "Verify it again."),
    SourceStatus.MISMATCH: (
        "Its licence is not the declared one.",
        "Correct the licence in the catalog, then verify it again.",
    ),
    SourceStatus.UNKNOWN_LICENSE: (
        "No known licence was found in it.",
        "Choose another source, or have a person settle its licence and verify it again.",
    ),
    SourceStatus.PATH_MISSING: (
        "Its paths are not in the repository.",
        "Correct the paths in the catalog, then verify it again.",
    ),
    SourceStatus.UNREACHABLE: (
        "Its repository cannot be reached.",
        "Check the repository's address, then verify it again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Admission:
    """`why` is everything that stands against the source, `to_do` what would help, in the same order. An
    admitted source with something to do is blocked until that is done."""

    is_admitted: bool
    why: str = ""
    to_do: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Objection:
    why: str
    remedy: str
    is_final: bool


def admit(
    feature: FeatureFacts, source: SourceFacts, snapshot: Snapshot, mode: PlanMode, stack: StackFacts | None
) -> Admission:
    """A plan without anybody in the loop takes only what is verified at a commit, allowed, and whitelisted.
    A draft also takes what is declared and allowed, to be verified before a run starts. Neither takes what
    the policy does not allow, or what does not work on the stack."""
    objections = [
        *_license_objections(source, snapshot),
        *_status_objections(source, mode),
        *_whitelist_objections(source, mode),
        *_stack_objections(feature, source, stack),
        *_quality_objections(source, snapshot),
    ]
    return Admission(
        is_admitted=not any(objection.is_final for objection in objections),
        why=" ".join(objection.why for objection in objections),
        to_do=tuple(objection.remedy for objection in objections),
    )


def stacks_of(feature: FeatureFacts, source: SourceFacts) -> tuple[str, ...]:
    """Profiles that the source is known to work on; the feature's where it names none. Empty: any."""
    return source.compatible_stacks or feature.compatible_stacks


def fits_stack(feature: FeatureFacts, source: SourceFacts, stack: StackFacts | None) -> bool:
    named = stacks_of(feature, source)
    return stack is None or not named or stack.slug in named


def may_be_planned(source: SourceFacts) -> bool:
    """Whether some plan could take it, now or once it is verified."""
    is_verified = source.decision is LicenseDecision.ALLOWED and source.status is SourceStatus.VERIFIED
    return is_verified or is_worth_verifying(source)


def is_worth_verifying(source: SourceFacts | SourceOption) -> bool:
    """Allowed, and not verified yet or not any more: a draft may count on it."""
    return source.decision is LicenseDecision.ALLOWED and source.status in _WORTH_VERIFYING


def _license_objections(source: SourceFacts, snapshot: Snapshot) -> list[_Objection]:
    if source.decision is LicenseDecision.ALLOWED:
        return []
    name = f"Licence {source.license}" if source.license else "An unknown licence"
    policy = f"policy {snapshot.policy}"
    if source.decision is LicenseDecision.REVIEW:
        why = f"{name} needs review by {policy}: {_sentence(source.decision_reason)}"
        remedy = "Have a person decide on the licence in the policy, or choose another source."
    else:
        why = f"{name} is denied by {policy}: {_sentence(source.decision_reason)}"
        remedy = "Choose another source, or change the policy."
    return [_Objection(why, remedy, is_final=True)]


def _status_objections(source: SourceFacts, mode: PlanMode) -> list[_Objection]:
    if source.status is SourceStatus.VERIFIED:
        if source.pinned_commit:
            return []
        return [_Objection("It is not pinned to a commit.", "Verify it again.", mode is not PlanMode.DRAFT)]
    why, remedy = _STATUS_WORDS[source.status]
    if source.status_detail:
        why = f"{why} {_sentence(source.status_detail)}"
    is_final = mode is not PlanMode.DRAFT or source.status not in _WORTH_VERIFYING
    return [_Objection(why, remedy, is_final)]


def _whitelist_objections(source: SourceFacts, mode: PlanMode) -> list[_Objection]:
    if source.is_whitelisted or mode is PlanMode.DRAFT:
        return []
    why = f"Repository {source.repo_id} is not whitelisted."
    return [_Objection(why, f"Whitelist repository {source.repo_id}.", is_final=True)]


def _stack_objections(
    feature: FeatureFacts, source: SourceFacts, stack: StackFacts | None
) -> list[_Objection]:
    if stack is None or fits_stack(feature, source, stack):
        return []
    named = listed(stacks_of(feature, source), joint="or")
    why = f"It is known to work on {named}, not on {stack.slug}."
    remedy = f"Choose the stack {named}, or say in the catalog that it works on {stack.slug}."
    return [_Objection(why, remedy, is_final=True)]


def _quality_objections(source: SourceFacts, snapshot: Snapshot) -> list[_Objection]:
    if source.quality is None or source.quality >= snapshot.minimum_quality:
        return []
    why = (
        f"Its measured quality {source.quality} is below the catalog's minimum of {snapshot.minimum_quality}."
    )
    return [_Objection(why, "Choose another source, or lower the catalog's minimum.", is_final=True)]


def _sentence(text: str) -> str:
    text = text.strip() or "no reason is recorded"
    return text if text.endswith((".", "!", "?")) else f"{text}."
