"""The admin's sidebar."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def items(client: Client, path: str) -> dict[str, dict[str, Any]]:
    groups = client.get(path).context["sidebar_navigation"]
    return {item["title"]: item for group in groups for item in group["items"]}


def test_offers_what_the_person_may_open(client: Client) -> None:
    client.force_login(User.objects.create_user("bob", is_staff=True))

    shown = items(client, "/admin/")

    assert {"Features", "Sources", "Scans", "Health"} <= set(shown)
    assert not {"Users", "API keys", "Jobs"} & set(shown)
    for item in shown.values():
        assert client.get(item["link"]).status_code == 200, item


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/admin/", []),
        ("/admin/catalog_app/featurecatalog/", ["Catalogs"]),
        ("/admin/catalog_app/featurecatalog/health/", ["Health"]),
        ("/admin/catalog_app/feature/add/", ["Features"]),
    ],
)
def test_marks_the_one_that_the_page_belongs_to(client: Client, path: str, active: list[str]) -> None:
    client.force_login(User.objects.create_superuser("root"))

    assert [title for title, item in items(client, path).items() if item["active"]] == active
