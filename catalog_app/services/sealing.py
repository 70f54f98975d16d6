"""The state that a plan can name: every change of a catalog moves its version and its digest.

A feature's digest covers all that a plan could see of it: what curators say, and what is known of its
sources. The catalog's digest covers the digests of its features, its stacks, combinations and policy.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Prefetch
from django.utils import timezone

from autopack.digests import digest_json
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    SourceRepo,
    StackProfile,
)
from catalog_app.services.queue import defer_index

_BATCH = 1_000

_FEATURE_FIELDS = (
    "slug",
    "title",
    "description",
    "category",
    "complexity",
    "aliases",
    "request_phrases",
    "requires",
    "conflicts",
    "tags",
    "compatible_stacks",
    "notes",
    "extra",
)
_SOURCE_FIELDS = (
    "paths",
    "declared_text",
    "declared_license",
    "compatible_stacks",
    "notes",
    "extra",
    "judgement",
    "judgement_note",
    "status",
    "pinned_commit",
    "effective_license",
    "license_decision",
    "quality_score",
)
_REPO_FIELDS = (
    "repo_id",
    "url",
    "fetch_from",
    "default_branch",
    "ownership",
    "visibility",
    "is_whitelisted",
    "notes",
    "extra",
)
_STACK_FIELDS = (
    "slug",
    "title",
    "description",
    "project_types",
    "backend",
    "db",
    "vector_db",
    "frontend",
    "slots",
    "ci_profile",
    "budget_multiplier",
    "notes",
    "extra",
)
_COMBINATION_FIELDS = ("slug", "title", "description", "features", "compatible_stacks", "extra")
_CATALOG_FIELDS = (
    "slug",
    "title",
    "description",
    "quality_thresholds",
    "license_compatibility",
    "project_type_mapping",
    "extra",
)
_POLICY_FIELDS = ("slug", "allowed", "review", "denied", "allowed_as_dependency", "own_repositories")

# One line for each active feature, in an order that no collation changes.
_FEATURES_DIGEST = """
SELECT encode(sha256(convert_to(coalesce(
    string_agg(slug || ' ' || digest, E'\\n' ORDER BY slug COLLATE "C"), ''), 'UTF8')), 'hex')
FROM catalog_app_feature WHERE catalog_id = %s AND retired_at IS NULL
"""


class Changes:
    """What a change of catalogs has touched so far."""

    def __init__(self) -> None:
        self._feature_ids: set[int] = set()

    def touch(self, features: Iterable[Feature | int]) -> None:
        """These features, or their sources, are not what they were."""
        self._feature_ids.update(f if isinstance(f, int) else f.pk for f in features)

    def touch_repos(self, repos: Iterable[SourceRepo]) -> None:
        """Every feature with a source in these repositories."""
        ids = FeatureSource.objects.filter(repo__in=list(repos)).values_list("feature_id", flat=True)
        self._feature_ids.update(ids)

    @property
    def feature_ids(self) -> Sequence[int]:
        return sorted(self._feature_ids)


@contextmanager
def changing(catalogs: Iterable[FeatureCatalog | int]) -> Iterator[Changes]:
    """One transaction that changes these catalogs: it locks them (in one order, so that no two wait for each
    other), and at its end brings digests and versions up to date. `updated_at` moves every time: not all
    that people see of a catalog is something that a plan could see. Plans of these catalogs, which only
    refer to them, are kept meanwhile."""
    ids = {catalog if isinstance(catalog, int) else catalog.pk for catalog in catalogs}
    with transaction.atomic():
        locked = list(
            FeatureCatalog.objects.select_for_update(of=("self",), no_key=True)
            .select_related("license_policy")
            .filter(pk__in=ids)
            .order_by("pk")
        )
        changes = Changes()
        yield changes
        _seal_features(changes.feature_ids)
        for catalog in locked:
            _seal_catalog(catalog)


def hold_catalogs() -> None:
    """Until the end of the caller's transaction, nobody else changes any catalog. Plans are kept
    meanwhile."""
    list(FeatureCatalog.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def catalogs_with(repos: Iterable[SourceRepo]) -> set[int]:
    """Ids of the catalogs that a change of these repositories changes."""
    return set(
        FeatureSource.objects.filter(repo__in=list(repos)).values_list("feature__catalog_id", flat=True)
    )


def _seal_features(ids: Sequence[int]) -> None:
    for start in range(0, len(ids), _BATCH):
        sources = FeatureSource.objects.filter(retired_at=None).select_related("repo")
        features = Feature.objects.filter(pk__in=ids[start : start + _BATCH]).prefetch_related(
            Prefetch("sources", queryset=sources.order_by("position", "pk"))
        )
        changed = []
        for feature in features:
            before = (feature.digest, feature.search_text)
            feature.digest, feature.search_text = _digest_feature(feature), _search_text(feature)
            if (feature.digest, feature.search_text) != before:
                changed.append(feature)
        # Derived from rows that have their own history.
        Feature.objects.bulk_update(changed, ["digest", "search_text"], batch_size=_BATCH)


def _seal_catalog(locked: FeatureCatalog) -> None:
    catalog = FeatureCatalog.objects.select_related("license_policy").get(pk=locked.pk)
    stacks = (
        StackProfile.objects.active()
        .filter(catalog=catalog)
        .prefetch_related("preferred_repos")
        .order_by("slug")
    )
    combinations = FeatureCombination.objects.active().filter(catalog=catalog).order_by("slug")
    with connection.cursor() as cursor:
        cursor.execute(_FEATURES_DIGEST, [catalog.pk])
        features = cursor.fetchone()[0]
    digest = digest_json(
        {
            "catalog": _values(catalog, _CATALOG_FIELDS),
            "policy": _values(catalog.license_policy, _POLICY_FIELDS),
            "features": features,
            "stacks": [
                {
                    **_values(stack, _STACK_FIELDS),
                    "preferred_repos": [preferred.repo_ref for preferred in stack.preferred_repos.all()],
                }
                for stack in stacks
            ],
            "combinations": [_values(combination, _COMBINATION_FIELDS) for combination in combinations],
        },
        default=_plain,
    )
    moved = {"digest": digest, "version": F("version") + 1} if digest != catalog.digest else {}
    if moved:
        defer_index(catalog.pk)
    FeatureCatalog.objects.filter(pk=catalog.pk).update(updated_at=timezone.now(), **moved)


def _digest_feature(feature: Feature) -> str:
    sources = [
        {**_values(source, _SOURCE_FIELDS), "repo": _values(source.repo, _REPO_FIELDS)}
        for source in feature.sources.all()
    ]
    return digest_json({**_values(feature, _FEATURE_FIELDS), "sources": sources}, default=_plain)


def _search_text(feature: Feature) -> str:
    words = [
        feature.slug,
        feature.title,
        *feature.aliases,
        feature.category,
        *feature.tags,
        feature.description,
    ]
    return "\n".join(words).lower()


def _values(row: Any, fields: Sequence[str]) -> dict[str, Any]:
    # Any: the fields of five models.
    return {field: getattr(row, field) for field in fields}


def _plain(value: Any) -> str:
    # Decimals: two places in the columns, whatever the unsaved row held.
    return f"{value:.2f}"
