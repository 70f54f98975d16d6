"""A plan that is being put together, as its page shows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.briefing.types import Wish
from catalog_app.choices import FeatureDecision, FeatureOrigin, SourceVerdict
from catalog_app.models import StackProfile
from catalog_app.planning.questions import BUILD_NEW
from catalog_app.planning.types import PlanDocument, PlannedFeature, StackChoice
from catalog_app.planning.wording import name_source
from catalog_app.planning.worksheets import AUTOMATIC, Worksheet, picked
from catalog_app.presentation.plans import write_pick


@dataclass(frozen=True, slots=True)
class Pick:
    """Something to choose."""

    value: str
    label: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class WishRow:
    """A wish and what becomes of it; None of `feature` while nobody has looked. Without a wish, a feature
    that others require."""

    key: str
    wish: Wish | None
    feature: PlannedFeature | None
    is_removed: bool
    picks: Sequence[Pick]
    sources: Sequence[Pick]

    @property
    def is_open(self) -> bool:
        return self.feature is not None and self.feature.decision is FeatureDecision.OPEN

    @property
    def title(self) -> str:
        if self.feature is not None and self.feature.title:
            return self.feature.title
        return self.wish.quote if self.wish else self.key

    @property
    def is_sure(self) -> bool:
        """Whether a number says how well the feature fits."""
        return self.feature is not None and self.feature.origin is FeatureOrigin.MATCHED


@dataclass(frozen=True, slots=True)
class SlotField:
    """`value` is what was asked for, `usual` what the stack has."""

    name: str
    value: str
    usual: str


def list_wish_rows(sheet: Worksheet, wishes: Sequence[Wish], document: PlanDocument | None) -> list[WishRow]:
    """`wishes` are those that are shown."""
    features = {feature.key: feature for feature in document.features} if document else {}
    return [
        WishRow(
            wish.key,
            wish,
            features.get(wish.key),
            wish.key in sheet.removed,
            _list_picks(wish, picked(sheet.request, wish), features.get(wish.key)),
            _list_sources(wish, features.get(wish.key)),
        )
        for wish in wishes
    ]


def list_required_rows(sheet: Worksheet, document: PlanDocument | None) -> list[WishRow]:
    """What nobody asked for and something needs."""
    wished = {wish.key for wish in sheet.request.wishes}
    return [
        WishRow(feature.key, None, feature, False, (), ())
        for feature in (document.features if document else ())
        if feature.key not in wished
    ]


def _list_picks(wish: Wish, chosen: str, feature: PlannedFeature | None) -> list[Pick]:
    new = Pick(BUILD_NEW, "Build it new", "without the catalog", chosen == BUILD_NEW)
    if wish.slug:
        title = feature.title if feature and feature.title else wish.slug
        return [Pick(AUTOMATIC, title, "as it was named", chosen == AUTOMATIC), new]
    matches = feature.matches if feature else ()
    picks = [Pick(AUTOMATIC, "Let Autopack choose", _say_automatic(feature), chosen == AUTOMATIC)]
    picks += [
        Pick(
            match.slug,
            match.title,
            " · ".join(part for part in (f"{round(match.confidence * 100)} %", match.instead) if part),
            chosen == match.slug,
        )
        for match in matches
    ]
    if all(chosen != each.value for each in (*picks, new)):
        picks.append(Pick(chosen, chosen, "chosen before", is_chosen=True))
    return [*picks, new]


def _say_automatic(feature: PlannedFeature | None) -> str:
    if feature is None or feature.origin not in {FeatureOrigin.MATCHED, FeatureOrigin.UNMATCHED}:
        return ""
    if feature.decision is FeatureDecision.OPEN:
        return "it cannot tell these apart"
    return "nothing in the catalog fits" if not feature.slug else feature.title


def _list_sources(wish: Wish, feature: PlannedFeature | None) -> list[Pick]:
    """Sources that may be taken; none where there is nothing to choose."""
    options = [
        option
        for option in (feature.options if feature else ())
        if option.verdict is not SourceVerdict.EXCLUDED
    ]
    if len(options) < 2 and wish.pin is None:
        return []
    pinned = wish.pin
    picks = [
        Pick(
            write_pick(option.repo_id, option.paths),
            name_source(option.repo_id, option.paths),
            f"{option.license}, {round(option.score * 100)} of 100",
            pinned is not None
            and pinned.repo_id == option.repo_id
            and pinned.paths in (None, tuple(option.paths)),
        )
        for option in options
    ]
    if pinned is not None and not any(each.is_chosen for each in picks):
        value = write_pick(pinned.repo_id, pinned.paths)
        picks.append(Pick(value, pinned.repo_id, "may not be used", True))
    return [Pick("", "The best one", "", pinned is None), *picks]


def list_stack_picks(stacks: Iterable[StackProfile], wanted: str) -> list[Pick]:
    """By title; the one that is wanted, also if there is no such stack."""
    picks = [
        Pick(stack.slug, stack.title, ", ".join(stack.project_types), stack.slug == wanted)
        for stack in sorted(stacks, key=lambda stack: stack.title.lower())
    ]
    if wanted and not any(each.is_chosen for each in picks):
        picks.append(Pick(wanted, wanted, "", True))
    return picks


def list_slot_fields(stack: StackChoice | None, slots: Mapping[str, str]) -> list[SlotField]:
    usual = {slot.slot: slot.value for slot in stack.slots} if stack else {}
    names = dict.fromkeys([*usual, *slots])
    return [SlotField(name, slots.get(name, ""), usual.get(name, "")) for name in names]


def list_project_types(stacks: Iterable[StackProfile], further: Iterable[str], wanted: str) -> list[str]:
    """Labels that a plan can have."""
    labels = {label for stack in stacks for label in stack.project_types} | set(further)
    return sorted(labels | ({wanted} if wanted else set()))
