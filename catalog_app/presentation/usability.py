"""Why a source, or a feature, can be reused without anybody in the loop, or why not yet.

The words for what `FeatureSource.objects.usable()` asks of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureSource


@dataclass(frozen=True, slots=True)
class Gate:
    """One of the things that a source needs."""

    text: str
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Usability:
    """`reason` is a short phrase, empty when usable; `closest` is the source that lacks least."""

    is_usable: bool
    reason: str = ""
    closest: FeatureSource | None = None


_UNVERIFIED = {
    SourceStatus.DECLARED: "Not verified yet",
    SourceStatus.MISMATCH: "Licence is not the declared one",
    SourceStatus.UNKNOWN_LICENSE: "No known licence found",
    SourceStatus.PATH_MISSING: "Path is missing",
    SourceStatus.UNREACHABLE: "Repository cannot be reached",
    SourceStatus.STALE: "Verification is out of date",
}


def read_gates(source: FeatureSource) -> tuple[Gate, ...]:
    """Licence, verification, whitelist: what a plan without anybody in the loop asks of a source."""
    decision, status = LicenseDecision(source.license_decision), SourceStatus(source.status)
    return (
        Gate(
            "Licence allowed" if decision is LicenseDecision.ALLOWED else f"Licence {decision.words_inside}",
            decision is LicenseDecision.ALLOWED,
        ),
        Gate(_UNVERIFIED.get(status, "Verified"), status is SourceStatus.VERIFIED),
        Gate(
            "Repository whitelisted" if source.repo.is_whitelisted else "Repository not whitelisted",
            source.repo.is_whitelisted,
        ),
    )


def judge_source(source: FeatureSource) -> Usability:
    """The first thing that it lacks."""
    if source.retired_at is not None:
        return Usability(False, "Retired", source)
    missing = next((gate for gate in read_gates(source) if not gate.is_passed), None)
    return Usability(missing is None, missing.text if missing else "", source)


def judge_feature(feature: Feature, sources: Sequence[FeatureSource]) -> Usability:
    """`sources` are the feature's, with their repositories. The reason is that of the closest source."""
    if feature.retired_at is not None:
        return Usability(False, "Retired")
    candidates = [source for source in sources if source.retired_at is None]
    if not candidates:
        return Usability(False, "No source")
    return judge_source(max(candidates, key=_closeness))


def _closeness(source: FeatureSource) -> tuple[int, ...]:
    """Grows with what a source has. The licence counts first: nothing else can make up for it."""
    decision, status = LicenseDecision(source.license_decision), SourceStatus(source.status)
    return (
        -decision.strictness,
        status is SourceStatus.VERIFIED,
        status in (SourceStatus.DECLARED, SourceStatus.STALE),
        source.repo.is_whitelisted,
    )
