"""What is not wanted, and what only sounds like it."""

import pytest

from catalog_app.briefing.grounds import Ground
from catalog_app.briefing.sayings import SayingKind, understand_point, understand_sentence


def _said(text: str) -> list[tuple[str, str]]:
    return [(saying.kind.value, saying.text) for saying in understand_point(text, Ground.OPEN)]


@pytest.mark.parametrize(
    "text",
    [
        "No more than 50 users",
        "Users can pay without an account",
        "Checkout without registration",
        "Let people search without reloading the page",
        "Works without JavaScript",
        "no user may see the files of another",
        "Not only admins can export",
        "Show the total, not the details",
        "The list must not be slow",
        "We do not have a designer",
        "Nobody else can open it",
        "users should not need to install anything",
    ],
)
def test_takes_rules_manners_and_facts_for_no_veto(text: str) -> None:
    assert SayingKind.VETO.value not in [kind for kind, _ in _said(text)]


@pytest.mark.parametrize(
    ("text", "vetoes"),
    [
        ("no teams", ["teams"]),
        ("No mobile app.", ["mobile app"]),
        ("without teams", ["teams"]),
        ("not a marketplace", ["marketplace"]),
        ("no blog, no chat", ["blog", "chat"]),
        ("No chat, forum or wiki", ["chat", "forum", "wiki"]),
        ("must not have a chat", ["chat"]),
        ("We do not need teams", ["teams"]),
        ("We don't want ads", ["ads"]),
        ("It won\N{RIGHT SINGLE QUOTATION MARK}t need a forum", ["forum"]),
        ("Teams are not needed", ["Teams"]),
        ("Teams: no", ["Teams"]),
        ("Push messages (out of scope)", ["Push messages"]),
        ("Won't have: video calls", ["video calls"]),
        ("Avoid cookies", ["cookies"]),
        ("There must be no tracking", ["tracking"]),
        ("it needs no database", ["database"]),
        ("\N{CROSS MARK} video calls", ["video calls"]),
        ("no support for Internet Explorer", ["Internet Explorer"]),
        ("no teams for now", ["teams"]),
    ],
)
def test_reads_what_is_refused(text: str, vetoes: list[str]) -> None:
    assert _said(text) == [("veto", veto) for veto in vetoes]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Login, but no Google", [("wish", "Login"), ("veto", "Google")]),
        ("Payments without PayPal", [("wish", "Payments"), ("veto", "PayPal")]),
        ("A shop (without reviews)", [("wish", "A shop"), ("veto", "reviews")]),
        (
            "We need accounts, but we do not want social login",
            [("wish", "We need accounts"), ("veto", "social login")],
        ),
        (
            "No mobile app, just a responsive website",
            [("veto", "mobile app"), ("wish", "a responsive website")],
        ),
        (
            "No self-registration: admins can create accounts",
            [("veto", "self-registration"), ("wish", "admins can create accounts")],
        ),
    ],
)
def test_reads_what_is_wanted_beside_it(text: str, said: list[tuple[str, str]]) -> None:
    assert _said(text) == said


def test_keeps_the_condition_with_the_wish() -> None:
    wish = understand_point("Payments without PayPal", Ground.FEATURES)[0]

    assert wish.constraints == ("without PayPal",)


def test_keeps_a_condition_whole_beside_what_it_refuses() -> None:
    said = understand_sentence("Postgres, and no further database", Ground.LIMITS)
    licence = understand_sentence("Permissive licences only, no GPL", Ground.LIMITS)

    assert [(saying.kind.value, saying.text) for saying in said] == [
        ("limit", "Postgres, and no further database"),
        ("veto", "further database"),
    ]
    assert [saying.kind for saying in licence] == [SayingKind.LIMIT]
