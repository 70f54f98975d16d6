"""Features and their sources as plans see them (see `planning.snapshot`), judged by the policy in force."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from autopack.digests import digest_json
from catalog_app.choices import Complexity, LicenseDecision, Ownership, SourceStatus, Use
from catalog_app.licensing import PolicyTerms, decide
from catalog_app.models import Feature, FeatureCatalog, FeatureSource
from catalog_app.models.features import license_in_force
from catalog_app.planning.snapshot import FeatureFacts, SourceFacts


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy that decides over a plan's sources: the catalog's own, or a project's, which decides them
    all anew."""

    slug: str
    terms: PolicyTerms
    is_of_project: bool

    @property
    def digest(self) -> str:
        return digest_json(
            {
                "slug": self.slug,
                "allowed": self.terms.allowed,
                "review": self.terms.review,
                "denied": self.terms.denied,
                "allowed_as_dependency": self.terms.allowed_as_dependency,
                "own_repositories": self.terms.own_repositories.value,
            }
        )


class _SourceRow(NamedTuple):
    """What a plan can see of a source, in the order of _SOURCE_COLUMNS. Of a thousand rows, models would take
    longer to make than all of the plan."""

    feature: int
    repo_id: str
    repo_url: str
    is_whitelisted: bool
    ownership: str
    paths: list[str]
    declared_license: str
    effective_license: str
    decision: str
    decision_reason: str
    status: str
    status_detail: str
    pinned_commit: str
    quality: Decimal | None
    judgement: Decimal | None
    compatible_stacks: list[str]
    notes: str


_SOURCE_COLUMNS = (
    "feature_id",
    "repo__repo_id",
    "repo__url",
    "repo__is_whitelisted",
    "repo__ownership",
    "paths",
    "declared_license",
    "effective_license",
    "license_decision",
    "license_reason",
    "status",
    "status_detail",
    "pinned_commit",
    "quality_score",
    "judgement",
    "compatible_stacks",
    "notes",
)
_columns_of = attrgetter(*(column.replace("__", ".") for column in _SOURCE_COLUMNS))
_FEATURE_COLUMNS = (
    "pk",
    "slug",
    "title",
    "description",
    "category",
    "complexity",
    "tags",
    "requires",
    "conflicts",
    "compatible_stacks",
)


def read_features(
    catalog: FeatureCatalog, slugs: Collection[str], policy: PolicyInForce
) -> dict[str, FeatureFacts]:
    """Those that are not retired, with their sources. Two queries."""
    wanted = Feature.objects.active().filter(catalog=catalog, slug__in=list(slugs)).order_by("slug")
    rows = list(wanted.values_list(*_FEATURE_COLUMNS))
    active = FeatureSource.objects.filter(feature__in=[pk for pk, *_ in rows], retired_at=None)
    sources: dict[int, list[SourceFacts]] = defaultdict(list)
    for values in active.order_by("feature", "position", "pk").values_list(*_SOURCE_COLUMNS):
        row = _SourceRow._make(values)
        of_feature = sources[row.feature]
        of_feature.append(_facts(row, len(of_feature), policy))
    return {
        slug: FeatureFacts(
            slug=slug,
            title=title,
            description=description,
            category=category,
            complexity=Complexity(complexity),
            tags=tuple(tags),
            requires=tuple(requires),
            conflicts=tuple(conflicts),
            compatible_stacks=tuple(stacks),
            sources=tuple(sources[pk]),
        )
        for pk, slug, title, description, category, complexity, tags, requires, conflicts, stacks in rows
    }


def source_facts(source: FeatureSource, position: int, policy: PolicyInForce) -> SourceFacts:
    """A source, which comes with its `repo`, as a plan sees it."""
    return _facts(_SourceRow._make(_columns_of(source)), position, policy)


def _facts(row: _SourceRow, position: int, policy: PolicyInForce) -> SourceFacts:
    status, ownership = SourceStatus(row.status), Ownership(row.ownership)
    license = license_in_force(status, declared=row.declared_license, effective=row.effective_license)
    decision, reason = LicenseDecision(row.decision), row.decision_reason
    if policy.is_of_project:
        decided = decide(license, policy.terms, ownership=ownership, use=Use.COPY)
        decision, reason = decided.outcome, decided.reason
    return SourceFacts(
        repo_id=row.repo_id,
        repo_url=row.repo_url,
        paths=tuple(row.paths),
        license=license,
        decision=decision,
        decision_reason=reason,
        status=status,
        status_detail=row.status_detail,
        pinned_commit=row.pinned_commit,
        is_whitelisted=row.is_whitelisted,
        ownership=ownership,
        quality=row.quality,
        judgement=row.judgement,
        compatible_stacks=tuple(row.compatible_stacks),
        position=position,
        notes=row.notes,
    )
