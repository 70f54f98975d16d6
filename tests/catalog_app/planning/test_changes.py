import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from catalog_app.briefing.types import Pin, Veto, Wish
from catalog_app.choices import FeatureDecision, ParameterType, PlanMode, Strength
from catalog_app.interchange.entries import Json
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.changes import PlanChanges, read_changes, write_changes
from catalog_app.planning.deciding import decide
from catalog_app.planning.request import Parameter, PlanRequest
from catalog_app.planning.snapshot import Resolution, Snapshot
from catalog_app.planning.spelling import MOST_SUGGESTIONS
from catalog_app.planning.wishes import MAX_WISHES
from catalog_app.planning.written import MAX_PROBLEMS
from tests.catalog_app.planning.catalogs import choose, feature, match, snapshot, source
from tests.support.plans import a_feature

CATALOG = snapshot(
    feature("auth-basic", source("auth"), title="Sign-in with password"),
    feature("team-workspaces", source("teams"), title="Team workspaces", requires=("auth-basic",)),
    feature("stripe-billing", source("pay"), title="Billing with Stripe", requires=("customer-records",)),
    feature("customer-records", source("crm"), title="Customer records"),
)
REQUEST = PlanRequest(
    title="Shop",
    wishes=(
        Wish("login", "Users can log in", slug="auth-basic"),
        Wish("groups", "People work together in groups", strength=Strength.SHOULD),
        Wish("payments", "We charge monthly", slug="stripe-billing", pin=Pin("pay")),
        Wish("paying-again", "Pay by card", slug="stripe-billing"),
        Wish("dark-mode", "Dark mode"),
        Wish("dark-charts", "Dark charts"),
    ),
    vetoes=(Veto("no-ads", "advertising"),),
    constraints=("Runs on one server",),
    slots={"db": "postgres"},
    answers={"which:groups": "team-workspaces", "conflict:a:stripe-billing": "a"},
    parameters=(Parameter("price", ParameterType.NUMBER, 9),),
)
RESOLUTIONS = {"groups": match("team-workspaces")}


def change(
    said: Mapping[str, Json], *, is_asking: bool = False
) -> tuple[PlanRequest, list[tuple[str, str, str]]]:
    changes, problems = read_changes(said)
    assert problems == ()
    assert read_changes(json.loads(json.dumps(write_changes(changes)))) == (changes, ())
    plan = decide(REQUEST, CATALOG, RESOLUTIONS)
    questions = plan.questions if is_asking else None
    changed, refused = apply_changes(REQUEST, changes, features=plan.features, questions=questions)
    return changed, [(p.code, p.origin.pointer, p.suggestion) for p in refused]


@pytest.mark.parametrize(
    ("said", "code", "pointer", "suggestion"),
    [
        ({"remove": ["logn"]}, "unknown_feature", "/remove/0", "login"),
        ({"remove": ["zzzzzz"]}, "unknown_feature", "/remove/0", ""),
        ({"remove": ["  "]}, "unknown_feature", "/remove/0", ""),
        ({"remove": ["dark"]}, "ambiguous_feature", "/remove/0", ""),
        ({"remove": ["Customer records"]}, "required_feature", "/remove/0", ""),
        ({"remove": ["login", "auth-basic"]}, "contradiction", "/remove/1", ""),
        ({"replace": [{"feature": "logn", "with": "x"}]}, "unknown_feature", "/replace/0/feature", "login"),
        ({"pins": {"lgin": None}}, "unknown_feature", "/pins/lgin", "login"),
        ({"pins": {"login": "a"}, "build_new": ["login"]}, "contradiction", "/pins/login", ""),
        ({"pins": {"login": "a", "auth-basic": "b"}}, "contradiction", "/pins/auth-basic", ""),
        ({"reuse": ["login"], "build_new": ["login"]}, "contradiction", "/reuse/0", ""),
        ({"strengths": {"qqqq": "must"}}, "unknown_feature", "/strengths/qqqq", ""),
        ({"remove_vetoes": ["advertisin"]}, "unknown_veto", "/remove_vetoes/0", "advertising"),
        (
            {"remove_constraints": ["One server"]},
            "unknown_constraint",
            "/remove_constraints/0",
            "Runs on one server",
        ),
        ({"values": {"prize": 3}}, "unknown_parameter", "/values/prize", "price"),
        ({"values": {"price": "much"}}, "wrong_value", "/values/price", ""),
    ],
)
def test_what_cannot_be_done_is_said_with_what_may_be_meant(
    said: Mapping[str, Json], code: str, pointer: str, suggestion: str
) -> None:
    assert (code, pointer, suggestion) in change(said)[1]


@pytest.mark.parametrize(
    ("written", "pointer", "code"),
    [
        (None, "", "wrong_kind"),
        ({"ad": []}, "/ad", "unknown_key"),
        ({"add": [4]}, "/add/0", "wrong_kind"),
        ({"replace": [{"feature": "a"}]}, "/replace/0", "missing"),
        ({"pins": {"a": 4}}, "/pins/a", "wrong_kind"),
        ({"strengths": {"a": "much"}}, "/strengths/a", "unknown_value"),
        ({"mode": "fast"}, "/mode", "unknown_value"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(written: Json, pointer: str, code: str) -> None:
    assert (pointer, code) in [(p.origin.pointer, p.code) for p in read_changes(written)[1]]


@pytest.mark.parametrize(
    "key", ["remove", "build_new", "reuse", "remove_vetoes", "remove_constraints", "pins", "strengths"]
)
def test_lists_have_an_end(key: str) -> None:
    names = [f"name {number}" for number in range(MAX_WISHES + 1)]
    said: Json = dict.fromkeys(names, "must") if key in ("pins", "strengths") else list(names)
    _, problems = read_changes({key: said})
    assert [(problem.origin.pointer, problem.code) for problem in problems] == [(f"/{key}", "too_many")]


def test_of_many_things_that_cannot_be_done_enough_are_said() -> None:
    names = tuple(f"dark mod {number}" for number in range(300))
    changes = PlanChanges(remove=names, remove_vetoes=names, remove_constraints=names)
    _, problems = apply_changes(REQUEST, changes)
    assert len(problems) == MAX_PROBLEMS
    assert [problem.suggestion for problem in problems].count("dark-mode") == MOST_SUGGESTIONS


def test_a_veto_goes_by_its_key_its_slug_or_what_it_says() -> None:
    request = replace(REQUEST, vetoes=(Veto("no-ads", "Advertising!"), Veto("no-sms", "SMS", slug="sms")))
    for names, left in (
        (["no-ads"], ["no-sms"]),
        (["no advertising", "sms"], []),
        (["NO SMS"], ["no-ads"]),
    ):
        changed, problems = apply_changes(request, PlanChanges(remove_vetoes=tuple(names)))
        assert ([veto.key for veto in changed.vetoes], problems) == (left, ())
    kept, (problem,) = apply_changes(request, PlanChanges(remove_vetoes=("",)))
    assert (kept.vetoes, problem.code) == (request.vetoes, "unknown_veto")


def test_answers_are_checked_against_what_the_plan_asks() -> None:
    request = PlanRequest(wishes=(Wish("a", "A", slug="a"), Wish("b", "B")), vetoes=(Veto("no-a", "A"),))
    plan = decide(request, snapshot(feature("a"), feature("b")), {"b": choose("a", "b")})
    answers = {"veto:a": "kep", "which:b": "b", "veto:b": "keep"}
    _, problems = apply_changes(
        request, PlanChanges(answers=answers), features=plan.features, questions=plan.questions
    )
    assert [(p.code, p.origin.pointer, p.suggestion) for p in problems] == [
        ("unknown_option", "/answers/veto:a", "keep"),
        ("unknown_question", "/answers/veto:b", "veto:a"),
    ]
    right, problems = apply_changes(
        request, PlanChanges(answers={"veto:a": "keep", "which:b": "b"}), questions=plan.questions
    )
    assert problems == ()
    assert right.answers == {"veto:a": "keep", "which:b": "b"}


def test_no_changes_are_no_changes() -> None:
    assert change({}, is_asking=True) == (REQUEST, [])
    assert write_changes(PlanChanges()) == {}


def test_the_same_but_with_this_and_without_that() -> None:
    changed, problems = change(
        {
            "title": "Market",
            "mode": "draft",
            "stack": "django_htmx_pg",
            "slots": {"db": "", "cache": "redis"},
            "add": ["Gift cards", {"key": "login", "quote": "Log in with a passkey"}],
            "remove": ["groups", "Billing with Stripe"],
            "replace": [{"feature": "dark mode", "with": {"quote": "High contrast", "strength": "should"}}],
            "vetoes": ["chat"],
            "remove_vetoes": ["no advertising"],
            "constraints": ["GDPR"],
            "remove_constraints": ["runs on one server."],
            "answers": {"which:groups": ""},
            "values": {"price": 12},
        }
    )
    assert problems == []
    assert changed == replace(
        REQUEST,
        title="Market",
        mode=PlanMode.DRAFT,
        stack="django_htmx_pg",
        slots={"cache": "redis"},
        wishes=(
            REQUEST.wishes[0],
            Wish("high-contrast", "High contrast", strength=Strength.SHOULD),
            REQUEST.wishes[5],
            Wish("gift-cards", "Gift cards"),
            Wish("login-2", "Log in with a passkey"),
        ),
        vetoes=(Veto("no-chat", "chat"),),
        constraints=("GDPR",),
        answers={},
        values={"price": 12},
    )


@pytest.mark.parametrize(
    "name", ["payments", "stripe-billing", "we charge MONTHLY", "Billing with Stripe", "stripe"]
)
def test_a_feature_goes_by_any_of_its_names_with_what_was_merged_into_it(name: str) -> None:
    changed, problems = change({"remove": [name]})
    assert problems == []
    assert not {"payments", "paying-again"} & {wish.key for wish in changed.wishes}
    assert "conflict:a:stripe-billing" not in changed.answers


@pytest.mark.parametrize(("head", "other"), [("git", "github"), ("github", "git")])
def test_of_merged_wishes_one_is_changed_alone_by_what_only_it_says(head: str, other: str) -> None:
    wishes = (Wish("git", "Apply patches in git"), Wish("github", "Log in with GitHub"))
    first = a_feature(head, slug="git-hosting")
    merged = a_feature(other, slug="git-hosting", decision=FeatureDecision.MERGED, merged_into=head)
    changes = PlanChanges(
        replace=(("log in with github", Wish("", "Social login")),), build_new=("Apply patches in git",)
    )
    changed, problems = apply_changes(PlanRequest(wishes=wishes), changes, features=(first, merged))
    assert problems == ()
    assert [(wish.quote, wish.build_new) for wish in changed.wishes] == [
        ("Apply patches in git", True),
        ("Social login", False),
    ]


@pytest.mark.parametrize("name", ["groups", "team-workspaces", "teams"])
def test_what_lookup_found_can_be_named(name: str) -> None:
    changed, problems = change({"strengths": {name: "must"}})
    assert problems == []
    assert changed.wishes[1].strength is Strength.MUST


def test_pins_and_building_new_take_each_other_back() -> None:
    changed, _ = change({"build_new": ["payments"]})
    assert [(w.build_new, w.pin) for w in changed.wishes[2:4]] == [(True, None), (True, None)]
    pin = PlanChanges(pins={"payments": Pin("pay", ("lib",))})
    pinned, _ = apply_changes(changed, pin)
    assert (pinned.wishes[2].build_new, pinned.wishes[2].pin) == (False, Pin("pay", ("lib",)))
    assert apply_changes(pinned, PlanChanges(pins={"payments": None}))[0].wishes[2].pin is None


def test_what_is_only_required_becomes_a_wish_when_something_is_said_of_it() -> None:
    changed, problems = change({"pins": {"customer-records": {"repo_id": "crm"}}})
    assert problems == []
    assert changed.wishes[-1] == Wish(
        "requires:customer-records", "Customer records", slug="customer-records", pin=Pin("crm")
    )
    assert _planned(changed, CATALOG, RESOLUTIONS) == _planned(REQUEST, CATALOG, RESOLUTIONS)


def _planned(
    request: PlanRequest, catalog: Snapshot, resolutions: Mapping[str, Resolution]
) -> set[tuple[str, str]]:
    return {(f.key, f.slug) for f in decide(request, catalog, resolutions).features}
