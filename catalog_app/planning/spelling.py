"""Names that may be meant by one that nobody knows. Pure."""

from collections.abc import Iterable, Sequence

from rapidfuzz import process

from catalog_app.planning.wording import listed

MOST_SUGGESTIONS = 50
"""Looking for a name that may be meant is slow; so many are no slips of the pen."""

_CLOSE = 70
_MOST = 3


class Speller:
    """Suggests names for the first unknown ones that it is asked about, and nothing for those after them."""

    def __init__(self) -> None:
        self._left = MOST_SUGGESTIONS

    def nearest(self, name: str, known: Iterable[str]) -> str:
        return nearest(name, list(known)) if self._is_asked() else ""

    def nearest_few(self, name: str, known: Iterable[str]) -> tuple[str, ...]:
        return nearest_few(name, list(known)) if self._is_asked() else ()

    def _is_asked(self) -> bool:
        self._left -= 1
        return self._left >= 0


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name that may be meant; "" if none is near. Equal ones: the first."""
    found = process.extractOne(name, known, score_cutoff=_CLOSE)
    return found[0] if found else ""


def nearest_few(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """The best first."""
    return tuple(found for found, _, _ in process.extract(name, known, limit=_MOST, score_cutoff=_CLOSE))


def did_you_mean(*names: str) -> str:
    """What a message about an unknown name ends with, from its space on; "" where no name is near."""
    near = [name for name in names if name]
    return f" Did you mean {listed(near, joint='or')}?" if near else ""
