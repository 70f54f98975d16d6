"""The licence decision of sources, stored so that lists can filter by it."""

from collections.abc import Iterable

from catalog_app.choices import LicenseDecision, Ownership, SourceStatus, Use
from catalog_app.licensing import PolicyTerms, decide
from catalog_app.models import FeatureSource, LicensePolicy

DECISION_FIELDS = ("license_decision", "license_rule", "license_reason")

# What a scan has looked at is judged by what it found, even if that is nothing.
_JUDGED_BY_EVIDENCE = frozenset(
    {
        SourceStatus.VERIFIED.value,
        SourceStatus.MISMATCH.value,
        SourceStatus.UNKNOWN_LICENSE.value,
        SourceStatus.STALE.value,
    }
)


def terms_of(policy: LicensePolicy) -> PolicyTerms:
    return PolicyTerms(
        allowed=tuple(policy.allowed),
        review=tuple(policy.review),
        denied=tuple(policy.denied),
        allowed_as_dependency=tuple(policy.allowed_as_dependency),
        own_repositories=LicenseDecision(policy.own_repositories),
    )


def expression_of(source: FeatureSource) -> str:
    """The licence that counts: what was found, before a scan what is declared; empty for none."""
    return source.effective_license if source.status in _JUDGED_BY_EVIDENCE else source.declared_license


def decide_sources(sources: Iterable[FeatureSource], terms: PolicyTerms) -> list[FeatureSource]:
    """Set the decision on each source (copying is what reuse phases do) and return those that changed.

    Nothing is saved. Sources come with their `repo`.
    """
    changed = []
    for source in sources:
        decision = decide(
            expression_of(source), terms, ownership=Ownership(source.repo.ownership), use=Use.COPY
        )
        before = [getattr(source, field) for field in DECISION_FIELDS]
        after = [decision.outcome.value, decision.rule, decision.reason]
        if before != after:
            source.license_decision, source.license_rule, source.license_reason = after
            changed.append(source)
    return changed
