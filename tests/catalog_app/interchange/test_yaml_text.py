"""Plain values as YAML: any value comes back, and people can read it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autopack.yaml_reader import read_yaml
from catalog_app.interchange.entries import Json
from catalog_app.interchange.yaml_text import WIDTH, to_yaml

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
AWKWARD = st.sampled_from(
    [
        "", " ", "-", "?", ":", "a: b", "a:", "a #b", "#a", "yes", "No", "null", "~", "1", "1.0", "1e5",
        "0x1F", "0o17", "012", "1_000", "12:30:45", "2026-01-02", ".inf", ".nan", "=", "<<", "---", "...",
        "&a", "*a", "!a", "%a", "@a", "`a", "'", '"', "a'b", "[a]", "{a}", "a, b", "|", ">", "\n", "a\n",
        "a\n\n", "\na", " a\nb", "a \nb", "a\n b", "a\n\nb\n", "a\tb", "\ta\nb", "a\r\nb", "a\u2028b",
        "a\x85b", "\ufeffa", "é", "日本語", "👩\u200d💻", "a\u202eb", "a" * 300, "word " * 60,
        "word  word " * 30, "- x " * 60,
    ]
)  # fmt: skip
TEXTS = st.one_of(AWKWARD, st.text(CHARACTERS, max_size=60), st.lists(AWKWARD, max_size=30).map(" ".join))
KEYS = st.one_of(AWKWARD.filter(lambda text: len(text) < 100), st.text(CHARACTERS, max_size=100))
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)


@given(VALUES)
def test_any_value_comes_back(value: Json) -> None:
    text = to_yaml(value)
    assert read_yaml(text).value == value
    assert yaml.safe_load(text) == value
    assert text.endswith("\n")


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=20), min_size=1, max_size=80))
def test_texts_of_words_are_folded(words: list[str]) -> None:
    text = to_yaml({"a": {"description": " ".join(words)}})
    assert max(len(line) for line in text.splitlines()) <= WIDTH


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"a": "plain text", "b": "it's", "c": "a: b", "d": ""},
            "a: plain text\nb: it's\nc: 'a: b'\nd: ''\n",
        ),
        ({"a": [], "b": {}, "c": None, "d": True}, "a: []\nb: {}\nc: null\nd: true\n"),
        ({"a": "yes", "b": "1.0", "c": "2026-01-02"}, "a: 'yes'\nb: '1.0'\nc: '2026-01-02'\n"),
        ({"a": 1, "b": 0.9, "c": 1e-05}, "a: 1\nb: 0.9\nc: 1.0e-05\n"),
        ({"a": [{"b": 1, "c": 2}, [1, 2], "x"]}, "a:\n- b: 1\n  c: 2\n- - 1\n  - 2\n- x\n"),
        ({"a": "one\n\ntwo"}, "a: |-\n  one\n\n  two\n"),
        ({"a": ["one\ntwo\n"]}, "a:\n- |\n  one\n  two\n"),
        ({"a": "trailing \nblank"}, 'a: "trailing \\nblank"\n'),
        ({"a": "right\u202eto left"}, 'a: "right\\u202eto left"\n'),
        ({"a": "x" * 60 + " " + "y" * 60}, f"a: {'x' * 60}\n  {'y' * 60}\n"),
        ({"a": f"{'x' * 60}: {'y' * 60}"}, f"a: '{'x' * 60}:\n  {'y' * 60}'\n"),
    ],
)
def test_what_people_read(value: Json, expected: str) -> None:
    assert to_yaml(value) == expected


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not kept"):
        to_yaml({"a": float("nan")})
