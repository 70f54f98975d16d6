"""What a plan can see of a catalog, read at one state of it (see `planning.snapshot`)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from django.db import connection

from autopack.errors import Unavailable
from autopack.models import Project
from catalog_app.choices import CiProfile
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    LicensePolicy,
    OutcomeSnapshot,
    PreferredRepo,
    StackProfile,
)
from catalog_app.planning.snapshot import (
    ReuseRecord,
    Snapshot,
    SourceKey,
    StackFacts,
)
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.feature_facts import PolicyInForce, read_features

T = TypeVar("T")

_TRIES = 5
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
    features = read_features(catalog, _close(catalog, wanted), policy)
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
