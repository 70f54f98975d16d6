"""Licence policies in the admin."""

from typing import Any

import pytest
from django.test import Client

from catalog_app.choices import LicenseDecision
from catalog_app.models import LicensePolicy
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog_app/licensepolicy/add/"
SAID = {
    "slug": "strict",
    "title": "Strict",
    "project": "",
    "own_repositories": "allowed",
    "allowed": "Apache-2.0\nMIT",
    "review": "",
    "denied": "",
    "allowed_as_dependency": "",
    "notes": "",
    "reason": "",
}


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def change(policy: LicensePolicy) -> str:
    return f"/admin/catalog_app/licensepolicy/{policy.pk}/change/"


def test_a_reader_changes_no_policy(bob: Client) -> None:
    policy = make.LicensePolicyFactory.create()

    assert bob.get(change(policy)).status_code == 200
    assert bob.post(change(policy), {**SAID, "reason": "r"}).status_code == 403

    policy.refresh_from_db()
    assert policy.title == "Default policy"


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("allowed", "MIT\nAppache-2.0", "Apache-2.0"),
        ("denied", "category:copyloft", "no category"),
        ("review", "MIT", "strictest list decides"),
    ],
)
def test_a_term_that_cannot_stand_is_refused_beside_its_list(
    ada: Client, field: str, text: str, message: str
) -> None:
    found = errors(ada.post(ADD, {**SAID, field: text}))

    assert message in str(found[field])
    assert not LicensePolicy.objects.exists()


def test_changed_terms_ask_for_a_reason_beside_it(ada: Client) -> None:
    policy = make.LicensePolicyFactory.create()

    assert errors(ada.post(change(policy), SAID)) == {"reason": ["Give a reason for this change."]}

    policy.refresh_from_db()
    assert policy.allowed == ["category:permissive", "category:public-domain"]


def test_a_changed_policy_decides_its_sources_anew(ada: Client) -> None:
    source = make.SourceFactory.create()
    policy = source.feature.catalog.license_policy

    response = ada.post(
        change(policy), {**SAID, "allowed": "Apache-2.0", "denied": "MIT", "reason": "Legal says so."}
    )

    assert response.status_code == 302
    source.refresh_from_db()
    assert source.license_decision == LicenseDecision.DENIED
    policy.refresh_from_db()
    assert (policy.slug, policy.title, policy.allowed) == ("default", "Strict", ["Apache-2.0"])
    newest = policy.history.first()
    assert newest.history_user.startswith("ada (user:")
    assert newest.history_change_reason == "Legal says so."


def test_a_policy_is_added_with_its_terms_in_order(ada: Client) -> None:
    response = ada.post(ADD, {**SAID, "allowed": " MIT \r\n\r\nApache-2.0\r\nMIT"})

    assert response.status_code == 302
    assert LicensePolicy.objects.get().allowed == ["MIT", "Apache-2.0"]
