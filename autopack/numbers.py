"""Whole numbers that somebody else has written."""

MOST_DIGITS = 17
"""More make no number that a row could have; Python refuses to read thousands of them."""


def parse_count(text: str) -> int | None:
    """A number from 0 in plain digits; None where the text is anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
