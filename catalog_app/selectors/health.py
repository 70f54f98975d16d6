"""What of a catalog wants a curator: counts, and the things behind those that no list can be filtered by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, PreferredRepo

MOST_SHOWN = 100
"""Of each kind of finding; the counts are of all."""


SETTLED_STATUSES = frozenset({SourceStatus.DECLARED, SourceStatus.VERIFIED})
"""The others say that something is not as it was thought to be."""


@dataclass(frozen=True, slots=True)
class CatalogConcern:
    """A catalog with sources that a person should look at, counted by what is wrong with them."""

    slug: str
    title: str
    counts: Mapping[SourceStatus, int]


@dataclass(frozen=True, slots=True)
class DanglingReference:
    """`kind` is feature, combination or stack; `field` the list that names something that is not there."""

    kind: str
    slug: str
    field: str
    target: str


@dataclass(frozen=True, slots=True)
class SharedName:
    """An alias of several features, or of one and the slug of another. `slugs` are the first of `count`."""

    name: str
    slugs: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class SharedRepo:
    """One address under several repository ids."""

    url_key: str
    repo_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogHealth:
    """Of what is active. `statuses` and `decisions` have every member."""

    features: int
    features_without_source: int
    features_without_usable_source: int
    sources: int
    usable_sources: int
    statuses: Mapping[SourceStatus, int]
    decisions: Mapping[LicenseDecision, int]
    unsettled_licenses: int
    undeclared_licenses: int
    unreachable_now: int
    not_whitelisted: int
    dangling_count: int
    dangling: Sequence[DanglingReference]
    shared_names_count: int
    shared_names: Sequence[SharedName]
    shared_repos_count: int
    shared_repos: Sequence[SharedRepo]


def measure_health(catalog: FeatureCatalog) -> CatalogHealth:
    """In a fixed number of queries, whatever the catalog's size."""
    features = _count_features(catalog)
    sources = _count_sources(catalog)
    dangling = _find_dangling(catalog)
    names = [SharedName(name, tuple(slugs), count) for name, slugs, count in _rows(_SHARED_NAMES, catalog)]
    repos = [SharedRepo(key, tuple(ids)) for key, ids in _rows(_SHARED_REPOS, catalog)]
    return CatalogHealth(
        features=features["every"],
        features_without_source=features["bare"],
        features_without_usable_source=features["unusable"],
        sources=sources["every"],
        usable_sources=sources["usable"],
        statuses={status: sources[f"status_{status}"] for status in SourceStatus},
        decisions={decision: sources[f"decision_{decision}"] for decision in LicenseDecision},
        unsettled_licenses=sources["unsettled"],
        undeclared_licenses=sources["undeclared"],
        unreachable_now=sources["unreachable_now"],
        not_whitelisted=sources["not_whitelisted"],
        dangling_count=len(dangling),
        dangling=dangling[:MOST_SHOWN],
        shared_names_count=len(names),
        shared_names=names[:MOST_SHOWN],
        shared_repos_count=len(repos),
        shared_repos=repos[:MOST_SHOWN],
    )


def list_concerns() -> list[CatalogConcern]:
    """The catalogs of which a scan has found something wrong, by title. One query."""
    wrong = [status.value for status in SourceStatus if status not in SETTLED_STATUSES]
    counted = (
        FeatureSource.objects.active()
        .filter(status__in=wrong)
        .order_by("feature__catalog__title", "feature__catalog__slug")
        .values("feature__catalog__slug", "feature__catalog__title", "status")
        .annotate(sources=Count("pk"))
    )
    found: dict[str, CatalogConcern] = {}
    for row in counted:
        slug, title = row["feature__catalog__slug"], row["feature__catalog__title"]
        known = found.get(slug) or CatalogConcern(slug, title, {})
        counts = {**known.counts, SourceStatus(row["status"]): row["sources"]}
        found[slug] = CatalogConcern(slug, title, counts)
    return list(found.values())


def _count_features(catalog: FeatureCatalog) -> Mapping[str, int]:
    own = FeatureSource.objects.filter(feature=OuterRef("pk"), retired_at=None)
    usable = FeatureSource.objects.usable().filter(feature=OuterRef("pk"))
    return (
        Feature.objects.active()
        .filter(catalog=catalog)
        .aggregate(
            every=Count("pk"),
            bare=Count("pk", filter=~Exists(own)),
            unusable=Count("pk", filter=~Exists(usable)),
        )
    )


def _count_sources(catalog: FeatureCatalog) -> Mapping[str, int]:
    is_usable = Q(
        status=SourceStatus.VERIFIED.value,
        license_decision=LicenseDecision.ALLOWED.value,
        repo__is_whitelisted=True,
    )
    conditions = {
        "usable": is_usable,
        "unsettled": Q(declared_license="") & ~Q(declared_text=""),
        "undeclared": Q(declared_license="", declared_text=""),
        "unreachable_now": Q(unreachable_since__isnull=False),
        "not_whitelisted": Q(repo__is_whitelisted=False),
        **{f"status_{status}": Q(status=status.value) for status in SourceStatus},
        **{f"decision_{decision}": Q(license_decision=decision.value) for decision in LicenseDecision},
    }
    counts = {name: Count("pk", filter=condition) for name, condition in conditions.items()}
    sources = FeatureSource.objects.active().filter(feature__catalog=catalog)
    return sources.aggregate(every=Count("pk"), **counts)


def _find_dangling(catalog: FeatureCatalog) -> list[DanglingReference]:
    found = [DanglingReference(*row) for row in _rows(_DANGLING, catalog)]
    unknown = PreferredRepo.objects.filter(stack__catalog=catalog, stack__retired_at=None, repo=None)
    for slug, repo in unknown.order_by("stack__slug", "position").values_list("stack__slug", "repo_ref"):
        found.append(DanglingReference("stack", slug, "preferred repositories", repo))
    return found


def _rows(query: str, catalog: FeatureCatalog) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"catalog": catalog.pk})
        return list(cursor.fetchall())


_DANGLING = """
WITH feature AS (
    SELECT * FROM catalog_app_feature WHERE catalog_id = %(catalog)s AND retired_at IS NULL
), stack AS (
    SELECT slug FROM catalog_app_stackprofile WHERE catalog_id = %(catalog)s AND retired_at IS NULL
), combination AS (
    SELECT * FROM catalog_app_featurecombination WHERE catalog_id = %(catalog)s AND retired_at IS NULL
), said AS (
    SELECT 'feature' AS kind, slug, 'requires' AS field, unnest(requires) AS target FROM feature
    UNION ALL SELECT 'feature', slug, 'conflicts', unnest(conflicts) FROM feature
    UNION ALL SELECT 'combination', slug, 'features', unnest(features) FROM combination
), said_of_stacks AS (
    SELECT 'feature' AS kind, slug, 'compatible stacks' AS field, unnest(compatible_stacks) AS target
        FROM feature
    UNION ALL SELECT 'combination', slug, 'compatible stacks', unnest(compatible_stacks) FROM combination
    UNION ALL SELECT 'feature', feature.slug, 'stacks of a source', unnest(source.compatible_stacks)
        FROM catalog_app_featuresource AS source JOIN feature ON feature.id = source.feature_id
        WHERE source.retired_at IS NULL
)
SELECT DISTINCT kind, slug, field, target FROM said WHERE target NOT IN (SELECT slug FROM feature)
UNION SELECT DISTINCT kind, slug, field, target FROM said_of_stacks
    WHERE target NOT IN (SELECT slug FROM stack)
ORDER BY kind, slug, field, target
"""
_SHARED_NAMES = """
SELECT name, (array_agg(DISTINCT slug ORDER BY slug))[1:20], count(DISTINCT slug) FROM (
    SELECT lower(unnest(aliases)) AS name, slug FROM catalog_app_feature
        WHERE catalog_id = %(catalog)s AND retired_at IS NULL
    UNION ALL SELECT lower(slug), slug FROM catalog_app_feature
        WHERE catalog_id = %(catalog)s AND retired_at IS NULL
) AS named
GROUP BY name HAVING count(DISTINCT slug) > 1 ORDER BY name
"""
# Repositories are everybody's; the pairs that matter here are those with a part in this catalog.
_SHARED_REPOS = """
SELECT repo.url_key, array_agg(repo.repo_id ORDER BY repo.repo_id) FROM catalog_app_sourcerepo AS repo
WHERE repo.url_key IN (
    SELECT used.url_key FROM catalog_app_sourcerepo AS used
    JOIN catalog_app_featuresource AS source ON source.repo_id = used.id AND source.retired_at IS NULL
    JOIN catalog_app_feature AS feature ON feature.id = source.feature_id
    WHERE feature.catalog_id = %(catalog)s AND feature.retired_at IS NULL AND used.url_key <> ''
)
GROUP BY repo.url_key HAVING count(*) > 1 ORDER BY repo.url_key
"""
