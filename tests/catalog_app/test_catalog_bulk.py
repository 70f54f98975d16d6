"""The large catalog of the benchmarks is one that the services could have left behind."""

import pytest

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureSource, SourceRepo
from tests.support.catalog_bulk import fill_catalog

pytestmark = pytest.mark.django_db


def test_it_grows_to_the_size_asked_for() -> None:
    fill_catalog(features=10, sources=30)
    fill_catalog(features=90, sources=270)
    assert (Feature.objects.count(), FeatureSource.objects.count(), SourceRepo.objects.count()) == (
        100,
        300,
        60,
    )
    assert FeatureSource.objects.filter(feature__slug="auth-00000").count() == 3


def test_it_has_every_status_and_decision_and_something_to_use() -> None:
    fill_catalog(features=200, sources=600)
    sources = FeatureSource.objects
    assert set(sources.values_list("status", flat=True)) == {status.value for status in SourceStatus}
    assert set(sources.values_list("license_decision", flat=True)) == {d.value for d in LicenseDecision}
    assert 0 < sources.usable().count() < 300
    assert Feature.objects.retired().count() == 4
