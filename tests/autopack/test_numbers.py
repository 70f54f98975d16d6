"""Whole numbers from outside."""

import pytest

from autopack.numbers import parse_count


@pytest.mark.parametrize(
    "text",
    ["", " 1", "-1", "+1", "1.5", "x", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT TWO}", "9" * 5_000],
)
def test_what_is_no_count_is_none(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("042", 42), ("9" * 17, 10**17 - 1)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    assert parse_count(text) == number
