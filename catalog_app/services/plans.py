"""Plans that are kept: made, revised, put away. Each version is its own record of who changed what; none ever
changes."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import Refused
from autopack.models import Project
from autopack.models.fields import NAME_PATTERN
from catalog_app.errors import PlanConflict, PlanExists
from catalog_app.interchange.entries import Json
from catalog_app.models import FeatureCatalog, Plan, PlanVersion, TemplateVersion
from catalog_app.models.catalogs import SLUG_MESSAGE
from catalog_app.planning.changes import PlanChanges, write_changes
from catalog_app.planning.document import read_document
from catalog_app.planning.request import PlanRequest, digest_request, write_request
from catalog_app.services.changing import Changed, draft_changed
from catalog_app.services.keeping import broken_constraint, ensure_not_archived, free_id, set_archived
from catalog_app.services.planning import (
    Drafted,
    diff_plans,
    draft_plan,
    ensure_plannable,
    request_of,
)
from catalog_app.services.recording import signature

_MOST_TRIES = 20
_MAX_TITLE = 200
_TAKEN = frozenset({"catalog_app_plan_plan_id_key", "catalog_app_plan_once_key_key"})
"""Constraints that somebody else's plan stands behind; any other is a mistake here."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that an answer is about; `is_new` says whether this call made it. `notes` say what words of
    the changes were taken for."""

    version: PlanVersion
    is_new: bool
    notes: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan:
        return self.version.plan


def create_plan(
    request: PlanRequest,
    *,
    catalog: FeatureCatalog,
    project: Project | None = None,
    plan_id: str = "",
    form_token: str = "",
    note: str = "",
    template_version: TemplateVersion | None = None,
    actor: Actor,
) -> Saved:
    """Make a plan and keep it, under the given id or one made of its title.

    The same request under the same id again gives the plan that there is; so does the same request of the
    same actor with the same `form_token`, which every form has its own of. What a template names and the
    catalog has not any more is built new, with a warning. Raises InvalidPlanRequest for an empty request or
    one that names what the catalog has not, Refused (`invalid_plan_id`), PlanExists where the id is taken by
    another request.
    """
    if plan_id:
        _ensure_plan_id(plan_id)
        existing = _find_repeat(plan_id, request, catalog, project, actor=actor)
        if existing is not None:
            return existing
    once_key = _once_key(form_token, request, catalog, project, actor) if form_token else None
    if once_key and (saved := _find_once(once_key)):
        return saved
    if template_version is None:
        ensure_plannable(request, catalog=catalog)
    drafted = draft_plan(request, catalog=catalog, project=project)
    for _ in range(_MOST_TRIES):
        wanted = plan_id or free_id(Plan, request.title)
        try:
            with transaction.atomic():
                return _insert_plan(
                    wanted,
                    drafted,
                    once_key=once_key,
                    note=note,
                    template_version=template_version,
                    actor=actor,
                )
        except IntegrityError as error:
            if broken_constraint(error) not in _TAKEN:
                raise
            # Somebody else has the id, or the form was sent twice, perhaps since this moment.
            if once_key and (saved := _find_once(once_key)):
                return saved
            if plan_id:
                existing = _find_repeat(plan_id, request, catalog, project, actor=actor)
                if existing is not None:
                    return existing
    raise PlanExists(f"Every id like {wanted!r} is taken. Give a plan_id.", allowed=[])


def _ensure_plan_id(plan_id: str) -> None:
    if not re.fullmatch(NAME_PATTERN, plan_id):
        raise Refused(f"{plan_id[:100]!r} is no id of a plan. {SLUG_MESSAGE}", code="invalid_plan_id")


def _find_repeat(
    plan_id: str,
    request: PlanRequest,
    catalog: FeatureCatalog,
    project: Project | None,
    *,
    actor: Actor,
) -> Saved | None:
    """The first version of the plan of that id, if it is the same request. Raises PlanExists if not."""
    plan = Plan.objects.select_related("project", "catalog").filter(plan_id=plan_id).first()
    if plan is None:
        return None
    first = PlanVersion.objects.select_related("plan__project", "plan__catalog").get(plan=plan, number=1)
    is_visible = plan.project is None or actor.may_see(plan.project.project_id)
    is_same = (plan.catalog, plan.project, first.request) == (catalog, project, write_request(request))
    if not (is_visible and is_same):
        raise PlanExists(
            f"The id {plan_id} is taken by another plan. Revise that one, or choose another id.",
            allowed=["revise"] if is_visible else [],
        )
    return Saved(first, is_new=False)


def _once_key(
    form_token: str,
    request: PlanRequest,
    catalog: FeatureCatalog,
    project: Project | None,
    actor: Actor,
) -> str:
    """A form that was changed and sent again is another plan, so what it asks for is part of the key."""
    parts = (
        form_token,
        actor.identity,
        catalog.slug,
        project.project_id if project else "",
        digest_request(request),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _find_once(once_key: str) -> Saved | None:
    versions = PlanVersion.objects.select_related("plan__project", "plan__catalog")
    first = versions.filter(plan__once_key=once_key, number=1).first()
    return Saved(first, is_new=False) if first else None


def _insert_plan(
    plan_id: str,
    drafted: Drafted,
    *,
    once_key: str | None,
    note: str,
    template_version: TemplateVersion | None,
    actor: Actor,
) -> Saved:
    now = timezone.now()
    plan = Plan.objects.create(
        plan_id=plan_id,
        project=drafted.project,
        catalog=drafted.catalog,
        latest_version=1,
        once_key=once_key,
        created_by=signature(actor),
        created_at=now,
        updated_at=now,
        **_shown(drafted, plan_id),
    )
    version = _insert_version(
        plan, 1, drafted, note=note, template_version=template_version, now=now, actor=actor
    )
    return Saved(version, is_new=True)


def _insert_version(
    plan: Plan,
    number: int,
    drafted: Drafted,
    *,
    note: str,
    template_version: TemplateVersion | None,
    now: datetime,
    actor: Actor,
    changes: dict[str, Json] | None = None,
    diff: dict[str, Json] | None = None,
) -> PlanVersion:
    return PlanVersion.objects.create(
        plan=plan,
        number=number,
        request=write_request(drafted.request),
        request_digest=drafted.plan.inputs.request_digest,
        document_text=drafted.content.decode(),
        digest=drafted.digest,
        outline=drafted.outline,
        outcomes_digest=drafted.plan.inputs.outcomes_digest,
        changes=changes or {},
        diff=diff or {},
        note=note.strip(),
        template_version=template_version,
        created_by=signature(actor),
        created_at=now,
    )


def _shown(drafted: Drafted, plan_id: str) -> dict[str, str]:
    return {
        "title": drafted.plan.title[:_MAX_TITLE] or plan_id,
        "project_type": drafted.plan.project_type.label[:100],
        "stack": drafted.plan.stack.profile,
    }


def revise_plan(
    plan: Plan,
    changes: PlanChanges,
    *,
    seen_version: int | None = None,
    note: str = "",
    actor: Actor,
) -> Saved:
    """Plan the latest request anew with these changes, on the catalog as it is now. What gives the same plan
    makes no version.

    `seen_version` binds it to the version that the caller has seen; the same changes to it again, by the same
    caller, give the version that they made. Raises PlanConflict, PlanArchived, InvalidPlanRequest,
    DeltaUnclear.
    """
    with transaction.atomic():
        locked = lock_plan(plan)
        ensure_not_archived(locked)
        latest = PlanVersion.objects.select_related("plan__project", "plan__catalog").get(
            plan=locked, number=locked.latest_version
        )
        written = write_changes(changes)
        is_repeat = (
            seen_version == latest.number - 1
            and latest.changes == written
            and latest.created_by == signature(actor)
        )
        if is_repeat:
            return Saved(latest, is_new=False)
        ensure_latest(latest, seen_version)
        changed = draft_revision(latest, changes)
        if changed.drafted.digest == latest.digest:
            return Saved(latest, is_new=False, notes=changed.notes)
        saved = keep_draft(latest, changed.drafted, changes=written, note=note, actor=actor)
        return replace(saved, notes=changed.notes)


def ensure_latest(latest: PlanVersion, seen_version: int | None) -> None:
    """What the caller has seen is the latest version; None: whatever that is. Raises PlanConflict."""
    if seen_version not in (None, latest.number):
        raise PlanConflict(
            f"Plan {latest.plan.plan_id} is at version {latest.number} by now, not {seen_version}. "
            "Look at it, and revise that one.",
            version=latest.number,
            allowed=["get the plan, then revise its latest version"],
        )


def draft_revision(latest: PlanVersion, changes: PlanChanges) -> Changed:
    """What `revise_plan` would make of this version. Nothing is written. Raises InvalidPlanRequest with every
    change that cannot be made, DeltaUnclear."""
    return draft_changed(
        request_of(latest),
        read_document(latest.document_text),
        changes,
        catalog=latest.plan.catalog,
        project=latest.plan.project,
    )


def keep_draft(
    latest: PlanVersion, drafted: Drafted, *, changes: dict[str, Json], note: str = "", actor: Actor
) -> Saved:
    """A draft as the version after the latest one of a plan whose row the caller has locked."""
    plan, now = latest.plan, timezone.now()
    version = _insert_version(
        plan,
        latest.number + 1,
        drafted,
        note=note,
        template_version=latest.template_version,
        now=now,
        actor=actor,
        changes=changes,
        diff=diff_plans(read_document(latest.document_text), drafted.plan),
    )
    for name, value in _shown(drafted, plan.plan_id).items():
        setattr(plan, name, value)
    plan.latest_version, plan.updated_at = version.number, now
    plan.save(update_fields=["title", "project_type", "stack", "latest_version", "updated_at"])
    return Saved(version, is_new=True)


def lock_plan(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("project", "catalog").get(pk=plan.pk)


def archive_plan(plan: Plan, *, actor: Actor) -> Plan:
    """Put a plan away: lists leave it out, and it is neither revised nor started. Safe to repeat."""
    with transaction.atomic():
        return set_archived(lock_plan(plan), True, actor=actor)


def restore_plan(plan: Plan, *, actor: Actor) -> Plan:
    """Safe to repeat."""
    with transaction.atomic():
        return set_archived(lock_plan(plan), False, actor=actor)
