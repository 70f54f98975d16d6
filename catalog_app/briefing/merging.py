"""The same thing asked for twice is asked for once, with both places. Pure."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from catalog_app.briefing.types import Veto, Wish
from catalog_app.briefing.words import normalise
from catalog_app.choices import Strength

T = TypeVar("T", bound=Hashable)


def merge_wishes(wishes: Iterable[Wish]) -> tuple[Wish, ...]:
    """Wishes that say the same words become the first of them, with all places, terms and constraints and the
    stronger strength. Two that contradict each other (other slugs, other pins, one to be built new) stay two,
    and so do other words for the same slug: the plan says what it makes of them."""
    groups: dict[str, list[_Group]] = {}
    order: list[_Group] = []
    for wish in wishes:
        same = groups.setdefault(normalise(wish.quote), [])
        group = next((group for group in same if _goes_with(group.first, wish)), None)
        if group is None:
            group = _Group(wish, [])
            same.append(group)
            order.append(group)
        group.take(wish)
    return tuple(group.merged() for group in order)


def merge_vetoes(vetoes: Iterable[Veto]) -> tuple[Veto, ...]:
    """Likewise."""
    groups: dict[tuple[str, str], list[Veto]] = {}
    for veto in vetoes:
        groups.setdefault((normalise(veto.quote), veto.slug), []).append(veto)
    return tuple(
        replace(
            same[0],
            terms=_union([veto.terms for veto in same]),
            places=_union([veto.places for veto in same]),
        )
        for same in groups.values()
    )


@dataclass(slots=True)
class _Group:
    """`first` has what only one of them need say: slug, pin, whether to build new."""

    first: Wish
    members: list[Wish]

    def take(self, wish: Wish) -> None:
        self.members.append(wish)
        if (wish.slug and not self.first.slug) or (wish.pin and not self.first.pin) or wish.build_new:
            self.first = replace(
                self.first,
                slug=self.first.slug or wish.slug,
                pin=self.first.pin or wish.pin,
                build_new=self.first.build_new or wish.build_new,
            )

    def merged(self) -> Wish:
        if len(self.members) == 1:
            return self.first
        is_must = any(wish.strength is Strength.MUST for wish in self.members)
        return replace(
            self.first,
            strength=Strength.MUST if is_must else Strength.SHOULD,
            terms=_union([wish.terms for wish in self.members]),
            constraints=_union([wish.constraints for wish in self.members]),
            places=_union([wish.places for wish in self.members]),
        )


def _goes_with(one: Wish, other: Wish) -> bool:
    return (
        (one.slug == other.slug or not one.slug or not other.slug)
        and (one.pin == other.pin or one.pin is None or other.pin is None)
        and not (one.build_new and other.pin)
        and not (other.build_new and one.pin)
    )


def _union(texts: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(texts)))
