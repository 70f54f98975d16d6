"""A request that somebody puts together, step by step. Pure: the page carries it along, nothing keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog_app.briefing.gathering import MAX_CONSTRAINTS, many_constraints
from catalog_app.briefing.keys import Keys, veto_key_of
from catalog_app.briefing.types import Brief, Leftover, Pin, Place, Veto, Wish
from catalog_app.choices import Strength
from catalog_app.planning.bounding import bound_request
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.naming import FeatureNames
from catalog_app.planning.questions import BUILD_NEW, which_id
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.types import PlannedFeature

AUTOMATIC = ""


@dataclass(frozen=True, slots=True)
class Worksheet:
    """`request` has all wishes; `removed` are keys of those that can still be taken back."""

    request: PlanRequest = field(default_factory=PlanRequest)
    removed: frozenset[str] = frozenset()

    @property
    def wanted(self) -> PlanRequest:
        """Without what was removed: what a plan is made from."""
        if not self.removed:
            return self.request
        wishes = tuple(wish for wish in self.request.wishes if wish.key not in self.removed)
        return replace(self.request, wishes=wishes)


def add_brief(sheet: Worksheet, brief: Brief) -> Worksheet:
    """What was read, after what is there. A feature in the words of one that is there is not added again, and
    what has been filled in stays; more than one plan takes is left over."""
    request = sheet.request
    keys = _taken_keys(request)
    known = {_spoken(wish.quote): wish.key for wish in request.wishes}
    forbidden = {_spoken(veto.quote) for veto in request.vetoes}
    again = {known[said] for wish in brief.wishes if (said := _spoken(wish.quote)) in known}
    wishes = [
        replace(wish, key=keys.take(wish.quote)) for wish in brief.wishes if _spoken(wish.quote) not in known
    ]
    vetoes = [
        replace(veto, key=keys.take(veto.quote, veto_key_of(veto.quote)))
        for veto in brief.vetoes
        if _spoken(veto.quote) not in forbidden
    ]
    held = set(request.constraints)
    constraints = [text for text in dict.fromkeys(brief.constraints) if text not in held]
    room = max(0, MAX_CONSTRAINTS - len(request.constraints))
    further = (Leftover(text, many_constraints(), Place()) for text in constraints[room:])
    added = replace(
        request,
        title=request.title or brief.title,
        summary=request.summary or brief.summary,
        project_type=request.project_type or brief.project_type,
        wishes=(*request.wishes, *wishes),
        vetoes=(*request.vetoes, *vetoes),
        constraints=(*request.constraints, *constraints[:room]),
        leftovers=(*request.leftovers, *brief.leftovers, *further),
    )
    return Worksheet(bound_request(added), sheet.removed - again)


def change(sheet: Worksheet, changes: PlanChanges, features: Sequence[PlannedFeature]) -> Worksheet:
    """What was said in words (`said_changes`) of the plan with these features. What goes can be taken back;
    what replaces something stands behind it, as it will in the plan."""
    request = sheet.request
    names = FeatureNames(request.wishes, features)
    keys = _taken_keys(request)
    instead = {key: replace(wish, key=keys.take(wish.quote)) for key, wish in changes.replace}
    gone = {key for name in (*changes.remove, *instead) for key in names.find(name).keys}
    wishes: list[Wish] = []
    for wish in request.wishes:
        wishes += [wish, instead[wish.key]] if wish.key in instead else [wish]
    sheet = Worksheet(replace(request, wishes=tuple(wishes)), sheet.removed | gone)
    return add_brief(sheet, Brief(wishes=changes.add, vetoes=changes.vetoes))


def remove(sheet: Worksheet, key: str) -> Worksheet:
    if all(wish.key != key for wish in sheet.request.wishes):
        return sheet
    return replace(sheet, removed=sheet.removed | {key})


def take_back(sheet: Worksheet, key: str) -> Worksheet:
    """Undo `remove`."""
    return replace(sheet, removed=sheet.removed - {key})


def forbid(sheet: Worksheet, key: str, *, slug: str = "", title: str = "") -> Worksheet:
    """Turn a wish into a veto. `slug` and `title` are of the feature that the wish came to; with them, what
    another feature requires can be forbidden too, which is no wish."""
    request = sheet.request
    wish = next((wish for wish in request.wishes if wish.key == key), None)
    if wish is None and not slug:
        return sheet
    quote = wish.quote if wish else title or slug
    veto = Veto(
        key=_taken_keys(request).take(quote, veto_key_of(quote)),
        quote=quote,
        terms=wish.terms if wish else (),
        slug=slug or (wish.slug if wish else ""),
        places=wish.places if wish else (),
    )
    wishes = tuple(each for each in request.wishes if each.key != key)
    return Worksheet(replace(request, wishes=wishes, vetoes=(*request.vetoes, veto)), sheet.removed - {key})


def allow(sheet: Worksheet, key: str) -> Worksheet:
    """Drop a veto."""
    vetoes = tuple(veto for veto in sheet.request.vetoes if veto.key != key)
    return replace(sheet, request=replace(sheet.request, vetoes=vetoes))


def want(sheet: Worksheet, key: str) -> Worksheet:
    """Turn a veto into a wish."""
    request = sheet.request
    veto = next((veto for veto in request.vetoes if veto.key == key), None)
    if veto is None:
        return sheet
    wish = Wish(_taken_keys(request).take(veto.quote), veto.quote, veto.terms, veto.slug, places=veto.places)
    vetoes = tuple(each for each in request.vetoes if each.key != key)
    return replace(sheet, request=replace(request, wishes=(*request.wishes, wish), vetoes=vetoes))


def pick(sheet: Worksheet, key: str, choice: str) -> Worksheet:
    """Which feature a wish is: a slug, BUILD_NEW, or AUTOMATIC for the one that it names or lookup finds. A
    pin was for the feature that it was before."""
    request = sheet.request
    wish = next((wish for wish in request.wishes if wish.key == key), None)
    if wish is None or choice == picked(request, wish):
        return sheet
    answers = {name: value for name, value in request.answers.items() if name != which_id(key)}
    if choice and not wish.slug:
        answers[which_id(key)] = choice
    is_new = bool(wish.slug) and choice == BUILD_NEW
    sheet = replace(sheet, request=replace(request, answers=answers))
    return _change(sheet, key, build_new=is_new, pin=None)


def picked(request: PlanRequest, wish: Wish) -> str:
    """The choice that `pick` would make of it."""
    return BUILD_NEW if wish.build_new else request.answers.get(which_id(wish.key), AUTOMATIC)


def weigh(sheet: Worksheet, key: str, strength: Strength) -> Worksheet:
    return _change(sheet, key, strength=strength)


def pin(sheet: Worksheet, key: str, source: Pin | None) -> Worksheet:
    return _change(sheet, key, pin=source)


def _change(sheet: Worksheet, key: str, **fields: Any) -> Worksheet:
    """Any: fields of a wish."""
    wishes = tuple(replace(wish, **fields) if wish.key == key else wish for wish in sheet.request.wishes)
    return replace(sheet, request=replace(sheet.request, wishes=wishes))


def answer(sheet: Worksheet, answers: Mapping[str, str]) -> Worksheet:
    request = sheet.request
    return replace(sheet, request=replace(request, answers={**request.answers, **answers}))


def find_changes(before: PlanRequest, after: PlanRequest) -> PlanChanges:
    """What makes a sheet request of the one that it was begun with (`applying.apply_changes`)."""
    old, new = ({wish.key: wish for wish in request.wishes} for request in (before, after))
    kept = [(old[key], wish) for key, wish in new.items() if key in old]
    vetoed = {veto.key for veto in before.vetoes}
    allowed = vetoed - {veto.key for veto in after.vetoes}
    answers = _find_other(before.answers, after.answers)
    moot = {which_id(key) for key in old if key not in new}
    return PlanChanges(
        title=_if_other(before.title, after.title),
        summary=_if_other(before.summary, after.summary),
        project_type=_if_other(before.project_type, after.project_type),
        mode=after.mode if after.mode is not before.mode else None,
        stack=_if_other(before.stack, after.stack),
        slots=_find_other(before.slots, after.slots),
        add=tuple(wish for key, wish in new.items() if key not in old),
        remove=tuple(key for key in old if key not in new),
        pins={wish.key: wish.pin for was, wish in kept if wish.pin != was.pin},
        build_new=tuple(wish.key for was, wish in kept if wish.build_new and not was.build_new),
        reuse=tuple(wish.key for was, wish in kept if was.build_new and not wish.build_new),
        strengths={wish.key: wish.strength for was, wish in kept if wish.strength is not was.strength},
        vetoes=tuple(veto for veto in after.vetoes if veto.key not in vetoed),
        remove_vetoes=tuple(veto.key for veto in before.vetoes if veto.key in allowed),
        constraints=tuple(text for text in after.constraints if text not in before.constraints),
        remove_constraints=tuple(text for text in before.constraints if text not in after.constraints),
        answers={name: value for name, value in answers.items() if name not in moot},
    )


def _if_other(before: str, after: str) -> str | None:
    return after if after != before else None


def _find_other(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """What is otherwise; "" for what is there no more."""
    gone = {name: "" for name in before if name not in after}
    return gone | {name: value for name, value in after.items() if before.get(name) != value}


def _taken_keys(request: PlanRequest) -> Keys:
    keys = Keys()
    for key in (*(wish.key for wish in request.wishes), *(veto.key for veto in request.vetoes)):
        keys.take("", key)
    return keys


def _spoken(quote: str) -> str:
    return " ".join(quote.casefold().split())
