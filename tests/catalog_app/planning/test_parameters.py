import pytest

from catalog_app.briefing.types import Veto, Wish
from catalog_app.choices import ParameterType
from catalog_app.interchange.entries import Json
from catalog_app.planning.parameters import check_parameters, effective_values, fill_in
from catalog_app.planning.request import GivenPhase, Parameter, PlanRequest

TEXT, NUMBER, BOOLEAN, CHOICE = ParameterType
PARAMETERS = (
    Parameter("name", TEXT, "Acme"),
    Parameter("seats", NUMBER, 5),
    Parameter("trial", BOOLEAN, True),
    Parameter("plan", CHOICE, "monthly", choices=("monthly", "yearly")),
)


@pytest.mark.parametrize(
    ("parameter", "pointer", "code"),
    [
        (Parameter("1st", TEXT, ""), "/parameters/0/name", "bad_name"),
        (Parameter("a", TEXT, 1), "/parameters/0/default", "wrong_value"),
        (Parameter("a", NUMBER, True), "/parameters/0/default", "wrong_value"),
        (Parameter("a", NUMBER, "1"), "/parameters/0/default", "wrong_value"),
        (Parameter("a", BOOLEAN, 1), "/parameters/0/default", "wrong_value"),
        (Parameter("a", CHOICE, "b", choices=("c",)), "/parameters/0/default", "wrong_value"),
        (Parameter("a", CHOICE, ["b"], choices=("c",)), "/parameters/0/default", "wrong_value"),
        (Parameter("a", CHOICE, "b"), "/parameters/0", "missing"),
    ],
)
def test_parameters_must_have_a_name_and_a_default_of_their_type(
    parameter: Parameter, pointer: str, code: str
) -> None:
    problems = check_parameters(PlanRequest(parameters=(parameter,)))
    assert [(problem.origin.pointer, problem.code) for problem in problems] == [(pointer, code)]


@pytest.mark.parametrize(
    ("name", "value", "code", "suggestion"),
    [
        ("nmae", "x", "unknown_parameter", "name"),
        ("name", None, "wrong_value", ""),
        ("seats", "many", "wrong_value", ""),
        ("plan", "yearl", "wrong_value", "yearly"),
    ],
)
def test_a_wrong_value_is_said_and_the_default_taken(
    name: str, value: Json, code: str, suggestion: str
) -> None:
    request = PlanRequest(parameters=PARAMETERS, values={name: value})
    (problem,) = check_parameters(request)
    assert (problem.origin.pointer, problem.code, problem.suggestion) == (f"/values/{name}", code, suggestion)
    assert effective_values(request) == effective_values(PlanRequest(parameters=PARAMETERS))
    assert [warning.code for warning in fill_in(request)[1]] == ["wrong_parameter"]


def test_long_values_that_are_named_often_do_not_make_a_plan_that_nobody_can_hold() -> None:
    request = PlanRequest(
        parameters=(Parameter("long", TEXT, "x" * 50_000), Parameter("name", TEXT, "Acme")),
        wishes=tuple(Wish(f"w{n}", "{{long}} " * 100 + "of {{name}}") for n in range(100)),
    )
    filled, warnings = fill_in(request)
    assert sum(len(wish.quote) for wish in filled.wishes) < 400_000
    assert filled.wishes[0].quote.endswith("{{long}} of {{name}}")
    assert [(warning.code, warning.subjects) for warning in warnings] == [
        ("parameter_too_long", ("long",)),
        ("parameter_too_long", ("name",)),
    ]


def test_a_name_twice_is_said_and_the_first_counts() -> None:
    request = PlanRequest(parameters=(Parameter("a", TEXT, "x"), Parameter("a", TEXT, "y")))
    assert [problem.code for problem in check_parameters(request)] == ["same_name"]
    assert effective_values(request) == {"a": "x"}


def test_values_stand_in_every_text_and_unknown_names_stay() -> None:
    request = PlanRequest(
        title="{{name}} and {{ name }}",
        summary="{{seats}} seats, trial: {{trial}}",
        wishes=(Wish("{{name}}", "{{plan}} billing", terms=("{{name}}",), constraints=("{{seats}}",)),),
        vetoes=(Veto("v", "{{plam}}"),),
        constraints=("for {{name}}, {{}}, {{1}}",),
        parameters=PARAMETERS,
        values={"name": "{{plan}} & Söhne", "trial": False, "seats": 2.5},
        given=(GivenPhase("P1", "t", "{{name}}", "{{plan}}", acceptance_criteria=("{{seats}}",)),),
    )
    filled, warnings = fill_in(request)
    assert filled.title == "{{plan}} & Söhne and {{plan}} & Söhne"
    assert filled.summary == "2.5 seats, trial: no"
    (wish,) = filled.wishes
    assert (wish.key, wish.quote, wish.constraints) == ("{{name}}", "monthly billing", ("2.5",))
    assert filled.vetoes[0].quote == "{{plam}}"
    assert filled.constraints == ("for {{plan}} & Söhne, {{}}, {{1}}",)
    assert (filled.given[0].description, filled.given[0].acceptance_criteria) == ("monthly", ("2.5",))
    assert [(w.code, w.subjects) for w in warnings] == [("unknown_parameter", ("plam",))]
    assert "Did you mean {{plan}}?" in warnings[0].text
