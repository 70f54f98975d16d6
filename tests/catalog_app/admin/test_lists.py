"""Lists of the catalog's admin: who sees them, what they find, what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from autopack.actors import Role
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureSource
from tests.catalog_app.admin.conftest import SignIn
from tests.support import catalog_factories as make
from tests.support.catalog_bulk import fill_catalog

pytestmark = pytest.mark.django_db

FEATURES = "/admin/catalog_app/feature/"
SOURCES = "/admin/catalog_app/featuresource/"
REPOS = "/admin/catalog_app/sourcerepo/"
LISTS = [
    FEATURES,
    SOURCES,
    REPOS,
    "/admin/catalog_app/stackprofile/",
    "/admin/catalog_app/featurecombination/",
    "/admin/catalog_app/licensepolicy/",
    "/admin/catalog_app/featurecatalog/",
    "/admin/catalog_app/sourcescan/",
]
RETIRABLE = [FEATURES, SOURCES, "/admin/catalog_app/stackprofile/", "/admin/catalog_app/featurecombination/"]


def listed(client: Client, url: str) -> set[Any]:
    response = client.get(url)
    assert response.status_code == 200
    return {row.pk for row in response.context["cl"].queryset}


@pytest.mark.parametrize("url", LISTS)
def test_lists_are_for_staff(sign_in: SignIn, url: str) -> None:
    assert Client().get(url).status_code == 302
    assert sign_in("eve", Role.CURATOR, is_staff=False).get(url).status_code == 302


@pytest.mark.parametrize("url", LISTS)
def test_staff_without_the_role_reads_and_adds_nothing(bob: Client, url: str) -> None:
    assert bob.get(url).status_code == 200
    assert bob.get(f"{url}add/").status_code == 403
    assert bob.post(f"{url}add/", {}).status_code == 403


def test_nothing_is_deleted(sign_in: SignIn) -> None:
    root = sign_in("root", is_superuser=True)
    source = make.verified_source()
    for row in (source.feature, source, source.repo, source.feature.catalog, source.last_scan):
        assert row is not None
        url = f"/admin/catalog_app/{row._meta.model_name}/"
        assert root.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
        root.post(url, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        row.refresh_from_db()


def test_the_index_opens_for_readers_and_shows_nothing_to_add(bob: Client) -> None:
    page = bob.get("/admin/").content.decode()

    assert FEATURES in page
    assert f"{FEATURES}add/" not in page
    assert "/admin/auth/user/" not in page


def test_features_are_found_by_slug_title_and_alias(ada: Client) -> None:
    social = make.FeatureFactory.create(slug="oauth-social-login", aliases=["sign in with google"])
    make.FeatureFactory.create(slug="invoices")

    assert listed(ada, f"{FEATURES}?q=Google+oauth") == {social.pk}
    assert listed(ada, f"{FEATURES}?q=google+invoices") == set()


def test_features_are_filtered_by_what_is_known_of_their_sources(ada: Client) -> None:
    usable = make.verified_source(repo__is_whitelisted=True, compatible_stacks=["web"])
    copyleft = make.SourceFactory.create(license_decision=LicenseDecision.DENIED.value)
    wrong = make.SourceFactory.create(
        status=SourceStatus.MISMATCH.value, feature__category="geo", feature__compatible_stacks=["stack-1"]
    )
    make.StackFactory.create(slug="stack-1")
    # A retired source says nothing of its feature.
    make.SourceFactory.create(
        feature=wrong.feature, status=SourceStatus.STALE.value, retired_at=timezone.now()
    )

    assert listed(ada, f"{FEATURES}?usable=yes") == {usable.feature_id}
    assert listed(ada, f"{FEATURES}?usable=no") == {copyleft.feature_id, wrong.feature_id}
    assert listed(ada, f"{FEATURES}?decision=denied") == {copyleft.feature_id}
    assert listed(ada, f"{FEATURES}?status=mismatch") == {wrong.feature_id}
    assert listed(ada, f"{FEATURES}?status=stale") == set()
    assert listed(ada, f"{FEATURES}?category=geo") == {wrong.feature_id}
    assert listed(ada, f"{FEATURES}?stack=stack-1") == {wrong.feature_id}
    assert listed(ada, f"{FEATURES}?whitelisted=yes") == {usable.feature_id}
    assert listed(ada, f"{FEATURES}?verified=never") == {copyleft.feature_id, wrong.feature_id}


def test_the_retired_are_listed_when_they_are_asked_for(ada: Client) -> None:
    active = make.FeatureFactory.create()
    retired = make.FeatureFactory.create(retired_at=timezone.now())

    assert listed(ada, FEATURES) == {active.pk}
    assert listed(ada, f"{FEATURES}?retired=yes") == {retired.pk}
    assert listed(ada, f"{FEATURES}?retired=all") == {active.pk, retired.pk}


def test_sources_are_filtered_by_what_wants_a_curator(ada: Client) -> None:
    fresh = make.verified_source(repo__is_whitelisted=True)
    FeatureSource.objects.filter(pk=fresh.pk).update(verified_at=timezone.now())
    old = make.verified_source()
    FeatureSource.objects.filter(pk=old.pk).update(
        verified_at=timezone.now() - timedelta(days=400), unreachable_since=timezone.now()
    )
    unsettled = make.SourceFactory.create(declared_text="BSD", declared_license="")
    silent = make.SourceFactory.create(declared_text="")
    gone = make.SourceFactory.create(feature__retired_at=timezone.now())

    assert listed(ada, f"{SOURCES}?verified=month") == {fresh.pk}
    assert listed(ada, f"{SOURCES}?verified=older") == {old.pk}
    assert listed(ada, f"{SOURCES}?reachable=no") == {old.pk}
    assert listed(ada, f"{SOURCES}?usable=yes") == {fresh.pk}
    assert listed(ada, f"{SOURCES}?license=unsettled") == {unsettled.pk}
    assert listed(ada, f"{SOURCES}?license=missing") == {silent.pk}
    assert listed(ada, f"{SOURCES}?retired=yes") == {gone.pk}
    assert listed(ada, f"{SOURCES}?feature__id__exact={old.feature_id}") == {old.pk}


def test_a_filter_with_a_value_that_does_not_exist_filters_nothing(ada: Client) -> None:
    source = make.SourceFactory.create()

    assert listed(ada, f"{SOURCES}?status=lost") == {source.pk}


def test_a_list_does_not_offer_every_row_as_a_choice(ada: Client) -> None:
    source = make.SourceFactory.create(feature__slug="hidden-in-no-dropdown", retired_at=timezone.now())

    page = ada.get(SOURCES).content.decode()

    assert source.feature.slug not in page
    found = ada.get(
        "/admin/autocomplete/?term=dropdown&app_label=catalog_app&model_name=featuresource&field_name=feature"
    ).json()
    assert [choice["text"] for choice in found["results"]] == ["hidden-in-no-dropdown"]


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("featuresource", "repo"),
        ("featuresource", "feature"),
        ("feature", "catalog"),
        ("sourcescan", "source"),
        ("featurecatalog", "license_policy"),
    ],
)
def test_choices_of_many_are_searched(bob: Client, model: str, field: str) -> None:
    make.ScanFactory.create()
    asked = f"app_label=catalog_app&model_name={model}&field_name={field}"

    found = bob.get(f"/admin/autocomplete/?term=a&{asked}").json()["results"]

    assert len(found) == 1


def test_lists_need_the_same_queries_for_few_and_for_many_rows(ada: Client) -> None:
    addresses = [*LISTS, *(f"{url}?q=o" for url in LISTS), *(f"{url}?retired=all" for url in RETIRABLE)]

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get(url).status_code == 200, url
        return len(queries)

    make.CombinationFactory.create()
    fill_catalog(features=12, sources=30)
    for url in LISTS:
        count(url)
    few = {url: count(url) for url in addresses}

    for _ in range(3):
        make.CombinationFactory.create(features=["a", "b"])
    fill_catalog(features=60, sources=240)
    fill_catalog(features=60, sources=240, slug="second")

    assert {url: count(url) for url in addresses} == few
    assert Feature.objects.count() == 132
