"""Texts as stems of the words that carry meaning."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """
        a about after all also an and any are as at be been before but by can could d did do does don each
        every for from get gets had has have he her here him his how i if in into is it its just let lets
        like ll m make makes me more most my need needs never no not of off on one ones only or our out
        over own people re s she should so somebody someone something t than that the their them then
        there these they thing things this those to too up us ve very want wants was way we were what when
        where which who will with without would you your
        """,
    )
)
_ENDINGS = (
    "ations", "ation", "ings", "ing", "ers", "er", "ies", "ed", "es", "s", "ion", "al", "ly", "ment"
)  # fmt: skip
_SHORTEST_STEM = 3


def stems_of(text: str) -> tuple[str, ...]:
    """Each once, in the order of the text; the same for "Invites", "invite" and "inviting"."""
    return tuple(words_by_stem(text))


def words_by_stem(text: str) -> dict[str, str]:
    """Each stem with the first word that has it."""
    found: dict[str, str] = {}
    for word in _WORD.findall(_without_accents(text.lower())):
        if word not in _STOP:
            found.setdefault(stem(word), word)
    return found


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word
