"""The fields of "the same, but": what they say is exactly what is changed."""

import pytest
from django.http import QueryDict

from catalog_app.briefing.keys import key_of
from catalog_app.briefing.types import Wish
from catalog_app.choices import ParameterType, PlanMode
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import Parameter, PlanRequest
from catalog_app.views.template_form import (
    changes_of,
    describe_fields,
    read_template_form,
    start_template_form,
)

REQUEST = PlanRequest(
    title="Shop",
    wishes=(Wish("login", "people sign in"), Wish("teams", "teams")),
    stack="web",
    parameters=(
        Parameter("company", ParameterType.TEXT, "Acme"),
        Parameter("seats", ParameterType.NUMBER, 10),
        Parameter("is_public", ParameterType.BOOLEAN, default=True),
        Parameter("region", ParameterType.CHOICE, "eu", choices=("eu", "us")),
    ),
    values={"seats": 20},
)
UNTOUCHED = "value:company=Acme&value:seats=20&value:is_public=true&value:region=eu&step=save"


def changes(query: str) -> PlanChanges:
    return changes_of(read_template_form(QueryDict(query), REQUEST), REQUEST)


def problems(query: str) -> list[str]:
    form = read_template_form(QueryDict(query), REQUEST)
    return [each.problem for each in describe_fields(form, REQUEST) if each.problem]


@pytest.mark.parametrize(
    "seats", ["", "many", "1.2.3", "-", ".", "e5", "1e999", "١٢", "1_000", "nan", "9" * 400]
)
def test_what_is_no_number_is_said_beside_its_field(seats: str) -> None:
    query = UNTOUCHED.replace("seats=20", f"seats={seats}")
    assert problems(query) == ["This must be a number."]
    assert "seats" not in changes(query).values


def test_what_cannot_be_chosen_is_said_or_left_out() -> None:
    query = UNTOUCHED.replace("region=eu", "region=mars") + "&mode=reckless&keep=nothing&unknown=1"
    assert problems(query) == ["Choose one of eu, us."]
    assert changes(query) == PlanChanges()


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    assert changes(UNTOUCHED) == PlanChanges()
    assert changes_of(start_template_form(REQUEST), REQUEST) == PlanChanges()
    same = UNTOUCHED + "&boxes=1&keep=teams&keep=login&title=Shop&stack=web&mode=&added=%0A++%0A&words="
    assert changes(same) == PlanChanges()


def test_every_field_is_exactly_its_change() -> None:
    query = (
        "title=Other+shop&stack=go&mode=draft&boxes=1&keep=login&keep=other"
        "&added=Pay+by+card%0A%0APay+by+card%0AGift+vouchers"
        "&value:company=%00Zeta&value:seats=2.5&value:region=us"
    )
    assert changes(query) == PlanChanges(
        title="Other shop",
        mode=PlanMode.DRAFT,
        stack="go",
        add=(Wish(key_of("Pay by card"), "Pay by card"), Wish(key_of("Gift vouchers"), "Gift vouchers")),
        remove=("teams",),
        values={"company": "Zeta", "seats": 2.5, "is_public": False, "region": "us"},
    )
    form = read_template_form(QueryDict(query), REQUEST)
    assert form.added_text == "Pay by card\nGift vouchers"
    assert [each.shown for each in describe_fields(form, REQUEST)] == ["Zeta", "2.5", "no", "us"]


def test_no_line_is_lost_however_many_there_are() -> None:
    lines = [f"Thing {number}" for number in range(1_000)]
    added = QueryDict(mutable=True)
    added["added"] = "\n".join([*lines, "Project type: web app"])
    said = changes(f"{UNTOUCHED}&{added.urlencode()}")
    assert [wish.quote for wish in said.add] == lines
    assert said.project_type == "web app"
