"""Short names for what somebody asked for. Pure."""

import hashlib
import re
import unicodedata

from catalog_app.briefing.words import EMPTY_WORDS

MAX_KEY_LENGTH = 40
_MOST_NAME_WORDS = 5
_FEWEST_DETAIL_WORDS = 3
_NOT_KEY = re.compile(r"[^a-z0-9]+")


class Keys:
    """Gives out keys that differ from each other: the second `login` is `login-2`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, quote: str, wanted: str = "") -> str:
        """A key made of the quote; or the wanted one, if nobody has it yet."""
        stem = wanted or key_of(quote)
        key, number = stem, self._next.get(stem, 1)
        while key in self._taken:
            number += 1
            suffix = f"-{number}"
            key = stem[: MAX_KEY_LENGTH - len(suffix)].rstrip("-") + suffix
        self._next[stem] = number
        self._taken.add(key)
        return key


def key_of(quote: str) -> str:
    """At most 40 characters `a-z0-9-`: the quote's telling words, as many as fit. A text without Latin
    letters gets a name made of its digest. Of "Reports: the turnover of each month" it is the name."""
    name, _, rest = quote.partition(": ")
    if len(name.split()) <= _MOST_NAME_WORDS and len(rest.split()) >= _FEWEST_DETAIL_WORDS:
        quote = name
    ascii_text = unicodedata.normalize("NFKD", quote).encode("ascii", "ignore").decode().lower()
    words = [word for word in _NOT_KEY.split(ascii_text.replace("'", "")) if word]
    telling = [word for word in words if word not in EMPTY_WORDS] or words
    key = ""
    for word in telling:
        longer = f"{key}-{word}" if key else word[:MAX_KEY_LENGTH]
        if len(longer) > MAX_KEY_LENGTH:
            break
        key = longer
    return key or f"wish-{hashlib.sha256(quote.encode('utf-8', 'replace')).hexdigest()[:8]}"


def veto_key_of(quote: str) -> str:
    return f"no-{key_of(quote)}"[:MAX_KEY_LENGTH].rstrip("-")
