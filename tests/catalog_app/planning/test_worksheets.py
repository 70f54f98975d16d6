"""A request that is put together step by step, and what makes it of the one that it was begun with."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalog_app.briefing.gathering import MAX_CONSTRAINTS, MAX_VETOES, MAX_WISHES
from catalog_app.briefing.types import Brief, Leftover, Pin, Veto, Wish
from catalog_app.choices import Strength
from catalog_app.planning import worksheets
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import PlanRequest, read_request, write_request
from catalog_app.planning.wishes import MAX_ENTRIES
from catalog_app.planning.worksheets import Worksheet

BEGUN = Worksheet(
    PlanRequest(
        title="Shop",
        wishes=(Wish("login", "People sign in"), Wish("search", "Find things", slug="full-text-search")),
        vetoes=(Veto("no-chat", "live chat"),),
        constraints=("one small server",),
        slots={"db": "postgres"},
        answers={"which:login": "oauth"},
    )
)


def keys(sheet: Worksheet) -> list[str]:
    return [wish.key for wish in sheet.wanted.wishes]


def test_what_is_there_in_the_same_words_is_not_added_again_but_taken_back() -> None:
    sheet = worksheets.remove(BEGUN, "login")
    assert keys(sheet) == ["search"]
    assert keys(worksheets.take_back(sheet, "login")) == ["login", "search"]
    again = worksheets.add_brief(
        sheet, Brief(wishes=(Wish("", "people  SIGN in"), Wish("", "People sign out")))
    )
    assert keys(again) == ["login", "search", "people-sign-out"]


def test_what_is_read_fills_in_what_is_empty_and_loses_nothing() -> None:
    read = Brief(
        title="Other",
        summary="A shop.",
        project_type="web_app",
        wishes=tuple(Wish("", "Find things quickly") for _ in range(2)),
        vetoes=(Veto("", "live chat"), Veto("", "cookies")),
        constraints=("one small server", "GDPR"),
        leftovers=(Leftover("hm", "No feature is meant."),),
    )
    request = worksheets.add_brief(BEGUN, read).request
    assert (request.title, request.summary, request.project_type) == ("Shop", "A shop.", "web_app")
    assert [wish.key for wish in request.wishes[2:]] == ["find-things-quickly", "find-things-quickly-2"]
    assert [veto.quote for veto in request.vetoes] == ["live chat", "cookies"]
    assert request.constraints == ("one small server", "GDPR")
    assert request.leftovers == read.leftovers


def test_more_than_one_plan_takes_is_left_over_and_said() -> None:
    many = Brief(
        wishes=tuple(Wish("", f"feature {number}") for number in range(MAX_WISHES)),
        vetoes=tuple(Veto("", f"veto {number}") for number in range(MAX_VETOES)),
        constraints=("one small server", *(f"condition {number}" for number in range(MAX_CONSTRAINTS))),
    )
    request = worksheets.add_brief(BEGUN, many).request

    sizes = (len(request.wishes), len(request.vetoes), len(request.constraints))
    assert sizes == (MAX_WISHES, MAX_VETOES, MAX_CONSTRAINTS)
    assert [(left.text, left.why) for left in request.leftovers] == [
        ("condition 499", "more than 500 constraints"),
        ("feature 4998", "more than 5,000 features"),
        ("feature 4999", "more than 5,000 features"),
        ("veto 4999", "more than 5,000 things that are not wanted"),
    ]
    assert read_request(write_request(request)) == (request, ())


def test_so_much_is_left_over_that_its_end_is_only_counted() -> None:
    many = Brief(leftovers=tuple(Leftover(f"{number}", "Why.") for number in range(MAX_ENTRIES + 5)))
    request = worksheets.add_brief(BEGUN, many).request

    assert len(request.leftovers) == MAX_ENTRIES
    assert request.leftovers[-2:] == (
        Leftover(f"{MAX_ENTRIES - 2}", "Why."),
        Leftover("6 more", "more than 20,000 things"),
    )
    assert read_request(write_request(request)) == (request, ())


def test_a_wish_becomes_a_veto_and_back() -> None:
    sheet = worksheets.forbid(BEGUN, "login")
    assert keys(sheet) == ["search"]
    assert sheet.request.vetoes[-1] == Veto("no-people-sign-in", "People sign in")
    back = worksheets.want(sheet, "no-people-sign-in")
    assert back.wanted.wishes[-1].quote == "People sign in"
    assert [veto.key for veto in worksheets.allow(back, "no-chat").request.vetoes] == []
    assert worksheets.forbid(BEGUN, "requires:cart", slug="cart").request.vetoes[-1].slug == "cart"


def test_picking_answers_for_words_and_flags_what_was_named() -> None:
    sheet = worksheets.pick(BEGUN, "login", "sso")
    assert sheet.request.answers == {"which:login": "sso"}
    sheet = worksheets.pick(sheet, "login", worksheets.AUTOMATIC)
    assert sheet.request.answers == {}
    sheet = worksheets.pick(sheet, "search", "build-new")
    assert sheet.request.wishes[1].build_new
    assert worksheets.picked(sheet.request, sheet.request.wishes[1]) == "build-new"
    assert not worksheets.pick(sheet, "search", "").request.wishes[1].build_new


def test_a_pin_goes_with_the_feature_that_it_was_for() -> None:
    sheet = worksheets.pin(BEGUN, "login", Pin("auth-kit"))
    assert worksheets.pick(sheet, "login", "oauth") == sheet
    assert worksheets.pick(sheet, "login", "sso").request.wishes[0].pin is None


def test_what_is_not_there_changes_nothing() -> None:
    for step in (
        worksheets.remove,
        worksheets.take_back,
        worksheets.forbid,
        worksheets.allow,
        worksheets.want,
    ):
        assert step(BEGUN, "nothing") == BEGUN
    assert worksheets.pick(BEGUN, "nothing", "sso") == BEGUN


Step = Callable[[Worksheet], Worksheet]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.sampled_from(
        [
            lambda c: worksheets.add_brief(c, Brief(wishes=(Wish("", "Comments"),))),
            lambda c: worksheets.add_brief(c, Brief(vetoes=(Veto("", "cookies"),), constraints=("GDPR",))),
            lambda c: worksheets.remove(c, "login"),
            lambda c: worksheets.remove(c, "search"),
            lambda c: worksheets.take_back(c, "login"),
            lambda c: worksheets.forbid(c, "search"),
            lambda c: worksheets.allow(c, "no-chat"),
            lambda c: worksheets.want(c, "no-chat"),
            lambda c: worksheets.pick(c, "login", "sso"),
            lambda c: worksheets.pick(c, "login", ""),
            lambda c: worksheets.pick(c, "search", "build-new"),
            lambda c: worksheets.pin(c, "login", Pin("auth-kit", ("src",))),
            lambda c: worksheets.weigh(c, "search", Strength.SHOULD),
            lambda c: worksheets.answer(c, {"project-type": "web_app"}),
            lambda c: replace(c, request=replace(c.request, title="Other", stack="web", slots={})),
        ]
    ),
    max_size=8,
)


@given(STEPS)
def test_the_changes_that_are_found_make_the_same_request(steps: list[Step]) -> None:
    sheet = BEGUN
    for step in steps:
        sheet = step(sheet)
    wanted = sheet.wanted
    made, problems = apply_changes(BEGUN.request, worksheets.find_changes(BEGUN.request, wanted))
    assert problems == ()
    gone = {f"which:{key}" for key in ("login", "search") if key not in [wish.key for wish in wanted.wishes]}
    answers = {name: value for name, value in wanted.answers.items() if name not in gone}
    assert made == replace(wanted, answers=answers)


def test_what_is_said_in_words_can_be_taken_back_and_stands_behind_what_it_replaces() -> None:
    changes = PlanChanges(
        add=(Wish("", "Stripe"),),
        replace=(("login", Wish("", "Single sign-on")),),
        remove=("search",),
        vetoes=(Veto("", "cookies"),),
    )
    sheet = worksheets.change(BEGUN, changes, ())
    assert [wish.quote for wish in sheet.request.wishes] == [
        "People sign in", "Single sign-on", "Find things", "Stripe"
    ]  # fmt: skip
    assert sheet.removed == {"login", "search"}
    assert [veto.quote for veto in sheet.request.vetoes] == ["live chat", "cookies"]
    revised, problems = apply_changes(BEGUN.request, worksheets.find_changes(BEGUN.request, sheet.wanted))
    assert problems == ()
    assert [wish.quote for wish in revised.wishes] == ["Single sign-on", "Stripe"]
