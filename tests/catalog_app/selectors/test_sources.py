"""Lists of sources: each filter takes what it says and nothing else."""

from datetime import timedelta

import pytest

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.errors import ScanNotFound, SourceNotFound
from catalog_app.models import FeatureSource
from catalog_app.selectors.sources import (
    SourceFilter,
    find_live_scan,
    get_scan,
    get_source,
    list_scans,
    list_sources,
)
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def usable() -> FeatureSource:
    """Verified and whitelisted, of `login`, from `lib`."""
    return make.verified_source(
        feature=make.FeatureFactory.create(slug="login", search_text="login\nsign in"),
        repo=make.RepoFactory.create(repo_id="lib", is_whitelisted=True),
    )


@pytest.fixture
def declared() -> FeatureSource:
    """Declared for one stack, and to be looked at."""
    source: FeatureSource = make.SourceFactory.create(
        feature=make.FeatureFactory.create(slug="search", search_text="search"),
        repo=make.RepoFactory.create(repo_id="engine"),
        declared_text="MPL-2.0",
        license_decision=LicenseDecision.REVIEW.value,
        compatible_stacks=["rag"],
    )
    return source


def test_what_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(SourceNotFound, match="no source 7"):
        get_source(7)
    with pytest.raises(ScanNotFound, match="no scan 7"):
        get_scan(7)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (SourceFilter(), {"lib", "engine"}),
        (SourceFilter(words="SIGN"), {"lib"}),
        (SourceFilter(words="mpl engine"), {"engine"}),
        (SourceFilter(words="nowhere"), set()),
        (SourceFilter(features=["search", "login"]), {"lib", "engine"}),
        (SourceFilter(features=["search"]), {"engine"}),
        (SourceFilter(repos=["lib"]), {"lib"}),
        (SourceFilter(stacks=["rag"]), {"lib", "engine"}),
        (SourceFilter(stacks=["other"]), {"lib"}),
        (SourceFilter(statuses=[SourceStatus.DECLARED]), {"engine"}),
        (SourceFilter(decisions=[LicenseDecision.ALLOWED]), {"lib"}),
        (SourceFilter(is_usable=True), {"lib"}),
        (SourceFilter(is_usable=False), {"engine"}),
        (SourceFilter(is_pinned=True), {"lib"}),
        (SourceFilter(is_pinned=False), {"engine"}),
        (SourceFilter(is_retired=True), set()),
    ],
)
def test_each_filter_takes_what_it_says(
    usable: FeatureSource, declared: FeatureSource, wanted: SourceFilter, expected: set[str]
) -> None:
    found = list_sources(usable.feature.catalog, wanted)
    assert {source.repo.repo_id for source in found} == expected


def test_sources_of_another_catalog_are_not_of_this_one(usable: FeatureSource) -> None:
    other = make.CatalogFactory.create(slug="other")
    assert not list_sources(other, SourceFilter())


def test_a_source_retires_with_its_feature(usable: FeatureSource, declared: FeatureSource) -> None:
    catalog = usable.feature.catalog
    usable.feature.retired_at = make.START
    usable.feature.save()

    assert list(list_sources(catalog, SourceFilter())) == [declared]
    assert list(list_sources(catalog, SourceFilter(is_retired=True))) == [usable]
    assert list_sources(catalog, SourceFilter(is_retired=None)).count() == 2
    assert not list_sources(catalog, SourceFilter(is_usable=True, is_retired=None))


def test_changes_are_found_from_a_time_on(usable: FeatureSource) -> None:
    catalog = usable.feature.catalog
    moment = usable.updated_at
    assert list(list_sources(catalog, SourceFilter(updated_since=moment))) == [usable]
    assert not list_sources(catalog, SourceFilter(updated_since=moment + timedelta(microseconds=1)))


def test_a_source_comes_with_what_is_known_of_it(usable: FeatureSource) -> None:
    waiting = make.ScanFactory.create(source=usable)
    found = get_source(usable.pk)

    assert vars(found)["is_usable"] is True
    assert find_live_scan(found) == waiting
    assert list(list_scans(found)) == [waiting, usable.last_scan]
    assert get_scan(waiting.pk).source == usable
