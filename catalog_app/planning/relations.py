"""What goes together and what does not: requirements are added, vetoes and conflicts asked about. Pure."""

from collections.abc import Mapping, Sequence

from catalog_app.choices import FeatureOrigin, QuestionKind, Strength
from catalog_app.planning.items import Item
from catalog_app.planning.questions import (
    DROP,
    DROP_REQUIRER,
    KEEP,
    KEEP_BOTH,
    WITHOUT,
    Asking,
    conflict_id,
    veto_id,
)
from catalog_app.planning.requirements import Closure, all_requiring, circles, close
from catalog_app.planning.snapshot import FeatureFacts
from catalog_app.planning.types import Option, PlannedVeto, PlanWarning, Question
from catalog_app.planning.vetoes import RuledOut, Ruling
from catalog_app.planning.wording import listed


class Relations:
    """Works on the items of one plan. Answers only ever take features away, so one pass over vetoes and one
    over conflicts is enough."""

    def __init__(
        self, items: Sequence[Item], features: Mapping[str, FeatureFacts], ruled_out: RuledOut, asking: Asking
    ) -> None:
        self._features = features
        self._asking = asking
        self._ruled_out = ruled_out
        self._wished = list(items)
        self._heads = {item.slug: item for item in items if item.slug and item.same_as is None}
        self._required: dict[str, Item] = {}
        self._gone: set[str] = set()
        self._keys = {item.key for item in items}
        self._effects: dict[str, list[str]] = {}
        self._asked_slugs: set[str] = set()
        self._closure = self._close()

    def settle(self) -> tuple[list[Item], tuple[PlannedVeto, ...], list[PlanWarning]]:
        """The wishes in their order, then what they require; each with what became of it."""
        self._ask_vetoes()
        self._closure = self._close()
        warnings = self._ask_conflicts()
        self._closure = self._close()
        items = [*self._wished, *self._still_required()]
        self._asking.withdraw_moot({item.key for item in items if item.head.is_active})
        for slug, need in self._closure.needs.items():
            item = self._item(slug)
            item.required_by, item.strength = tuple(need.by), need.strength
        return items, self._planned_vetoes(items), [*self._requirement_warnings(), *warnings]

    def _close(self) -> Closure:
        wished = [(slug, item.strength) for slug, item in self._heads.items() if item.is_active]
        closure = close(wished, self._features, self._gone)
        for slug, need in closure.needs.items():
            if slug not in self._heads and slug not in self._required:
                self._required[slug] = self._require(slug, need.strength)
        return closure

    def _require(self, slug: str, strength: Strength) -> Item:
        facts = self._features[slug]
        key = stem = f"requires:{slug}"
        number = 1
        while key in self._keys:
            number += 1
            key = f"{stem}-{number}"
        self._keys.add(key)
        return Item(
            key, [], strength, slug, facts, FeatureOrigin.REQUIRED, 1.0, "Required by what was asked for."
        )

    def _item(self, slug: str) -> Item:
        return self._heads[slug] if slug in self._heads else self._required[slug]

    def _still_required(self) -> list[Item]:
        return [item for slug, item in self._required.items() if item.left_out or slug in self._closure.needs]

    def _ask_vetoes(self) -> None:
        """A veto against something that was asked for, or that something needs, is nobody's to guess."""
        if not self._ruled_out:
            return
        asked: set[str] = set()
        for item in [*self._wished, *map(self._item, self._closure.needs)]:
            rulings = self._ruled_out.hits(item) if item.is_active else ()
            if rulings and item.key not in asked:
                asked.add(item.key)
                self._asked_slugs.add(item.slug)
                self._ask_veto(item, rulings)

    def _ask_veto(self, item: Item, rulings: Sequence[Ruling]) -> None:
        by = list(self._closure.needs[item.slug].by) if item.slug in self._closure.needs else []
        said = listed(dict.fromkeys(f"“no {ruling.veto.quote}”" for ruling in rulings))
        answer = self._asking.ask(self._veto_question(item, said, by))
        if not answer.is_given:
            self._note(rulings, f"Speaks against {item.title}, which is asked for or needed: a question.")
        elif answer.option == KEEP:
            self._note(rulings, f"{item.title} stays all the same, as answered.")
        else:
            if answer.option == DROP_REQUIRER:
                for slug in all_requiring(item.slug, self._closure.needs):
                    self._leave_out(
                        self._item(slug), f"Left out: it needs {item.title}, and {said} was said."
                    )
            self._leave_out(item, f"Left out: {said} was said.")
            self._note(rulings, f"Keeps {item.title} out, as answered.")

    def _veto_question(self, item: Item, said: str, by: Sequence[str]) -> Question:
        names = listed(self._item(slug).title for slug in by)
        if not by:
            text = f"{item.title} is asked for, and {said} was said. Which holds?"
            options = [
                Option(
                    KEEP, f"Keep {item.title}", "It is planned; the veto does not count for it.", item.slug
                ),
                Option(DROP, f"Leave out {item.title}", "It is not planned."),
            ]
        else:
            text = f"{names} {_verb(by, 'need')} {item.title}, and {said} was said. Which holds?"
            options = [
                Option(
                    KEEP, f"Keep {item.title}", "It is planned; the veto does not count for it.", item.slug
                ),
                Option(
                    DROP_REQUIRER, f"Leave out {names}", f"{item.title} is not planned, nor is what needs it."
                ),
                Option(WITHOUT, f"Go without {item.title}", f"{names} {_verb(by, 'do')} without it."),
            ]
        kind = QuestionKind.VETO_AGAINST_NEED
        return Question(veto_id(item.key), kind, text, (item.key,), tuple(options), KEEP)

    def _ask_conflicts(self) -> list[PlanWarning]:
        warnings: list[PlanWarning] = []
        for one, other in self._conflicts():
            first, second = self._item(one), self._item(other)
            if not first.is_active or not second.is_active:
                self._asking.hear(conflict_id(one, other))
                continue
            answer = self._asking.ask(_conflict_question(first, second))
            if not answer.is_given:
                continue
            if answer.option == KEEP_BOTH:
                text = (
                    f"{first.title} and {second.title} conflict, says the catalog, and both are planned as "
                    f"answered. See to it that they do not get in each other's way."
                )
                warnings.append(PlanWarning("conflict_kept", text, (first.key, second.key)))
            else:
                kept, dropped = (first, second) if answer.option == one else (second, first)
                self._leave_out(
                    dropped, f"Left out: it conflicts with {kept.title}, which was chosen to stay."
                )
        return warnings

    def _conflicts(self) -> list[tuple[str, str]]:
        needs = self._closure.needs
        pairs = {
            (min(slug, other), max(slug, other))
            for slug in needs
            for other in (self._features[slug].conflicts if slug in self._features else ())
            if other in needs and other != slug
        }
        return sorted(pairs)

    def _leave_out(self, item: Item, why: str) -> None:
        item.left_out = item.left_out or why
        if item.slug:
            self._gone.add(item.slug)

    def _note(self, rulings: Sequence[Ruling], effect: str) -> None:
        for ruling in rulings:
            self._effects.setdefault(ruling.veto.key, []).append(effect)

    def _planned_vetoes(self, items: Sequence[Item]) -> tuple[PlannedVeto, ...]:
        """What a veto only may mean is not said to be kept out; it shows where it made a question."""
        planned = {item.slug for item in items if item.is_active}
        vetoes = []
        for ruling in self._ruled_out.rulings:
            veto, slugs = ruling.veto, ruling.slugs
            if not ruling.is_certain:
                slugs = tuple(slug for slug in slugs if slug in self._asked_slugs)
            absent = [slug for slug in slugs if slug in self._features and slug not in planned]
            effects = self._effects.get(veto.key, [])
            if not effects:
                if absent:
                    titles = listed((self._features[slug].title for slug in absent), joint="or")
                    effects = [f"Keeps out {titles}."]
                effects = [*effects, "Nothing that is planned goes against it."]
            vetoes.append(PlannedVeto(veto.key, veto.quote, slugs, " ".join(effects), veto.places))
        return tuple(vetoes)

    def _requirement_warnings(self) -> list[PlanWarning]:
        warnings = []
        for slug, by in self._closure.missing.items():
            text = f"{self._names(by)} {_verb(by, 'require')} {slug}, which the catalog does not have."
            warnings.append(PlanWarning("missing_requirement", text, self._keys_of(by)))
        for slug, by in self._closure.waived.items():
            title = self._features[slug].title
            for requirer in by:
                self._item(requirer).constraints.append(f"Works without {title}, which it would require.")
            text = f"{self._names(by)} {_verb(by, 'require')} {title}, which is left out."
            warnings.append(PlanWarning("without_requirement", text, self._keys_of(by)))
        if circle := circles(list(self._closure.needs), self._features):
            text = f"{self._names(circle)} require each other in a circle; they are taken in order of name."
            warnings.append(PlanWarning("requires_cycle", text, self._keys_of(circle)))
        return warnings

    def _names(self, slugs: Sequence[str]) -> str:
        return listed(self._item(slug).title for slug in slugs)

    def _keys_of(self, slugs: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._item(slug).key for slug in slugs)


def _verb(subjects: Sequence[str], verb: str) -> str:
    if len(subjects) != 1:
        return verb
    return f"{verb}es" if verb.endswith("o") else f"{verb}s"


def _conflict_question(first: Item, second: Item) -> Question:
    options = (
        Option(first.slug, f"Keep {first.title}", f"{second.title} is left out.", first.slug),
        Option(second.slug, f"Keep {second.title}", f"{first.title} is left out.", second.slug),
        Option(KEEP_BOTH, "Keep both", "Both are planned, at your own risk."),
    )
    text = f"{first.title} and {second.title} conflict, says the catalog. Which is to stay?"
    subjects = (first.key, second.key)
    id = conflict_id(first.slug, second.slug)
    return Question(id, QuestionKind.CONFLICT, text, subjects, options, KEEP_BOTH)
