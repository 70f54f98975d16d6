"""What planners do to a template from its pages."""

from typing import Any

import pytest
from django.test import Client

from autopack.actors import Role
from catalog_app.choices import ParameterType
from catalog_app.models import PlanTemplate
from catalog_app.planning.request import Parameter
from catalog_app.services.planning import request_of
from tests.support.catalog_factories import START, CatalogFactory
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
    too_long = planner.post(f"{PAGE}edit/", WORDS | {"version": "9" * 5_000, "tags": "x" * 61})
    assert too_long.status_code == 422
    assert PlanTemplate.objects.get().title == "Old shop"


def test_an_edit_is_a_version_of_its_own(planner: Client, template: PlanTemplate) -> None:
    assert "Old shop" in planner.get(f"{PAGE}edit/").content.decode()
    assert "Version 2." in planner.post(f"{PAGE}edit/", WORDS, follow=True).content.decode()
    template.refresh_from_db()
    assert (template.title, template.description, template.tags) == ("Shop", "For shops", ["a", "b"])
    assert "Said better." in template.versions.get(number=2).note
    again = planner.post(f"{PAGE}edit/", WORDS | {"version": "2"}, follow=True)
    assert "Nothing was different." in again.content.decode()


def parameters(*rows: tuple[str, str, str, str, str]) -> dict[str, Any]:
    """Any: fields of a form."""
    names = ("name", "type", "default", "choices", "description")
    return {"rows": "1"} | {f"parameter_{name}": [row[at] for row in rows] for at, name in enumerate(names)}


def test_parameters_are_rows_of_fields(planner: Client, template: PlanTemplate) -> None:
    CatalogFactory.create()
    page = planner.get(f"{PAGE}edit/").content.decode()
    assert 'name="parameter_name" value="company"' in page
    wrong = parameters(("seats", "number", "many", "", ""), ("region", "choice", "eu", "", ""))
    refused = planner.post(f"{PAGE}edit/", WORDS | wrong)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "This must be a number." in html
    assert "Say what there is to choose from." in html
    assert 'value="many"' in html
    assert (
        "must start with a letter"
        in planner.post(f"{PAGE}edit/", WORDS | parameters(("1st", "text", "", "", ""))).content.decode()
    )

    rows = parameters(
        ("company", "text", "Acme", "", "Who it is for."),
        ("seats", "number", "20", "", "How many may use it."),
        ("region", "choice", "eu", "eu, us", ""),
        ("is_public", "boolean", "yes", "", ""),
        ("", "text", "", "", ""),
    )
    planner.post(f"{PAGE}edit/", WORDS | rows)
    kept = template.versions.get(number=2)
    assert request_of(kept).parameters == (
        Parameter("company", ParameterType.TEXT, "Acme", "Who it is for."),
        Parameter("seats", ParameterType.NUMBER, 20, "How many may use it."),
        Parameter("region", ParameterType.CHOICE, "eu", choices=("eu", "us")),
        Parameter("is_public", ParameterType.BOOLEAN, default=True),
    )
    assert kept.document["parameters"]["seats"] == 20
    again = planner.post(f"{PAGE}edit/", WORDS | rows | {"version": "2", "note": ""}, follow=True)
    assert "Nothing was different." in again.content.decode()


def test_a_parameter_that_is_filled_in_without_a_name_is_asked_for_one(
    planner: Client, template: PlanTemplate
) -> None:
    CatalogFactory.create()
    unnamed = WORDS | parameters(("company", "text", "Acme", "", ""), ("", "text", "kept", "", ""))
    refused = planner.post(f"{PAGE}edit/", unnamed | {"parameter_was": ["company", ""]})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "Give it a name, or empty its fields." in html
    assert 'value="kept"' in html
    assert template.versions.count() == 1

    dropped = WORDS | parameters(("", "text", "Acme", "", ""), ("seats", "number", "20", "", ""))
    planner.post(f"{PAGE}edit/", dropped | {"parameter_was": ["company", ""]})
    kept = request_of(template.versions.get(number=2)).parameters
    assert [parameter.name for parameter in kept] == ["seats"]


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
