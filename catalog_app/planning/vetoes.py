"""What the vetoes of a request rule out: features of the catalog, and anything that has their words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog_app.briefing.types import Veto
from catalog_app.choices import LookupBand
from catalog_app.planning.items import Item
from catalog_app.planning.matching import MOST_OPTIONS, Suggestions
from catalog_app.planning.snapshot import Resolution, Snapshot
from catalog_app.planning.spelling import did_you_mean
from catalog_app.planning.types import PlanWarning
from catalog_app.planning.wording import same_words

_LIKELY = 0.6
"""Of the best match's confidence. What is less likely is no reason to ask."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """One veto and the features that it means or, where that is not certain, may mean."""

    veto: Veto
    slugs: tuple[str, ...]
    is_certain: bool = True


class RuledOut:
    def __init__(self, rulings: Sequence[Ruling]) -> None:
        self.rulings = tuple(rulings)
        self._by_slug: dict[str, list[Ruling]] = {}
        self._by_words: dict[str, list[Ruling]] = {}
        for ruling in rulings:
            for slug in ruling.slugs:
                self._by_slug.setdefault(slug, []).append(ruling)
            for text in {same_words(ruling.veto.quote), *map(same_words, ruling.veto.terms)} - {""}:
                self._by_words.setdefault(text, []).append(ruling)

    def __bool__(self) -> bool:
        return bool(self.rulings)

    def hits(self, item: Item) -> tuple[Ruling, ...]:
        """Vetoes that mean the item's feature, or say the same words."""
        words = [*item.quotes, *item.terms]
        if item.facts:
            words += [item.facts.title, item.slug]
        found = {id(ruling): ruling for ruling in self._by_slug.get(item.slug, ())}
        for text in words:
            found |= {id(ruling): ruling for ruling in self._by_words.get(same_words(text), ())}
        return tuple(found.values())


def rule_out(
    vetoes: Sequence[Veto],
    snapshot: Snapshot,
    resolutions: Mapping[str, Resolution],
    suggestions: Suggestions,
) -> tuple[RuledOut, list[PlanWarning]]:
    """A veto without a slug may mean every feature that lookup holds about as likely as the best: that only
    makes a question, where one of them is planned."""
    warnings: list[PlanWarning] = []
    rulings = []
    for veto in vetoes:
        if veto.slug:
            if veto.slug not in snapshot.features:
                hint = did_you_mean(*suggestions.near(veto.slug))
                text = f"The catalog has no feature {veto.slug} to keep out.{hint}"
                warnings.append(PlanWarning("unknown_feature", text, (veto.key,)))
            rulings.append(Ruling(veto, (veto.slug,)))
        else:
            resolution = resolutions.get(veto.key)
            is_certain = resolution is not None and resolution.band is LookupBand.MATCH
            rulings.append(Ruling(veto, _possible(resolution), is_certain))
    return RuledOut(rulings), warnings


def _possible(resolution: Resolution | None) -> tuple[str, ...]:
    if resolution is None or resolution.band is LookupBand.NONE or not resolution.matches:
        return ()
    best = resolution.matches[0]
    if resolution.band is LookupBand.MATCH:
        return (best.slug,)
    likely = [match for match in resolution.matches if match.confidence >= _LIKELY * best.confidence]
    return tuple(match.slug for match in likely[:MOST_OPTIONS])
