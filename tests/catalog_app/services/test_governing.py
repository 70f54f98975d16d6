"""Making catalogs, and choosing their policies."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.choices import LicenseDecision
from catalog_app.errors import InvalidCatalog, ReasonRequired
from catalog_app.models import FeatureCatalog, LicensePolicy
from catalog_app.services.governing import create_catalog, get_or_create_catalog, set_license_policy
from catalog_app.services.importing import import_files
from catalog_app.services.policies import PolicyEntry, save_policy
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db


def test_refuses_a_slug_that_is_taken(curator: Actor) -> None:
    make.CatalogFactory.create(slug="main")

    with pytest.raises(InvalidCatalog) as refusal:
        create_catalog("main", "Another", actor=curator)

    assert refusal.value.problem_code == "catalog_exists"
    assert FeatureCatalog.objects.count() == 1


def test_a_catalog_is_made_when_it_is_first_asked_for(curator: Actor) -> None:
    with pytest.raises(Refused, match="'a b' is no name of a catalog"):
        get_or_create_catalog("a b", actor=curator)
    assert not FeatureCatalog.objects.exists()

    made = get_or_create_catalog("team_tools", actor=curator, reason="For us")
    assert (made.title, made.license_policy.slug) == ("Team tools catalog", "default")
    assert made.history.first().history_change_reason == "For us"
    assert get_or_create_catalog("team_tools", actor=curator) == made
    assert FeatureCatalog.objects.count() == 1


def test_refuses_another_policy_without_a_reason(curator: Actor) -> None:
    catalog = make.CatalogFactory.create()

    with pytest.raises(ReasonRequired):
        set_license_policy(catalog, make.LicensePolicyFactory.create(slug="b"), actor=curator, reason=" ")


def test_a_new_catalog_is_sealed_and_under_the_default_policy(curator: Actor) -> None:
    catalog = create_catalog("second", "Second", actor=curator, reason="For games")

    assert catalog.license_policy.slug == "default"
    assert (catalog.version, len(catalog.digest)) == (1, 64)
    first = catalog.history.first()
    assert first is not None
    assert (first.history_user, first.history_change_reason) == ("ada (user:7)", "For games")


def test_another_policy_decides_every_source_anew(curator: Actor) -> None:
    source = make.SourceFactory.create()
    catalog = source.feature.catalog
    strict = make.LicensePolicyFactory.create(slug="strict", allowed=[], denied=["MIT"])

    set_license_policy(catalog, strict, actor=curator, reason="Legal says so.")

    source.refresh_from_db()
    catalog.refresh_from_db()
    assert source.license_decision == LicenseDecision.DENIED
    assert catalog.license_policy == strict
    assert catalog.version == 1


def test_the_policy_that_it_has_changes_nothing(curator: Actor) -> None:
    catalog = make.CatalogFactory.create()

    set_license_policy(catalog, catalog.license_policy, actor=curator, reason="")

    catalog.refresh_from_db()
    assert catalog.history.count() == 1


def test_another_policy_decides_as_it_is_now_and_not_as_it_was_seen(curator: Actor) -> None:
    source = make.SourceFactory.create()
    strict = make.LicensePolicyFactory.create(slug="strict", allowed=["MIT"], denied=[])
    seen = LicensePolicy.objects.get(pk=strict.pk)
    save_policy(strict, PolicyEntry("strict", "Strict", denied=["MIT"]), actor=curator, reason="Stricter")

    set_license_policy(source.feature.catalog, seen, actor=curator, reason="Legal says so.")

    source.refresh_from_db()
    assert source.license_decision == LicenseDecision.DENIED


@pytest.mark.django_db(transaction=True)
def test_an_import_and_a_change_of_policy_do_not_wait_for_each_other(curator: Actor) -> None:
    """One holds what it has asked for first, while the other takes all that it wants."""
    policy = get_or_create_catalog(actor=curator).license_policy
    change = PolicyEntry("default", "Default policy", allowed=["ISC"])

    def save_elsewhere() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
            save_policy(policy, change, actor=curator, reason="Stricter")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        catalog = get_or_create_catalog(actor=curator)
        pool.submit(save_elsewhere).result(timeout=30)
        import_files(catalog, [("f.yaml", b"features: {a: {}}")], actor=curator)
    policy.refresh_from_db()
    assert policy.allowed == ["ISC"]
