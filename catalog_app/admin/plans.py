"""What an import changes, as people read it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog_app.interchange.changes import Action, Change, ChangePlan, Kind
from catalog_app.interchange.entries import Json

MOST_COMPARED = 200
"""Changes of one group that are shown field by field; of the rest, the names."""

_MANY = {
    Kind.CATALOG: "catalogs",
    Kind.FEATURE: "features",
    Kind.SOURCE: "sources",
    Kind.COMBINATION: "combinations",
    Kind.STACK: "stacks",
    Kind.REPOSITORY: "repositories",
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """All changes of one action and kind: `compared` with their fields, `names` without."""

    title: str
    action: Action
    count: int
    compared: tuple[Compared, ...]
    names: tuple[str, ...]


def describe_plan(plan: ChangePlan) -> Iterator[PlanGroup]:
    for kind in Kind:
        for action in Action:
            changes = plan.of(action, kind)
            if changes:
                yield _describe(kind, action, changes)


def _describe(kind: Kind, action: Action, changes: Sequence[Change]) -> PlanGroup:
    is_compared = action is Action.CHANGED
    shown = changes[:MOST_COMPARED] if is_compared else ()
    rest = changes[MOST_COMPARED:] if is_compared else changes
    one = "repository" if kind is Kind.REPOSITORY else kind.value
    return PlanGroup(
        title=f"{one if len(changes) == 1 else _MANY[kind]} {action.value}".capitalize(),
        action=action,
        count=len(changes),
        compared=tuple(_compare(change) for change in shown),
        names=tuple(change.name or "The catalog itself" for change in rest),
    )


def _compare(change: Change) -> Compared:
    fields = [Field(field.field, _text(field.before), _text(field.after)) for field in change.fields]
    return Compared(change.name or "The catalog itself", tuple(fields))


def _text(value: Json) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list() | tuple() if all(isinstance(item, str) for item in value):
            return "\n".join(map(str, value))
        case _:
            return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
