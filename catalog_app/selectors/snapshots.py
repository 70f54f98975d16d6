"""What a plan can see of a catalog, read at one state of it (see `planning.snapshot`)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from django.db import connection

from autopack.digests import digest_json
from autopack.errors import Unavailable
from autopack.models import Project
from catalog_app.choices import CiProfile, Complexity, LicenseDecision, Ownership, SourceStatus, Use
from catalog_app.licensing import PolicyTerms, decide
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureSource,
    LicensePolicy,
    OutcomeSnapshot,
    PreferredRepo,
    StackProfile,
)
from catalog_app.planning.snapshot import (
    FeatureFacts,
    ReuseRecord,
    Snapshot,
    SourceFacts,
    SourceKey,
    StackFacts,
)
from catalog_app.selectors.catalogs import get_catalog

T = TypeVar("T")

_TRIES = 5
_FEATURE_COLUMNS = (
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
_SOURCE_COLUMNS = (
    "feature",
    "paths",
    "declared_license",
    "effective_license",
    "license_decision",
    "license_rule",
    "license_reason",
    "status",
    "status_detail",
    "pinned_commit",
    "quality_score",
    "judgement",
    "compatible_stacks",
    "notes",
    "repo__repo_id",
    "repo__url",
    "repo__is_whitelisted",
    "repo__ownership",
)
"""What a plan can see. The rest would be read for nothing, and is most of a row."""
_SLOTS = ("backend", "db", "vector_db", "frontend")

# The features that are named, and all that these require, however far.
_CLOSURE = """
WITH RECURSIVE wanted(slug) AS (
    SELECT unnest(%s::text[])
  UNION
    SELECT required.slug FROM wanted
    JOIN catalog_app_feature feature
      ON feature.catalog_id = %s AND feature.slug = wanted.slug AND feature.retired_at IS NULL
    CROSS JOIN LATERAL unnest(feature.requires) AS required(slug)
)
SELECT slug FROM wanted
"""


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


def find_project_policy(project: Project | None) -> LicensePolicy | None:
    """The policy that plans for a project are judged by, if it has one of its own."""
    return None if project is None else LicensePolicy.objects.filter(project=project).first()


def read_at_one_state(catalog: FeatureCatalog, read: Callable[[FeatureCatalog], T]) -> T:
    """What `read` makes of the catalog as it is now, all of it at one state: what changes meanwhile is read
    again. Raises Unavailable where the catalog does not stand still."""
    for _ in range(_TRIES):
        now = get_catalog(catalog.slug)
        found = read(now)
        if FeatureCatalog.objects.filter(pk=now.pk, version=now.version).exists():
            return found
    raise Unavailable(
        f"Catalog {catalog.slug} is changing just now. Ask again in a moment.", retry_after_seconds=2
    )


def load_snapshot(
    catalog: FeatureCatalog, slugs: Iterable[str], *, policy: PolicyInForce, lookup_engine: str = ""
) -> Snapshot:
    """The features of these slugs with all that they require, every stack, and how earlier reuse went.

    The number of queries does not depend on how many. For `read_at_one_state`.
    """
    wanted = sorted(set(slugs))
    outcomes_digest, outcomes = _read_outcomes()
    features = _read_features(catalog, _close(catalog, wanted), policy)
    thresholds = catalog.quality_thresholds
    mapping = catalog.project_type_mapping
    return Snapshot(
        catalog=catalog.slug,
        catalog_digest=catalog.digest,
        policy=policy.slug,
        policy_digest=policy.digest,
        features=features,
        stacks=_read_stacks(catalog),
        minimum_quality=_threshold(thresholds, "minimum"),
        preferred_quality=_threshold(thresholds, "preferred"),
        project_types={label: slug for label, slug in sorted(mapping.items()) if isinstance(slug, str)},
        outcomes={key: record for slug in features for key, record in outcomes.get((catalog.slug, slug), ())},
        outcomes_digest=outcomes_digest,
        lookup_engine=lookup_engine,
        known_slugs=list_known_slugs(catalog),
    )


def list_known_slugs(catalog: FeatureCatalog) -> frozenset[str]:
    """All features of the catalog that are not retired; read once for each state of it."""
    if not catalog.digest:
        return _read_slugs(catalog.pk)
    return _known_slugs(catalog.pk, catalog.version, catalog.digest)


@lru_cache(maxsize=8)
def _known_slugs(catalog_pk: int, version: int, digest: str) -> frozenset[str]:  # noqa: ARG001
    """By version too: what was read while the catalog moved on is under a version that nobody asks for
    again."""
    return _read_slugs(catalog_pk)


def _read_slugs(catalog_pk: int) -> frozenset[str]:
    return frozenset(Feature.objects.active().filter(catalog=catalog_pk).values_list("slug", flat=True))


def _close(catalog: FeatureCatalog, slugs: Sequence[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CLOSURE, [list(slugs), catalog.pk])
        return [row[0] for row in cursor.fetchall()]


def _read_features(
    catalog: FeatureCatalog, slugs: Collection[str], policy: PolicyInForce
) -> dict[str, FeatureFacts]:
    wanted = Feature.objects.active().filter(catalog=catalog, slug__in=list(slugs))
    rows = list(wanted.only(*_FEATURE_COLUMNS).order_by("slug"))
    sources: dict[int, list[FeatureSource]] = defaultdict(list)
    active = FeatureSource.objects.filter(feature__in=[row.pk for row in rows], retired_at=None)
    for source in active.select_related("repo").only(*_SOURCE_COLUMNS).order_by("feature", "position", "pk"):
        sources[source.feature_id].append(source)
    return {
        row.slug: FeatureFacts(
            slug=row.slug,
            title=row.title,
            description=row.description,
            category=row.category,
            complexity=Complexity(row.complexity),
            tags=tuple(row.tags),
            requires=tuple(row.requires),
            conflicts=tuple(row.conflicts),
            compatible_stacks=tuple(row.compatible_stacks),
            sources=tuple(
                source_facts(source, position, policy) for position, source in enumerate(sources[row.pk])
            ),
        )
        for row in rows
    }


def source_facts(source: FeatureSource, position: int, policy: PolicyInForce) -> SourceFacts:
    """A source, which comes with its `repo`, as a plan sees it."""
    decision = LicenseDecision(source.license_decision)
    rule, reason = source.license_rule, source.license_reason
    if policy.is_of_project:
        decided = decide(
            source.license_in_force,
            policy.terms,
            ownership=Ownership(source.repo.ownership),
            use=Use.COPY,
        )
        decision, rule, reason = decided.outcome, decided.rule, decided.reason
    return SourceFacts(
        repo_id=source.repo.repo_id,
        repo_url=source.repo.url,
        paths=tuple(source.paths),
        license=source.license_in_force,
        decision=decision,
        decision_rule=rule,
        decision_reason=reason,
        status=SourceStatus(source.status),
        status_detail=source.status_detail,
        pinned_commit=source.pinned_commit,
        is_whitelisted=source.repo.is_whitelisted,
        ownership=Ownership(source.repo.ownership),
        quality=source.quality_score,
        judgement=source.judgement,
        compatible_stacks=tuple(source.compatible_stacks),
        position=position,
        notes=source.notes,
    )


def _read_stacks(catalog: FeatureCatalog) -> tuple[StackFacts, ...]:
    preferred: dict[int, list[str]] = defaultdict(list)
    for stack_pk, repo_ref in (
        PreferredRepo.objects.filter(stack__catalog=catalog)
        .order_by("stack", "position", "pk")
        .values_list("stack", "repo_ref")
    ):
        preferred[stack_pk].append(repo_ref)
    rows = StackProfile.objects.active().filter(catalog=catalog).order_by("slug")
    return tuple(
        StackFacts(
            slug=row.slug,
            title=row.title,
            description=row.description,
            project_types=tuple(row.project_types),
            slots=_slots(row),
            preferred_repos=tuple(preferred[row.pk]),
            ci_profile=CiProfile(row.ci_profile),
            budget_multiplier=row.budget_multiplier,
            notes=row.notes,
        )
        for row in rows
    )


def _slots(row: StackProfile) -> dict[str, str]:
    named = {slot: getattr(row, slot) for slot in _SLOTS}
    further = {
        name: ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
        for name, value in sorted(row.slots.items())
    }
    return {slot: value for slot, value in {**named, **further}.items() if value}


def _threshold(thresholds: Mapping[str, object], name: str) -> Decimal:
    value = thresholds.get(name)
    return (
        Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else Decimal(0)
    )


def _read_outcomes() -> tuple[str, Mapping[tuple[str, str], Sequence[tuple[SourceKey, ReuseRecord]]]]:
    newest = OutcomeSnapshot.objects.order_by("-id").values_list("digest", flat=True).first()
    return ("", {}) if newest is None else (newest, _published_outcomes(newest))


@lru_cache(maxsize=4)
def _published_outcomes(digest: str) -> Mapping[tuple[str, str], Sequence[tuple[SourceKey, ReuseRecord]]]:
    """By catalog and feature. A published snapshot never changes."""
    records: dict[tuple[str, str], list[tuple[SourceKey, ReuseRecord]]] = defaultdict(list)
    for said in OutcomeSnapshot.objects.get(digest=digest).content:
        key = (said["feature"], said["repo_id"], tuple(said["paths"]))
        records[said["catalog"], said["feature"]].append(
            (key, ReuseRecord(tried=said["tried"], completed=said["completed"]))
        )
    return dict(records)
