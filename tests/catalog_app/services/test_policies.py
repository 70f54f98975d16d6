"""A change of policy decides every source anew."""

import pytest

from autopack.actors import Actor
from catalog_app.choices import LicenseDecision
from catalog_app.errors import InvalidPolicy, ReasonRequired
from catalog_app.models import FeatureSource, LicensePolicy
from catalog_app.services.policies import PolicyEntry, get_default_policy, save_policy
from tests.support import catalog_factories as make
from tests.support.factories import ProjectFactory

pytestmark = pytest.mark.django_db

STRICT = PolicyEntry("default", "Default policy", allowed=["Apache-2.0"], denied=["MIT"])


def test_refuses_terms_that_name_nothing(curator: Actor) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        save_policy(None, PolicyEntry("new", "New", allowed=["Appache-2.0", "MIT"]), actor=curator, reason="")

    assert "Apache-2.0" in str(refusal.value.errors)
    assert not LicensePolicy.objects.exists()


def test_refuses_to_change_terms_without_a_reason(curator: Actor) -> None:
    source = make.SourceFactory.create()

    with pytest.raises(ReasonRequired):
        save_policy(source.feature.catalog.license_policy, STRICT, actor=curator, reason="")

    source.refresh_from_db()
    assert source.license_decision == LicenseDecision.ALLOWED


def test_a_project_keeps_its_policy_whatever_is_said_later(curator: Actor) -> None:
    project = ProjectFactory.create()
    policy = save_policy(
        None, PolicyEntry("shop", "Shop", allowed=["MIT"], project=project), actor=curator, reason=""
    )

    save_policy(policy, PolicyEntry("shop", "The shop", allowed=["MIT"]), actor=curator, reason="")

    policy.refresh_from_db()
    assert (policy.title, policy.project) == ("The shop", project)


def test_a_stricter_policy_denies_what_was_allowed_and_says_why(curator: Actor) -> None:
    source = make.SourceFactory.create()
    untouched = make.SourceFactory.create(
        feature=make.FeatureFactory.create(
            catalog=make.CatalogFactory.create(
                slug="other", license_policy=make.LicensePolicyFactory.create(slug="other")
            )
        )
    )
    catalog = source.feature.catalog

    save_policy(catalog.license_policy, STRICT, actor=curator, reason="Legal says so.")

    source.refresh_from_db()
    assert source.license_decision == LicenseDecision.DENIED
    assert source.license_rule
    assert "MIT" in source.license_reason
    newest = source.history.first()
    assert newest is not None
    assert newest.history_change_reason == "Policy default: Legal says so."
    catalog.refresh_from_db()
    assert catalog.version == 1
    untouched.refresh_from_db()
    assert untouched.license_decision == LicenseDecision.ALLOWED


def test_saving_the_same_policy_again_changes_nothing(curator: Actor) -> None:
    source = make.SourceFactory.create()
    policy = source.feature.catalog.license_policy
    save_policy(policy, STRICT, actor=curator, reason="Legal says so.")
    before = (policy.history.count(), source.history.count())

    save_policy(policy, STRICT, actor=curator, reason="")

    assert (policy.history.count(), source.history.count()) == before


def test_the_default_policy_is_made_once(curator: Actor) -> None:
    first = get_default_policy(actor=curator)

    assert get_default_policy(actor=curator) == first
    assert FeatureSource.objects.count() == 0
    assert "category:permissive" in first.allowed
