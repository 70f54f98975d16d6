"""Points and sentences: what they are, how much is wanted, what belongs together."""

import pytest

from catalog_app.briefing.grounds import Ground, ground_of
from catalog_app.briefing.limits import is_limit
from catalog_app.briefing.sayings import understand_point, understand_sentence
from catalog_app.briefing.sentences import split_sentences, split_wishes


@pytest.mark.parametrize(
    "text",
    [
        "The weather is fine.",
        "We are five people.",
        "Today customers call us.",
        "Last year we had 300 orders.",
        "This document describes the shop.",
        "Customers complain about the phone line.",
        "We want to build a shop for lamps.",
    ],
)
def test_makes_no_wish_of_what_asks_for_nothing(text: str) -> None:
    assert [saying.kind.value for saying in understand_sentence(text, Ground.OPEN)] == ["nothing"]


@pytest.mark.parametrize(
    "text",
    [
        "Users can log in.",
        "Customers pay by card.",
        "An admin should be able to block a user.",
        "The app sends a reminder every morning.",
        "It has to remember what I read.",
        "As a clerk, I want to undo an import.",
        "Export everything as CSV.",
        "Invoices are sent by mail.",
        "There should be a search.",
        "It would be nice if orders could be repeated.",
        "Let readers comment.",
    ],
)
def test_makes_a_wish_of_a_sentence_that_asks(text: str) -> None:
    assert [(saying.kind.value, saying.text) for saying in understand_sentence(text, Ground.OPEN)] == [
        ("wish", text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "must run on one small server",
        "It runs on one Linux box",
        "use Postgres",
        "We know Django",
        "Python, FastAPI and Postgres",
        "Backend: Go",
        "GDPR",
        "Must comply with HIPAA",
        "Customer data stays in the EU",
        "Pages load in under 200 ms",
        "under 200 ms",
        "Must handle 1,000 concurrent users",
        "99.9 % uptime",
        "Budget: 300 euros a month",
        "self-hosted",
        "works on phones",
        "Go live by the end of June",
        "Do not write to the old database",
    ],
)
def test_knows_a_condition_on_the_whole(text: str) -> None:
    assert is_limit(text)


@pytest.mark.parametrize(
    "text",
    [
        "Users can upload files of up to 20 MB",
        "Send at most 3 reminders in 2 days",
        "Import orders from SAP",
        "go to the next page",
        "react to messages",
        "Login with GitHub",
        "Ask for a GDPR export",
        "Audit log",
        "Answers in the language of the question",
    ],
)
def test_takes_no_feature_for_a_condition(text: str) -> None:
    assert not is_limit(text)


@pytest.mark.parametrize(
    ("text", "quote", "strength"),
    [
        ("must: dark mode", "dark mode", "must"),
        ("[Should] dark mode", "dark mode", "should"),
        ("Nice to have: dark mode", "dark mode", "should"),
        ("dark mode (optional)", "dark mode", "should"),
        ("dark mode - could have", "dark mode", "should"),
        ("dark mode (P0)", "dark mode", "must"),
        ("[x] dark mode", "dark mode", None),
        ("users should see it in the dark", "users should see it in the dark", "should"),
        ("users must see it in the dark", "users must see it in the dark", "must"),
    ],
)
def test_reads_how_much_is_wanted(text: str, quote: str, strength: str | None) -> None:
    saying = understand_point(text, Ground.OPEN)[0]

    assert (saying.text, saying.strength.value if saying.strength else None) == (quote, strength)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("login, teams and billing", ("login", "teams", "billing")),
        ("login; teams; audit log", ("login", "teams", "audit log")),
        ("search and replace", ("search and replace",)),
        ("CSV, PDF and Excel export", ("CSV, PDF and Excel export",)),
        ("sort, filter and print lists", ("sort, filter and print lists",)),
        ("login with Google, GitHub and Apple", ("login with Google, GitHub and Apple",)),
        ("pay by card, by invoice and in cash", ("pay by card, by invoice and in cash",)),
        ("login", ("login",)),
    ],
)
def test_takes_only_short_names_apart(text: str, parts: tuple[str, ...]) -> None:
    assert split_wishes(text) == parts


def test_takes_apart_what_a_sentence_says_is_needed() -> None:
    said = understand_sentence("We need login and billing.", Ground.OPEN)

    assert [saying.text for saying in said] == ["login", "billing"]


def test_splits_sentences_without_losing_any() -> None:
    text = "Pay by card, e.g. Visa. Use Next.js!\nIs it 3.5 or 4? (Yes.)  No. 5 is alive"

    assert list(split_sentences(text)) == [
        (0, "Pay by card, e.g. Visa."),
        (0, "Use Next.js!"),
        (1, "Is it 3.5 or 4?"),
        (1, "(Yes.)"),
        (1, "No. 5 is alive"),
    ]


@pytest.mark.parametrize(
    ("heading", "ground"),
    [
        ("1. Features", Ground.FEATURES),
        ("What users can do", Ground.FEATURES),
        ("Not in scope", Ground.VETOES),
        ("Nice-to-haves", Ground.SHOULD),
        ("Non-functional requirements", Ground.LIMITS),
        ("Problem statement", Ground.BACKGROUND),
        ("Goals and success criteria", Ground.GOALS),
        ("Change log", Ground.PAPERWORK),
        ("Roles and permissions", None),
        ("Billing", None),
        ("", None),
    ],
)
def test_knows_what_stands_under_a_heading(heading: str, ground: Ground | None) -> None:
    assert ground_of(heading) is ground
