"""Terminal output becomes text with classes and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs_app.presentation.terminal import Span, read_output


@given(st.binary(max_size=300))
def test_no_control_character_survives(content: bytes) -> None:
    text = "".join(span.text for span in read_output(content))
    assert not any(ord(char) < 32 and char not in "\n\t\r" for char in text)


@pytest.mark.parametrize(
    "sequence", [b"\x1b[2K", b"\x1b[10;20H", b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\", b"\x07"]
)
def test_other_control_sequences_go(sequence: bytes) -> None:
    assert read_output(b"a" + sequence + b"b") in ((Span("a"), Span("b")), (Span("ab"),))


def test_plain_text_is_one_span() -> None:
    assert read_output(b"12 passed\n") == (Span("12 passed\n"),)


def test_colours_and_weights_become_classes_until_reset() -> None:
    assert read_output(b"\x1b[1;31mFAILED\x1b[0m x \x1b[32mok\x1b[39m.") == (
        Span("FAILED", "ansi-red ansi-bold"),
        Span(" x "),
        Span("ok", "ansi-green"),
        Span("."),
    )


def test_exact_colours_are_left_to_the_theme() -> None:
    assert read_output(b"\x1b[38;5;196mred\x1b[38;2;1;2;3m rgb\x1b[1m bold") == (
        Span("red"),
        Span(" rgb"),
        Span(" bold", "ansi-bold"),
    )


def test_a_rewritten_line_keeps_its_last_form() -> None:
    assert read_output(b"10%\r50%\r100%\ndone\r\n") == (Span("100%\ndone\n"),)


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert read_output(b"\xff ok") == (Span("\N{REPLACEMENT CHARACTER} ok"),)
