"""What a wish means under its heading: "Free trial" is something else under "Billing" than under "Licence
keys". Pure.

A wish from a text is looked up as it is said and once more with its heading; here is what comes of the two.
"""

from collections.abc import Sequence
from dataclasses import replace

from catalog_app.briefing.grounds import ground_of
from catalog_app.briefing.types import Place, Wish
from catalog_app.choices import LookupBand
from catalog_app.planning.snapshot import Match, Resolution

_FEW_WORDS = 3
"""So few words say too little for themselves."""
_CERTAIN = 0.98
_RATHER_CERTAIN = 0.8
_CLEARLY_MORE = 0.15


def heading_of(wish: Wish) -> str:
    """As `heading_over`; "" also where the wish begins with it already."""
    heading = heading_over(wish.places)
    return "" if wish.quote.casefold().startswith(heading.casefold()) else heading


def heading_over(places: Sequence[Place]) -> str:
    """The innermost heading over the first place that is the name of something, other than the text's own; ""
    where there is none. "Must have" names nothing."""
    named = [heading for place in places[:1] for heading in place.section[1:] if ground_of(heading) is None]
    return named[-1] if named else ""


def under_heading(wish: Wish) -> str:
    return f"{heading_of(wish)}: {wish.quote}"


def is_worth_asking(wish: Wish, alone: Resolution) -> bool:
    """Whether the heading may say more: it does not make something of what fits nothing."""
    if alone.band is LookupBand.NONE and not _is_short(wish):
        return False
    return bool(heading_of(wish)) and _confidence(alone) < _CERTAIN


def settle(wish: Wish, alone: Resolution, under: Resolution) -> Resolution:
    """The one that is surer. Where both are sure of different features, or the heading takes the certainty
    away, people are asked."""
    said = replace(under, reason=_reason(wish, under))
    if under.band is LookupBand.NONE:
        return alone
    if _is_short(wish):
        return said
    is_same = _best(alone) == _best(under)
    lead = _confidence(under) - _confidence(alone)
    if under.band is LookupBand.MATCH:
        if alone.band is LookupBand.CHOOSE or lead >= (0 if is_same else _CLEARLY_MORE):
            return said
        return alone if is_same or -lead >= _CLEARLY_MORE else _both(alone, under)
    if alone.band is LookupBand.MATCH:
        return alone if _confidence(alone) >= _RATHER_CERTAIN else _both(alone, under)
    return said if lead > 0 else alone


def _both(alone: Resolution, under: Resolution) -> Resolution:
    """A choice among what either found, the surest first."""
    found: dict[str, Match] = {}
    for match in sorted((*alone.matches, *under.matches), key=lambda match: (-match.confidence, match.slug)):
        found.setdefault(match.slug, match)
    return Resolution(
        LookupBand.CHOOSE, tuple(found.values())[: len(alone.matches)], "Its heading may matter."
    )


def _is_short(wish: Wish) -> bool:
    return len(wish.quote.split()) <= _FEW_WORDS


def _best(resolution: Resolution) -> str:
    return resolution.matches[0].slug if resolution.matches else ""


def _confidence(resolution: Resolution) -> float:
    return resolution.matches[0].confidence if resolution.matches else 0.0


def _reason(wish: Wish, under: Resolution) -> str:
    return f"Under “{heading_of(wish)}”. {under.reason}".strip()
