"""Lists of features as programs send them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_app.briefing.items import read_items
from catalog_app.briefing.types import Pin, Place
from catalog_app.choices import Strength
from catalog_app.interchange.entries import Json, Origin

KEYS = ("quote", "slug", "key", "terms", "strength", "must", "should", "veto", "pin", "build_new", "x")
PLAIN: st.SearchStrategy[Json] = st.sampled_from((None, True, False, 0, -1.5, "", "login", "no chat", "must"))
INNER: st.SearchStrategy[Json] = (
    PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.sampled_from(("repo_id", "paths")), PLAIN)
)
JSON: st.SearchStrategy[Json] = INNER | st.dictionaries(st.sampled_from(KEYS), INNER, max_size=5)


@pytest.mark.parametrize(
    ("item", "code", "pointer", "suggestion"),
    [
        (7, "wrong_kind", "/features/0", ""),
        (None, "wrong_kind", "/features/0", ""),
        ("", "empty", "/features/0", ""),
        ("?!", "empty", "/features/0", ""),
        ("x" * 2_001, "too_long", "/features/0", ""),
        ("a\0b", "bad_character", "/features/0", ""),
        ({}, "missing", "/features/0", ""),
        ({"quote": 5}, "wrong_kind", "/features/0/quote", ""),
        ({"quote": "a", "text": "b"}, "contradiction", "/features/0/text", ""),
        ({"quote": "a", "strengh": "must"}, "unknown_key", "/features/0/strengh", "strength"),
        ({"quote": "a", "strength": "shoud"}, "unknown_value", "/features/0/strength", "should"),
        ({"quote": "a", "must": True, "should": True}, "contradiction", "/features/0/should", ""),
        ({"quote": "a", "terms": ["t", 1]}, "wrong_kind", "/features/0/terms/1", ""),
        ({"quote": "a", "terms": ["t"] * 9}, "too_many", "/features/0/terms", ""),
        ({"quote": "a", "pin": 4}, "wrong_kind", "/features/0/pin", ""),
        ({"quote": "a", "pin": {}}, "missing", "/features/0/pin", ""),
        ({"quote": "a", "pin": {"repo_id": "r", "path": "p"}}, "unknown_key", "/features/0/pin/path", ""),
        ({"quote": "a", "pin": "r", "build_new": True}, "contradiction", "/features/0/build_new", ""),
        ({"veto": "a", "pin": "r"}, "contradiction", "/features/0/pin", ""),
    ],
)
def test_says_what_is_wrong_and_where(item: Json, code: str, pointer: str, suggestion: str) -> None:
    _, problems = read_items([item], Origin(steps=("features",)))

    assert (code, pointer, suggestion) in [
        (problem.code, problem.origin.pointer, problem.suggestion) for problem in problems
    ]


def test_refuses_two_entries_with_one_key() -> None:
    _, problems = read_items([{"key": "k", "quote": "a"}, {"key": "k", "quote": "b"}])

    assert [(problem.code, problem.origin.pointer) for problem in problems] == [("repeated", "/1/key")]


def test_refuses_more_than_it_can_take() -> None:
    brief, problems = read_items(["a"] * 5_001)

    assert brief.wishes == ()
    assert [problem.code for problem in problems] == ["too_many"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(JSON, max_size=6))
def test_reads_whatever_comes(items: list[Json]) -> None:
    brief, problems = read_items(items)

    keys = [wish.key for wish in brief.wishes] + [veto.key for veto in brief.vetoes]
    assert len(keys) == len(set(keys))
    assert problems or len(brief.wishes) + len(brief.vetoes) + len(brief.constraints) > 0 or not items


def test_reads_texts_like_points() -> None:
    brief, problems = read_items(
        ["Login", "no blog", "without teams", "dark mode (optional)", "must run on one small server", "chat?"]
    )

    assert problems == ()
    assert [(wish.quote, wish.strength) for wish in brief.wishes] == [
        ("Login", Strength.MUST), ("dark mode", Strength.SHOULD), ("chat?", Strength.MUST),
    ]  # fmt: skip
    assert [veto.quote for veto in brief.vetoes] == ["blog", "teams"]
    assert brief.constraints == ("must run on one small server",)
    assert brief.wishes[1].places == (Place(pointer="/3"),)


def test_reads_objects_word_for_word() -> None:
    brief, problems = read_items(
        [
            {
                "quote": "No-code forms, polls and surveys",
                "terms": ["form builder"],
                "slug": "form-builder",
                "key": "forms",
                "strength": "should",
                "constraints": ["in German"],
                "pin": {"repo_id": "acme-forms", "paths": ["src"]},
            },
            {"slug": "audit-log", "build_new": True},
            {"feature": "teams", "must": False},
            {"should": "chat"},
            {"veto": "forum"},
            {"quote": "wiki", "slug": "wiki", "veto": True},
        ]
    )

    first, log, teams, chat = brief.wishes
    assert problems == ()
    assert (first.key, first.quote, first.slug) == (
        "forms",
        "No-code forms, polls and surveys",
        "form-builder",
    )
    assert (first.terms, first.constraints) == (("form builder",), ("in German",))
    assert (first.strength, first.pin) == (Strength.SHOULD, Pin("acme-forms", ("src",)))
    assert (log.quote, log.slug, log.build_new) == ("audit log", "audit-log", True)
    assert (teams.strength, chat.strength) == (Strength.SHOULD, Strength.SHOULD)
    assert [(veto.key, veto.quote, veto.slug) for veto in brief.vetoes] == [
        ("no-forum", "forum", ""), ("no-wiki", "wiki", "wiki"),
    ]  # fmt: skip


def test_merges_what_agrees_and_keeps_apart_what_does_not() -> None:
    brief, _ = read_items(
        [
            {"quote": "Login", "should": True},
            {"quote": "the login", "slug": "auth", "terms": ["sign-in"]},
            {"quote": "login", "slug": "sso"},
            {"quote": "Chat", "pin": "a"},
            {"quote": "chat", "pin": "b"},
            {"quote": "chat", "build_new": True},
        ]
    )

    assert [(wish.key, wish.slug, wish.strength.value) for wish in brief.wishes] == [
        ("login", "auth", "must"), ("login-2", "sso", "must"), ("chat", "", "must"), ("chat-2", "", "must"),
        ("chat-3", "", "must"),
    ]  # fmt: skip
    assert [place.pointer for place in brief.wishes[0].places] == ["/0", "/1"]
