"""What planners do to a template from its pages."""

import pytest
from django.test import Client

from autopack.actors import Role
from catalog_app.models import PlanTemplate
from tests.support.catalog_factories import START
from tests.support.pages import SignIn
from tests.support.plan_templates import make_template

PAGE = "/dashboard/templates/shop/"
WORDS = {"title": "Shop", "description": "For shops", "tags": "a, b", "version": "1", "note": "Said better."}


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(Role.PLANNER)


@pytest.fixture(autouse=True)
def template(db: None) -> PlanTemplate:
    return make_template("shop", title="Old shop")


def test_others_read_what_they_may_not_do(reader: Client) -> None:
    for step in ("edit", "archive", "restore"):
        assert reader.post(f"{PAGE}{step}/", WORDS).status_code == 403
        page = reader.get(f"{PAGE}{step}/", follow=True)
        assert page.status_code == 200
        assert f'action="{PAGE}' not in page.content.decode()
    assert PlanTemplate.objects.get().title == "Old shop"


def test_what_cannot_be_kept_is_asked_again_with_every_word(planner: Client) -> None:
    response = planner.post(f"{PAGE}edit/", WORDS | {"tags": "x" * 61, "note": "<b>"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "tags of 60 characters" in html
    assert "x" * 61 in html
    assert "<b>" not in html
    assert planner.post(f"{PAGE}edit/", WORDS | {"version": "9"}).status_code == 422
    assert PlanTemplate.objects.get().title == "Old shop"


def test_an_edit_is_a_version_of_its_own(planner: Client, template: PlanTemplate) -> None:
    assert "Old shop" in planner.get(f"{PAGE}edit/").content.decode()
    assert "Version 2." in planner.post(f"{PAGE}edit/", WORDS, follow=True).content.decode()
    template.refresh_from_db()
    assert (template.title, template.description, template.tags) == ("Shop", "For shops", ["a", "b"])
    assert "Said better." in template.versions.get(number=2).note
    again = planner.post(f"{PAGE}edit/", WORDS | {"version": "2"}, follow=True)
    assert "Nothing was different." in again.content.decode()


def test_a_template_is_put_away_and_taken_back(planner: Client, template: PlanTemplate) -> None:
    assert "Archive this template?" in planner.get(f"{PAGE}archive/").content.decode()
    html = planner.post(f"{PAGE}archive/", follow=True).content.decode()
    assert "The template is archived." in html
    assert f"{PAGE}edit/" not in html
    assert planner.post(f"{PAGE}edit/", WORDS).status_code == 422
    assert planner.get(f"{PAGE}restore/").status_code == 302
    template.refresh_from_db()
    assert template.archived_at is not None
    assert template.archived_at > START
    assert "offered again" in planner.post(f"{PAGE}restore/", follow=True).content.decode()
