"""What of a catalog wants a curator."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import PreferredRepo
from catalog_app.selectors.health import DanglingReference, SharedName, SharedRepo, measure_health
from tests.support import catalog_factories as make
from tests.support.catalog_bulk import fill_catalog

pytestmark = pytest.mark.django_db


def test_an_empty_catalog_wants_nothing() -> None:
    health = measure_health(make.CatalogFactory.create())

    assert (health.features, health.sources, health.dangling_count) == (0, 0, 0)
    assert health.statuses == dict.fromkeys(SourceStatus, 0)


def test_counts_what_is_active_in_this_catalog() -> None:
    usable = make.verified_source(repo__is_whitelisted=True)
    make.SourceFactory.create(
        feature=usable.feature, declared_text="BSD", declared_license="", license_decision="denied"
    )
    make.SourceFactory.create(status=SourceStatus.MISMATCH.value, unreachable_since=timezone.now())
    make.SourceFactory.create(declared_text="")
    make.SourceFactory.create(retired_at=timezone.now())
    make.SourceFactory.create(feature__retired_at=timezone.now(), declared_text="BSD", declared_license="")
    make.verified_source(feature__catalog=make.CatalogFactory.create(slug="other"))

    health = measure_health(usable.feature.catalog)

    assert (health.features, health.features_without_source, health.features_without_usable_source) == (
        4,
        1,
        3,
    )
    assert (health.sources, health.usable_sources, health.not_whitelisted) == (4, 1, 3)
    assert health.statuses[SourceStatus.VERIFIED] == 1
    assert health.statuses[SourceStatus.MISMATCH] == 1
    assert health.statuses[SourceStatus.STALE] == 0
    assert health.decisions[LicenseDecision.DENIED] == 1
    assert (health.unsettled_licenses, health.undeclared_licenses, health.unreachable_now) == (1, 1, 1)


def test_finds_references_to_what_is_not_there_or_retired() -> None:
    make.StackFactory.create(slug="web")
    make.FeatureFactory.create(slug="gone", retired_at=timezone.now())
    feature = make.FeatureFactory.create(
        slug="login", requires=["gone"], conflicts=["login"], compatible_stacks=["web", "desktop"]
    )
    make.SourceFactory.create(feature=feature, compatible_stacks=["mobile"])
    make.CombinationFactory.create(slug="base", features=["login", "nothing"])
    stack = make.StackFactory.create(slug="api")
    PreferredRepo.objects.create(stack=stack, repo_ref="unknown-repo")

    health = measure_health(feature.catalog)

    assert list(health.dangling) == [
        DanglingReference("combination", "base", "features", "nothing"),
        DanglingReference("feature", "login", "compatible stacks", "desktop"),
        DanglingReference("feature", "login", "requires", "gone"),
        DanglingReference("feature", "login", "stacks of a source", "mobile"),
        DanglingReference("stack", "api", "preferred repositories", "unknown-repo"),
    ]
    assert health.dangling_count == 5


def test_finds_names_and_addresses_that_several_share() -> None:
    login = make.SourceFactory.create(
        feature__slug="login", feature__aliases=["Sign in", "auth"], repo__repo_id="a", repo__url_key="x/y"
    )
    make.FeatureFactory.create(slug="oauth", aliases=["sign in"])
    make.FeatureFactory.create(slug="auth")
    make.RepoFactory.create(repo_id="b", url_key="x/y")
    make.RepoFactory.create(repo_id="placeless", url_key="")
    make.RepoFactory.create(repo_id="elsewhere", url_key="not/here")
    make.RepoFactory.create(repo_id="elsewhere-too", url_key="not/here")

    health = measure_health(login.feature.catalog)

    assert list(health.shared_names) == [
        SharedName("auth", ("auth", "login"), 2),
        SharedName("sign in", ("login", "oauth"), 2),
    ]
    assert list(health.shared_repos) == [SharedRepo("x/y", ("a", "b"))]


def test_costs_the_same_for_few_and_for_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for count in (5, 200):
        catalog = fill_catalog(features=count, sources=count * 3)
        with django_assert_num_queries(6):
            measure_health(catalog)
