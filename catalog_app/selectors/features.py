"""Features and combinations by their slugs."""

from django.db.models import Prefetch, QuerySet

from catalog_app.errors import CombinationNotFound, FeatureNotFound
from catalog_app.models import Feature, FeatureCatalog, FeatureCombination, FeatureSource
from catalog_app.selectors.sources import with_usability


def get_feature(catalog: FeatureCatalog, slug: str) -> Feature:
    """The feature with all of its sources, the retired ones too. Raises FeatureNotFound."""
    sources = with_usability(FeatureSource.objects.select_related("repo")).order_by("position", "pk")
    feature = (
        Feature.objects.select_related("catalog")
        .prefetch_related(Prefetch("sources", queryset=sources))
        .filter(catalog=catalog, slug=slug)
        .first()
    )
    if feature is None:
        raise FeatureNotFound(f"Catalog {catalog.slug} has no feature {slug!r}.")
    return feature


def with_sources(features: QuerySet[Feature]) -> QuerySet[Feature]:
    """Each feature with those of its `sources` that count, and these with repository and `is_usable`."""
    active = FeatureSource.objects.filter(retired_at=None).select_related("repo")
    rows = with_usability(active).order_by("position", "pk")
    return features.prefetch_related(Prefetch("sources", queryset=rows))


def list_categories(catalog: FeatureCatalog) -> list[str]:
    """Every category of a catalog's features, in order."""
    named = Feature.objects.filter(catalog=catalog).exclude(category="")
    return list(named.order_by("category").values_list("category", flat=True).distinct())


def list_combinations(
    catalog: FeatureCatalog, *, feature: str = "", is_retired: bool | None = False
) -> QuerySet[FeatureCombination]:
    """Combinations of a catalog, or those that a feature is part of."""
    combinations = FeatureCombination.objects.filter(catalog=catalog).order_by("slug")
    if feature:
        combinations = combinations.filter(features__contains=[feature])
    if is_retired is not None:
        combinations = combinations.filter(retired_at__isnull=not is_retired)
    return combinations


def get_combination(catalog: FeatureCatalog, slug: str) -> FeatureCombination:
    """Raises CombinationNotFound."""
    combination = list_combinations(catalog, is_retired=None).filter(slug=slug).first()
    if combination is None:
        raise CombinationNotFound(f"Catalog {catalog.slug} has no combination {slug!r}.")
    return combination
