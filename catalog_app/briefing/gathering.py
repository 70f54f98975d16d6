"""Sayings with their places, put together as a brief: within bounds, with keys. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from catalog_app.briefing.grounds import ground_of
from catalog_app.briefing.keys import Keys, veto_key_of
from catalog_app.briefing.merging import merge_vetoes, merge_wishes
from catalog_app.briefing.sayings import Saying, SayingKind
from catalog_app.briefing.types import Brief, Leftover, Place, Veto, Wish
from catalog_app.choices import Strength

MAX_WISHES = 5_000
MAX_VETOES = 5_000
MAX_CONSTRAINTS = 500
MAX_CONSTRAINTS_OF_WISH = 50
"""Further ones are leftovers."""


@dataclass(slots=True)
class Gathering:
    """What was found so far, in the order of the input. Keys are given at the end."""

    title: str = ""
    summary: str = ""
    project_type: str = ""
    wishes: list[Wish] = field(default_factory=list)
    vetoes: list[Veto] = field(default_factory=list)
    constraints: list[tuple[str, Place]] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    details: dict[int, list[str]] = field(default_factory=dict)
    headings: list[tuple[str, Place]] = field(default_factory=list)
    """Those that are no wish themselves."""
    summary_place: Place = field(default_factory=Place)

    def take(self, sayings: Sequence[Saying], place: Place, default: Strength = Strength.MUST) -> int | None:
        """Keep what was said; the index of the first wish in it, if there is one."""
        first = None
        for saying in sayings:
            match saying.kind:
                case SayingKind.WISH:
                    first = len(self.wishes) if first is None else first
                    strength = saying.strength or default
                    self.wishes.append(
                        Wish(
                            "",
                            saying.text,
                            strength=strength,
                            constraints=saying.constraints,
                            places=(place,),
                        )
                    )
                case SayingKind.VETO:
                    self.vetoes.append(Veto("", saying.text, places=(place,)))
                case SayingKind.LIMIT:
                    self.constraints.append((saying.text, place))
                case SayingKind.PROJECT_TYPE if not self.project_type:
                    self.project_type = saying.text
                case SayingKind.PROJECT_TYPE:
                    self.leave(saying.text, "a second project type", place)
                case SayingKind.NOTHING:
                    if saying.text:
                        self.leave(saying.text, saying.why, place)
        return first

    def leave(self, text: str, why: str, place: Place) -> None:
        self.leftovers.append(Leftover(text, why, place))

    def add_details(self, index: int, details: Sequence[str]) -> None:
        """Conditions of the wish with this index."""
        self.details.setdefault(index, []).extend(details)

    def finish(self) -> Brief:
        self._leave_headings()
        for index, details in self.details.items():
            wish = self.wishes[index]
            self.wishes[index] = replace(wish, constraints=wish.constraints + tuple(details))
        wishes = self._bounded(merge_wishes(self.wishes))
        vetoes = merge_vetoes(self.vetoes)
        for veto in vetoes[MAX_VETOES:]:
            self.leave(veto.quote, many_vetoes(), veto.places[0])
        first_places: dict[str, Place] = {}
        for text, place in self.constraints:
            first_places.setdefault(text, place)
        constraints = list(first_places)
        for text in constraints[MAX_CONSTRAINTS:]:
            self.leave(text, many_constraints(), first_places[text])
        keys = Keys()
        return Brief(
            title=self.title,
            summary=self.summary,
            project_type=self.project_type,
            wishes=tuple(replace(wish, key=keys.take(wish.quote, wish.key)) for wish in wishes),
            vetoes=tuple(
                replace(veto, key=keys.take(veto.quote, veto.key or veto_key_of(veto.quote)))
                for veto in vetoes[:MAX_VETOES]
            ),
            constraints=tuple(constraints[:MAX_CONSTRAINTS]),
            leftovers=tuple(self.leftovers),
        )

    def _leave_headings(self) -> None:
        """Headings stay with what stands below them. Where nothing but conditions does, which have no place,
        they are told apart, unless they only say what their points are."""
        shown = {
            name
            for said in (self.wishes, self.vetoes)
            for one in said
            for place in one.places
            for name in place.section
        }
        shown |= {name for leftover in self.leftovers for name in leftover.place.section}
        for text, place in self.headings:
            if text not in shown and ground_of(text) is None:
                self.leave(text, "a heading above conditions alone", place)

    def _bounded(self, wishes: Sequence[Wish]) -> list[Wish]:
        kept = []
        for wish in wishes[:MAX_WISHES]:
            most = MAX_CONSTRAINTS_OF_WISH
            for text in wish.constraints[most:]:
                self.leave(text, f"more than {most} conditions of one feature", wish.places[0])
            kept.append(replace(wish, constraints=wish.constraints[:most]))
        for wish in wishes[MAX_WISHES:]:
            self.leave(wish.quote, many_wishes(), wish.places[0])
            for text in wish.constraints:
                self.leave(text, many_wishes(), wish.places[0])
        return kept


def many_wishes() -> str:
    """Why a wish is left over."""
    return f"more than {MAX_WISHES:,} features"


def many_vetoes() -> str:
    return f"more than {MAX_VETOES:,} things that are not wanted"


def many_constraints() -> str:
    return f"more than {MAX_CONSTRAINTS:,} constraints"
