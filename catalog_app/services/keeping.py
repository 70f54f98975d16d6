"""What keeping plans and keeping templates have in common: ids that are free, and putting things away."""

from itertools import count
from typing import Final, TypeVar

import psycopg
from django.db import IntegrityError
from django.utils import timezone

from autopack.actors import Actor
from catalog_app.errors import PlanArchived, TemplateArchived
from catalog_app.interchange.mapping import slugify
from catalog_app.models import Plan, PlanTemplate
from catalog_app.services.recording import signature

K = TypeVar("K", Plan, PlanTemplate)
_MAX_STEM: Final = 90
"""A number has room after it."""


def free_id(kind: type[Plan | PlanTemplate], title: str) -> str:
    """An id made of a title; where it is taken, with the lowest number that is free: the hundredth of a title
    needs no hundred tries, and nobody can use the numbers up."""
    field, nameless = ("plan_id", "plan") if kind is Plan else ("template_id", "template")
    stem = slugify(title)[:_MAX_STEM].strip("-") or nameless
    alike = kind._default_manager.filter(**{f"{field}__startswith": stem})
    taken = set(alike.values_list(field, flat=True))
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint that the database has refused a row for; "" for one without a name."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


def ensure_not_archived(kept: Plan | PlanTemplate) -> None:
    """Raises PlanArchived, TemplateArchived."""
    if kept.archived_at is None:
        return
    refusal = PlanArchived if isinstance(kept, Plan) else TemplateArchived
    name = "Plan" if isinstance(kept, Plan) else "Template"
    raise refusal(f"{name} {kept} is archived. Restore it first.", state="archived", allowed=["restore"])


def set_archived(locked: K, is_archived: bool, *, actor: Actor) -> K:
    """Put away what the caller has locked, or take it out again, with a record of who did. Safe to repeat."""
    if (locked.archived_at is not None) == is_archived:
        return locked
    now = timezone.now()
    locked.archived_at = now if is_archived else None
    changed = ["archived_at"]
    if isinstance(locked, Plan):
        locked.updated_at = now
        changed.append("updated_at")
    locked.save(update_fields=changed)
    locked.archive_events.create(is_archived=is_archived, created_by=signature(actor), created_at=now)
    return locked
