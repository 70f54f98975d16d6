"""How a feature goes together with others of its catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog_app.models import Feature, FeatureCatalog, FeatureCombination
from catalog_app.selectors.features import list_combinations

MOST_RELATED = 30


@dataclass(frozen=True, slots=True)
class FeatureLink:
    """`title` is empty where the catalog has no such feature."""

    slug: str
    title: str
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Combination:
    """The features of a combination, without the one that it is shown with."""

    row: FeatureCombination
    others: Sequence[FeatureLink]


@dataclass(frozen=True, slots=True)
class Relations:
    """`needed_by` are the features that require this one."""

    requires: Sequence[FeatureLink] = ()
    conflicts: Sequence[FeatureLink] = ()
    needed_by: Sequence[FeatureLink] = ()
    combinations: Sequence[Combination] = ()

    def __bool__(self) -> bool:
        return any((self.requires, self.conflicts, self.needed_by, self.combinations))


def read_relations(feature: Feature) -> Relations:
    """Four queries. A conflict counts from either side."""
    combinations = list(list_combinations(feature.catalog, feature=feature.slug)[:MOST_RELATED])
    others = Feature.objects.active().filter(catalog=feature.catalog).order_by("title", "pk")
    needed_by = others.filter(requires__contains=[feature.slug])[:MOST_RELATED]
    opposed = others.filter(conflicts__contains=[feature.slug]).values_list("slug", flat=True)[:MOST_RELATED]
    conflicts = list(dict.fromkeys([*feature.conflicts, *opposed]))
    slugs = {*feature.requires, *conflicts, *(slug for row in combinations for slug in row.features)}
    links = _find_links(feature.catalog, slugs)
    return Relations(
        requires=[links[slug] for slug in feature.requires],
        conflicts=[links[slug] for slug in conflicts],
        needed_by=[FeatureLink(row.slug, row.title) for row in needed_by],
        combinations=[
            Combination(row, [links[slug] for slug in row.features if slug != feature.slug])
            for row in combinations
        ],
    )


def _find_links(catalog: FeatureCatalog, slugs: Iterable[str]) -> dict[str, FeatureLink]:
    wanted = list(slugs)
    known = Feature.objects.filter(catalog=catalog, slug__in=wanted).values_list(
        "slug", "title", "retired_at"
    )
    links = {slug: FeatureLink(slug, title, retired_at is not None) for slug, title, retired_at in known}
    return {slug: links.get(slug, FeatureLink(slug, "")) for slug in wanted}
