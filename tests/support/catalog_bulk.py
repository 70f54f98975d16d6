"""A catalog as large as any, made by the database itself: for query counts, query plans and benchmarks."""

from collections.abc import Sequence

from django.db import connection, models

from catalog_app.choices import ScanState
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo, StackProfile
from tests.support.catalog_factories import (
    START,
    CatalogFactory,
    FeatureFactory,
    RepoFactory,
    ScanFactory,
    SourceFactory,
    StackFactory,
)

STACKS = 12
SOURCES_PER_REPO = 5

_CATEGORIES = (
    "auth", "payments", "search", "storage", "messaging", "analytics", "content", "commerce", "geo", "media",
    "ai", "admin", "testing", "observability", "forms", "files", "i18n", "security", "workflow", "api",
)  # fmt: skip
_THINGS = ("login", "invoices", "full-text search", "uploads", "chat", "reports", "comments", "carts", "maps")
_WAYS = ("hosted", "embedded", "streaming", "scheduled", "multi-tenant", "offline", "signed", "federated")
_LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "MPL-2.0", "AGPL-3.0-only")
_DECISIONS = ("allowed", "allowed", "allowed", "review", "denied")
_STATUSES = (
    *("verified",) * 9,
    *("declared",) * 6,
    *("mismatch", "unknown_license", "path_missing", "unreachable", "stale"),
)

# What a good scan leaves behind on its source.
_PIN = """
UPDATE catalog_app_featuresource AS source
SET status = scan.outcome, last_scan_id = scan.id, pinned_commit = scan.commit, pinned_at = scan.finished_at,
    verified_at = scan.finished_at, detected_license = scan.detected_license,
    effective_license = scan.effective_license, quality_score = scan.quality_score
FROM catalog_app_sourcescan AS scan
WHERE scan.source_id = source.id
    AND source.feature_id IN (SELECT id FROM catalog_app_feature WHERE catalog_id = %s)
"""


def fill_catalog(*, features: int, sources: int, slug: str = "main") -> FeatureCatalog:
    """Add that many features with sources to a catalog; again, and it grows. The same calls make the same.

    One repository for five sources, twelve stacks, every status and decision, some retired features.
    """
    catalog: FeatureCatalog = CatalogFactory.create(slug=slug)
    _insert_stacks(catalog)
    features_before = catalog.features.count()
    repos_before, repos = SourceRepo.objects.count(), max(1, sources // SOURCES_PER_REPO)
    sources_before = FeatureSource.objects.count()
    _insert_features(catalog, features_before, features)
    _insert_repos(repos_before, repos)
    _insert_sources(
        sources_before,
        sources,
        feature_ids=_ids(catalog.features.all(), features_before),
        repo_ids=_ids(SourceRepo.objects.all(), repos_before),
    )
    _insert_scans(sources_before)
    with connection.cursor() as cursor:
        cursor.execute(_PIN, [catalog.pk])
        # Plans are made for tables as they are, not for empty ones.
        cursor.execute("ANALYZE")
    return catalog


def _insert_stacks(catalog: FeatureCatalog) -> None:
    if not catalog.stacks.exists():
        StackProfile.objects.bulk_create(
            StackFactory.build(catalog=catalog, slug=f"stack-{number:02}") for number in range(STACKS)
        )


def _insert_features(catalog: FeatureCatalog, first: int, count: int) -> None:
    category, thing, way = _pick(_CATEGORIES, "n"), _pick(_THINGS, "n"), _pick(_WAYS, "n / 9")
    slug = f"{category} || '-' || lpad(n::text, 5, '0')"
    title = f"initcap({way}) || ' ' || {thing} || ' ' || n"
    alias = f"{way} || ' ' || {thing}"
    _insert(
        FeatureFactory.build(catalog=catalog),
        _numbers(first, count),
        slug=slug,
        title=title,
        description=f"'Adds ' || {alias} || ' to an application, with what it needs around it.'",
        category=category,
        complexity=_pick(("low", "medium", "high"), "n"),
        aliases=f"ARRAY[{alias}]",
        compatible_stacks=_some_stack("n", one_in=3),
        retired_at=f"CASE WHEN mod(n, 50) = 49 THEN '{START.isoformat()}'::timestamptz END",
        search_text=f"lower(concat_ws(E'\\n', {slug}, {title}, {alias}, {category}))",
    )


def _insert_repos(first: int, count: int) -> None:
    name = "'repo-' || lpad(n::text, 5, '0')"
    _insert(
        RepoFactory.build(),
        _numbers(first, count),
        repo_id=name,
        url=f"'https://github.com/example/' || {name}",
        url_key=f"'github.com/example/' || {name}",
        is_whitelisted="mod(n, 4) <> 0",
    )


def _insert_sources(first: int, count: int, *, feature_ids: Sequence[int], repo_ids: Sequence[int]) -> None:
    if not count:
        return
    status = _pick(_STATUSES, "n * 7 + n / 20")
    license_id = _pick(_LICENSES, "n + n / 7")
    _insert(
        SourceFactory.build(),
        _numbers(first, count),
        feature_id=_pick_id(feature_ids, f"n - {first}"),
        repo_id=_pick_id(repo_ids, f"n - {first}"),
        paths="ARRAY['src/part-' || n]",
        declared_text=license_id,
        declared_license=license_id,
        compatible_stacks=_some_stack("n + n / 5", one_in=4),
        position=f"(n - {first}) / {len(feature_ids)}",
        license_decision=_pick(_DECISIONS, "n + n / 7"),
        license_rule=license_id,
        license_reason=f"{license_id} || ' is what the policy names.'",
        # These two need a scan first.
        status=f"CASE WHEN {status} IN ('verified', 'stale') THEN 'declared' ELSE {status} END",
    )


def _insert_scans(first: int) -> None:
    """One for each source that is to be verified or stale."""
    number = "row_number() OVER (ORDER BY id) - 1 AS n"
    numbered = f"(SELECT id, declared_license, {number} FROM catalog_app_featuresource)"
    status = _pick(_STATUSES, "n * 7 + n / 20")
    _insert(
        ScanFactory.build(state=ScanState.DONE.value, finished_at=START),
        f"{numbered} AS source WHERE n >= {first} AND {status} IN ('verified', 'stale')",
        source_id="id",
        outcome=status,
        commit="left(encode(sha256(n::text::bytea), 'hex'), 40)",
        detected_license="declared_license",
        effective_license="declared_license",
        quality_score="(40 + mod(n, 60)) / 100.0",
    )


def _insert(template: models.Model, rows: str, **columns: str) -> None:
    """A row for each of `rows` (the FROM clause): like the template, but for the columns given as SQL."""
    fields = [field for field in template._meta.concrete_fields if not field.primary_key]
    parameters = [
        field.get_db_prep_save(field.pre_save(template, add=True), connection)
        for field in fields
        if field.column not in columns
    ]
    names = [str(field.column) for field in fields]
    targets = ", ".join(connection.ops.quote_name(name) for name in names)
    values = ", ".join(columns.get(name, "%s") for name in names)
    with connection.cursor() as cursor:
        table = template._meta.db_table
        cursor.execute(f"INSERT INTO {table} ({targets}) SELECT {values} FROM {rows}", parameters)


def _ids(rows: models.QuerySet[Feature] | models.QuerySet[SourceRepo], skip: int) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[skip:])


def _numbers(first: int, count: int) -> str:
    return f"generate_series({first}, {first + count - 1}) AS n"


def _pick(words: Sequence[str], number: str) -> str:
    quoted = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{quoted}])[1 + mod({number}, {len(words)})]"


def _pick_id(ids: Sequence[int], number: str) -> str:
    return f"('{{{','.join(map(str, ids))}}}'::bigint[])[1 + mod({number}, {len(ids)})]"


def _some_stack(number: str, *, one_in: int) -> str:
    stack = f"'stack-' || lpad(mod({number}, {STACKS})::text, 2, '0')"
    return f"CASE WHEN mod({number}, {one_in}) = 0 THEN ARRAY[{stack}] ELSE '{{}}'::text[] END"
