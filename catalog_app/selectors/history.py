"""Who changed what, when and why: historical rows as changes of single fields."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery, Value

from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    LicensePolicy,
    SourceRepo,
    StackProfile,
)

PER_PAGE = 50

# Derived from the others, or the same in every row.
_LEFT_OUT = frozenset(
    {"id", "catalog", "feature", "created_at", "updated_at", "search_text", "digest", "version", "url_key"}
)
_KINDS = {"+": "Added", "~": "Changed", "-": "Deleted"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Values as people read them; empty for none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One historical row. `subject` says what of the thing was changed: itself, or one of its sources."""

    subject: str
    kind: str
    who: str
    when: datetime
    why: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class History:
    changes: tuple[Change, ...]
    page: "Page[Any]"


# Any: the library makes the historical classes while models load.
Rows = QuerySet[Any]


def read_history(thing: models.Model, *, page: str | int | None = None) -> History:
    """The changes of one curated row, newest first; of a feature with those of its sources."""
    parts = _parts(thing)
    keys = [
        rows.order_by().annotate(part=Value(index)).values_list("history_id", "history_date", "part")
        for index, rows in enumerate(parts)
    ]
    ordered = keys[0].union(*keys[1:], all=True).order_by("-history_date", "-history_id")
    found = Paginator(ordered, PER_PAGE).get_page(page)
    wanted = [(part, history_id) for history_id, _, part in found.object_list]
    changes: dict[tuple[int, int], Change] = {}
    for index, rows in enumerate(parts):
        for change_id, change in _changes(rows, [key for part, key in wanted if part == index]):
            changes[(index, change_id)] = change
    return History(tuple(changes[key] for key in wanted), found)


def _parts(thing: models.Model) -> list[Rows]:
    manager: Any = type(thing)
    own: Rows = manager.history.filter(id=thing.pk)
    return [own, FeatureSource.history.filter(feature_id=thing.pk)] if isinstance(thing, Feature) else [own]


def _changes(rows: Rows, ids: Sequence[int]) -> Iterator[tuple[int, Change]]:
    """Each of these rows against the one of the same thing before it."""
    earlier = rows.model.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    newest = earlier.order_by("-history_id").values("history_id")[:1]
    found = list(_related(rows.filter(history_id__in=ids)).annotate(previous_id=Subquery(newest)))
    before = _related(rows.model.objects).in_bulk({row.previous_id for row in found if row.previous_id})
    for row in found:
        yield row.history_id, _change(row, before.get(row.previous_id))


def _related(rows: Rows) -> Rows:
    names = [
        field.name
        for field in rows.model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.name not in _LEFT_OUT
    ]
    return rows.select_related(*names) if names else rows


def _change(row: Any, before: Any) -> Change:
    model: Any = row.instance_type
    fields = [field for field in model._meta.concrete_fields if field.name not in _LEFT_OUT]
    pairs = [(field, _spoken(before, field) if before else "", _spoken(row, field)) for field in fields]
    return Change(
        subject=_subject(row),
        kind=_KINDS[row.history_type],
        who=row.history_user or "unknown",
        when=row.history_date,
        why=row.history_change_reason or "",
        fields=tuple(FieldChange(_label(field), a, b) for field, a, b in pairs if a != b),
    )


def _subject(row: Any) -> str:
    if row.instance_type is FeatureSource:
        return f"Source {row.repo.repo_id}: {', '.join(row.paths) or 'all of it'}"
    return _NAMES[row.instance_type]


_NAMES: Mapping[type[models.Model], str] = {
    Feature: "Feature",
    FeatureCatalog: "Catalog",
    FeatureCombination: "Combination",
    LicensePolicy: "Licence policy",
    SourceRepo: "Repository",
    StackProfile: "Stack",
}


def _label(field: Any) -> str:
    text = "repository" if field.name == "repo" else str(field.verbose_name).replace("license", "licence")
    return text[:1].upper() + text[1:]


def _spoken(row: Any, field: Any) -> str:
    if isinstance(field, models.ForeignKey):
        return "" if getattr(row, field.attname) is None else str(getattr(row, field.name))
    value = getattr(row, field.attname)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case None | "" | [] | {}:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case list() if all(isinstance(item, str) for item in value):
            return "\n".join(value)
        case dict() | list():
            return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
        case _:
            return str(value)
