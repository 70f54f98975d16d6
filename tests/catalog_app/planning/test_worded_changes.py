"""Features and changes, told apart in the words of somebody who puts a plan together."""

import pytest

from catalog_app.briefing.items import read_items
from catalog_app.briefing.types import Wish
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.worded_changes import describe_unknown, find_change, find_refused

REQUEST = PlanRequest(
    wishes=(
        Wish("pay", "Customers pay with PayPal"),
        Wish("teams", "People form teams"),
        Wish("chat", "Live chat"),
        Wish("account-settings", "Account settings"),
        Wish("mail", "Send notifications by mail"),
        Wish("push", "Push notifications"),
    )
)


@pytest.mark.parametrize(
    "line",
    [
        "People sign in",
        "Delete account",
        "Remove notifications",
        "Upload files by dropping them",
        "Sign out",
        "must: drop files to upload",
        "Remove background from images",
        "Switch from light to dark mode",
        "Change the language to German",
        "Users can choose a date rather than a time",
        "Reports instead of spreadsheets",
        "Login without passwords",
        "Without logging in, people can browse",
        "",
    ],
)
def test_what_an_application_does_is_no_change(line: str) -> None:
    assert find_change(line, REQUEST, ()) is None


@pytest.mark.parametrize(
    ("text", "added", "removed", "replaced"),
    [
        ("use Stripe instead of PayPal", [], [], [("PayPal", "Stripe")]),
        ("Use Stripe instead of cash", [], [], [("cash", "Stripe")]),
        ("Replace live chat with tickets", [], [], [("live chat", "tickets")]),
        ("Drop teams", [], ["teams"], []),
        ("drop notifications", [], ["notifications"], []),
        ("Delete account settings", [], ["account settings"], []),
        ("No live chat", [], ["live chat"], []),
        ("we don't need teams", [], ["teams"], []),
        ("the same but without teams", [], ["teams"], []),
        ("The same, but with Stripe", ["Stripe"], [], []),
        ("The same, but\n- with Stripe\n- without teams", ["Stripe"], ["teams"], []),
    ],
)
def test_a_change_is_found(
    text: str, added: list[str], removed: list[str], replaced: list[tuple[str, str]]
) -> None:
    change = find_change(text, REQUEST, ())
    assert change is not None
    assert change.unknown == ()
    delta = change.delta
    assert [wish.quote for wish in delta.add] == added
    assert [veto.quote for veto in delta.remove] == removed
    assert [(old.quote, new.quote) for old, new in delta.replace] == replaced


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("drop the Slack commands", ["Slack commands"]),
        ("Drop files to upload", ["files to upload"]),
        ("Please remove reports", ["reports"]),
        ("Remove the background from images", ["background from images"]),
        ("Let's drop the Slack commands", ["Slack commands"]),
        ("we want to get rid of the wiki", ["wiki"]),
        ("dropping the wiki and dropping teams", ["wiki"]),
        ("add search, drop the wiki", ["wiki"]),
        ("replace the wiki with a forum", ["wiki"]),
    ],
)
def test_what_is_to_go_and_is_not_there_is_no_feature(text: str, unknown: list[str]) -> None:
    change = find_change(text, REQUEST, ())
    assert change is not None
    assert [veto.quote for veto in change.unknown] == unknown
    (problem, *_) = describe_unknown(change, REQUEST, (), {})
    assert problem.code == "unknown_feature"
    assert f"nothing in the plan is called “{unknown[0]}”" in problem.message
    # Where nothing is wanted yet, nothing can go.
    assert find_change(text, PlanRequest(), ()) is None


def test_the_nearest_features_are_named() -> None:
    change = find_change("drop temas", REQUEST, ())
    assert change is not None
    (problem,) = describe_unknown(change, REQUEST, (), {})
    assert "nearest: “People form teams” (teams)" in problem.message
    assert "“no temas”" in problem.message
    assert "“must:”" in problem.message


def test_what_lookup_means_goes_unless_applications_do_such_things() -> None:
    dropped = find_change("drop groups", REQUEST, (), meant=["no-groups"])
    assert dropped is not None
    assert dropped.unknown == ()
    assert find_change("delete groups", REQUEST, (), meant=["no-groups"]) is None
    deleted = find_change("delete groups", REQUEST, (), meant=["no-groups"], is_planned=True)
    assert deleted is not None
    assert deleted.unknown == ()


def test_what_one_brief_both_wants_and_refuses_is_left_to_be_asked() -> None:
    brief, _ = read_items(["Live chat for customers", "No live chat", "No cookies"])
    assert [veto.quote for veto in find_refused(brief)] == ["cookies"]
