"""The words of a page agree with what the database would let a plan take."""

import pytest

from catalog_app.models import Feature, FeatureSource
from catalog_app.presentation.usability import judge_feature, judge_source
from tests.support.catalog_bulk import fill_catalog

pytestmark = pytest.mark.django_db


def test_a_source_is_called_usable_exactly_if_a_plan_may_take_it() -> None:
    fill_catalog(features=100, sources=400)
    usable = set(FeatureSource.objects.usable().values_list("pk", flat=True))
    sources = FeatureSource.objects.filter(feature__retired_at=None).select_related("repo")
    judged = {source.pk: judge_source(source) for source in sources}
    assert {pk for pk, usability in judged.items() if usability.is_usable} == usable
    assert all(bool(usability.reason) != usability.is_usable for usability in judged.values())


def test_a_feature_is_called_usable_exactly_if_one_of_its_sources_is() -> None:
    fill_catalog(features=100, sources=250)
    usable = set(FeatureSource.objects.usable().values_list("feature", flat=True))
    features = Feature.objects.prefetch_related("sources__repo")
    judged = {feature.pk: judge_feature(feature, list(feature.sources.all())) for feature in features}
    assert {pk for pk, usability in judged.items() if usability.is_usable} == usable
