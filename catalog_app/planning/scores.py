"""What speaks for a source, as numbers that are all shown. Pure."""

from collections.abc import Iterable

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.planning.admission import fits_stack, stacks_of
from catalog_app.planning.fitness import slot_of
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, SourceFacts, StackFacts
from catalog_app.planning.types import ScorePart


def score_source(
    feature: FeatureFacts, source: SourceFacts, snapshot: Snapshot, stack: StackFacts | None
) -> tuple[ScorePart, ...]:
    """The weights add up to 1."""
    return (
        _part("clearance", 0.25, *_clearance(source)),
        _part("quality", 0.30, *_quality(source, snapshot)),
        _part("stack", 0.20, *_stack_fit(feature, source, stack)),
        _part("earlier_reuse", 0.15, *_earlier_reuse(feature, source, snapshot)),
        _part("order", 0.10, *_order(source)),
    )


def total(parts: Iterable[ScorePart]) -> float:
    return round(sum(part.weight * part.value for part in parts), 4)


def _part(name: str, weight: float, value: float, reason: str) -> ScorePart:
    return ScorePart(name, round(value, 4), weight, reason)


def _clearance(source: SourceFacts) -> tuple[float, str]:
    if source.decision is not LicenseDecision.ALLOWED:
        return 0.0, "The licence is not allowed."
    match source.status:
        case SourceStatus.VERIFIED if source.is_whitelisted:
            return 1.0, "The licence is allowed, the source verified, its repository whitelisted."
        case SourceStatus.VERIFIED:
            return 0.8, "The licence is allowed and the source verified."
        case SourceStatus.STALE:
            return 0.5, "The licence is allowed; the verification is out of date."
        case SourceStatus.DECLARED:
            return 0.4, "The declared licence is allowed; nothing is verified."
        case _:
            return 0.0, "The licence could not be verified."


def _quality(source: SourceFacts, snapshot: Snapshot) -> tuple[float, str]:
    if source.quality is not None:
        return float(source.quality), f"Measured; the catalog prefers {snapshot.preferred_quality} and more."
    if source.judgement is not None:
        return float(source.judgement) / 2, f"Not measured. A curator's {source.judgement} counts half."
    return 0.0, "Not measured, and no curator has judged it."


def _stack_fit(feature: FeatureFacts, source: SourceFacts, stack: StackFacts | None) -> tuple[float, str]:
    if stack is None:
        return 0.5, "There is no stack profile to fit."
    if not fits_stack(feature, source, stack):
        return 0.0, f"Not known to work on {stack.slug}."
    if slot := slot_of(source, stack):
        return 1.0, f"{stack.title} has it as its {slot}."
    if source.repo_id in stack.preferred_repos:
        return 1.0, f"{stack.title} prefers this repository."
    if stacks_of(feature, source):
        return 0.8, f"Known to work on {stack.slug}."
    return 0.5, "Not tied to any stack."


def _earlier_reuse(feature: FeatureFacts, source: SourceFacts, snapshot: Snapshot) -> tuple[float, str]:
    record = snapshot.outcomes.get((feature.slug, source.repo_id, source.paths))
    if record is None or record.tried == 0:
        return 0.5, "Never reused so far."
    value = (record.completed + 1) / (record.tried + 2)
    return value, f"Reused {record.tried} times, completed {record.completed} times."


def _order(source: SourceFacts) -> tuple[float, str]:
    return 1 / (1 + source.position), f"Number {source.position + 1} in the curator's order."
