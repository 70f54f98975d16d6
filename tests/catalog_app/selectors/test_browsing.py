"""Facets promise how many features a choice leads to; the list keeps the promise, whatever else is chosen."""

from dataclasses import replace

import pytest

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.browsing import (
    FeatureFilter,
    FeatureOrder,
    Reuse,
    count_by_stack,
    list_features,
    list_features_page,
    read_facets,
)
from tests.support.catalog_bulk import fill_catalog
from tests.support.catalog_factories import CatalogFactory, FeatureFactory, SourceFactory

pytestmark = pytest.mark.django_db

CHOICES = [
    FeatureFilter(),
    FeatureFilter(text="uploads"),
    FeatureFilter(text="nothing like it"),
    FeatureFilter(stack="stack-03"),
    FeatureFilter(stack="unknown"),
    FeatureFilter(reuse=Reuse.USABLE, stack="stack-05"),
    FeatureFilter(reuse=Reuse.UNUSABLE, categories=("ai", "api")),
    FeatureFilter(reuse=Reuse.NO_SOURCE),
    FeatureFilter(statuses=(SourceStatus.STALE, SourceStatus.MISMATCH), is_with_retired=True),
    FeatureFilter(decisions=(LicenseDecision.REVIEW,), statuses=(SourceStatus.VERIFIED,), stack="stack-01"),
]


@pytest.fixture
def catalog() -> FeatureCatalog:
    catalog = fill_catalog(features=150, sources=400)
    FeatureFactory.create_batch(3, catalog=catalog)
    other = CatalogFactory.create(slug="other")
    SourceFactory.create(feature__catalog=other)
    return catalog


@pytest.mark.parametrize("chosen", CHOICES)
def test_every_count_is_what_the_choice_leads_to(catalog: FeatureCatalog, chosen: FeatureFilter) -> None:
    stacks = list(catalog.stacks.values_list("slug", flat=True))
    facets = read_facets(catalog, chosen, stacks=stacks)
    assert facets.total == count(catalog, chosen)
    every = list_features(catalog, replace(chosen, is_with_retired=True))
    assert facets.retired == every.exclude(retired_at=None).count()
    for reuse in Reuse:
        assert facets.reuse[reuse] == count(catalog, replace(chosen, reuse=reuse))
    for status in SourceStatus:
        assert facets.statuses.get(status, 0) == count(catalog, replace(chosen, statuses=(status,)))
    for decision in LicenseDecision:
        assert facets.decisions.get(decision, 0) == count(catalog, replace(chosen, decisions=(decision,)))
    for stack in stacks:
        assert facets.stacks[stack] == count(catalog, replace(chosen, stack=stack))
    for category in ("ai", "api", "geo"):
        assert facets.categories.get(category, 0) == count(catalog, replace(chosen, categories=(category,)))


@pytest.mark.parametrize("chosen", CHOICES)
def test_counts_by_stack_are_those_of_the_facets(catalog: FeatureCatalog, chosen: FeatureFilter) -> None:
    stacks = ["stack-01", "stack-07", "unknown"]
    counted = count_by_stack(catalog, chosen, stacks=stacks)
    assert counted == read_facets(catalog, chosen, stacks=stacks).stacks


@pytest.mark.parametrize("order", FeatureOrder)
def test_every_order_gives_every_feature_once(catalog: FeatureCatalog, order: FeatureOrder) -> None:
    chosen = FeatureFilter(text="a", order=order, is_with_retired=True)
    total = count(catalog, chosen)
    pages = [list_features_page(catalog, chosen, number=n, total=total) for n in range(1, 4)]
    assert pages[0].pages == 3
    slugs = [feature.slug for page in pages for feature in page.items]
    assert len(slugs) == len(set(slugs)) == total


def count(catalog: FeatureCatalog, chosen: FeatureFilter) -> int:
    return list_features(catalog, chosen).count()
