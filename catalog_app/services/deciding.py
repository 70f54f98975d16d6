"""The licence decision of sources, stored so that lists can filter by it."""

from collections.abc import Iterable

from catalog_app.choices import LicenseDecision, Ownership, Use
from catalog_app.licensing import PolicyTerms, decide
from catalog_app.models import FeatureSource, LicensePolicy

DECISION_FIELDS = ("license_decision", "license_rule", "license_reason")


def terms_of(policy: LicensePolicy) -> PolicyTerms:
    return PolicyTerms(
        allowed=tuple(policy.allowed),
        review=tuple(policy.review),
        denied=tuple(policy.denied),
        allowed_as_dependency=tuple(policy.allowed_as_dependency),
        own_repositories=LicenseDecision(policy.own_repositories),
    )


def decide_sources(sources: Iterable[FeatureSource], terms: PolicyTerms) -> list[FeatureSource]:
    """Set the decision on each source (copying is what reuse phases do) and return those that changed.

    Nothing is saved. Sources come with their `repo`.
    """
    changed = []
    for source in sources:
        decision = decide(
            source.license_in_force, terms, ownership=Ownership(source.repo.ownership), use=Use.COPY
        )
        before = [getattr(source, field) for field in DECISION_FIELDS]
        after = [decision.outcome.value, decision.rule, decision.reason]
        if before != after:
            source.license_decision, source.license_rule, source.license_reason = after
            changed.append(source)
    return changed
