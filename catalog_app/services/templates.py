"""Templates that are kept: made of plans and of runs, edited, put away. Each version is its own record of who
changed what; none ever changes."""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from autopack.actors import Actor
from autopack.errors import Refused
from autopack.models import Project
from autopack.models.fields import NAME_PATTERN
from catalog_app.choices import TemplateOrigin
from catalog_app.errors import TemplateConflict, TemplateExists
from catalog_app.models import FeatureCatalog, PlanTemplate, PlanVersion, RunOutcome, TemplateVersion
from catalog_app.models.catalogs import DEFAULT_CATALOG, SLUG_MESSAGE
from catalog_app.planning.parameters import check_parameters
from catalog_app.planning.request import Parameter, PlanRequest, read_request
from catalog_app.selectors.catalogs import find_catalog, get_catalog
from catalog_app.selectors.templates import get_template_version
from catalog_app.services.keeping import ensure_not_archived, free_id, set_archived
from catalog_app.services.planning import draft_plan, ensure_read, ensure_something_wanted
from catalog_app.services.recording import signature
from catalog_app.services.template_rows import (
    KeptPlan,
    KeptTemplate,
    TemplateDraft,
    clean_draft,
    hold_templates,
    insert_template,
    is_as_kept,
    keep_version,
    kept_draft,
    kept_version,
    lock_template,
)


def create_template_from_plan(version: PlanVersion, draft: TemplateDraft, *, actor: Actor) -> KeptTemplate:
    """Keep a version of a plan as a template, as it is.

    What was made into a template before gives that template, with a new version where the plan is another one
    by now. Raises TemplateExists where the id is taken by a template of something else, TemplateArchived,
    Refused (`invalid_template`).
    """
    if not draft.origin_ref:
        draft = replace(draft, origin=TemplateOrigin.PLAN, origin_ref=version.plan.plan_id)
    plan = kept_version(version)
    return _keep(replace(draft, title=draft.title or plan.title), plan, version.plan.project, actor=actor)


def create_template_from_content(
    request: PlanRequest,
    draft: TemplateDraft,
    *,
    catalog: FeatureCatalog,
    project: Project | None = None,
    actor: Actor,
) -> KeptTemplate:
    """Keep what was asked for, planned on the catalog as it is now. Otherwise as for a plan; raises
    InvalidPlanRequest as well."""
    ensure_something_wanted(request)
    plan = kept_draft(draft_plan(request, catalog=catalog, project=project))
    return _keep(replace(draft, title=draft.title or plan.title), plan, project, actor=actor)


def edit_template(
    template: PlanTemplate,
    *,
    title: str | None = None,
    description: str | None = None,
    tags: Sequence[str] | None = None,
    parameters: Sequence[Parameter] | None = None,
    seen_version: int | None = None,
    note: str = "",
    actor: Actor,
) -> KeptTemplate:
    """Say something else of a template; None: as it is. Every change is a new version, whose note says what
    was there before. With other parameters it is planned anew.

    `seen_version` binds it to the version that the caller has seen; the same edit of it again, by the same
    caller, gives the version that it made. Raises TemplateConflict, TemplateArchived, InvalidPlanRequest,
    Refused (`invalid_template`).
    """
    with transaction.atomic():
        locked = lock_template(template)
        ensure_not_archived(locked)
        draft = TemplateDraft(
            title=locked.title if title is None else title,
            description=locked.description if description is None else description,
            tags=locked.tags if tags is None else tags,
        )
        latest = locked.versions.get(number=locked.latest_version)
        plan = kept_version(latest)
        if parameters is not None:
            plan = _with_parameters(locked, plan, parameters)
        is_repeat = (
            seen_version == latest.number - 1
            and latest.created_by == signature(actor)
            and is_as_kept(locked, latest, plan, draft)
        )
        if seen_version not in (None, latest.number) and not is_repeat:
            raise TemplateConflict(
                f"Template {locked.template_id} is at version {latest.number} by now, not {seen_version}. "
                "Look at it, and change that one.",
                version=latest.number,
                allowed=["get the template, then change its latest version"],
            )
        return keep_version(locked, plan, replace(draft, note=note), actor=actor)


def archive_template(template: PlanTemplate, *, actor: Actor) -> PlanTemplate:
    """Put a template away: lists leave it out, and nothing is made from it. Safe to repeat."""
    with transaction.atomic():
        return set_archived(lock_template(template), True, actor=actor)


def restore_template(template: PlanTemplate, *, actor: Actor) -> PlanTemplate:
    """Safe to repeat."""
    with transaction.atomic():
        return set_archived(lock_template(template), False, actor=actor)


def catalog_of(version: TemplateVersion) -> FeatureCatalog:
    """The catalog that the template was planned on; the default one where there is no such catalog here."""
    return find_catalog(version.document["inputs"]["catalog"]) or get_catalog(DEFAULT_CATALOG)


def _keep(draft: TemplateDraft, plan: KeptPlan, project: Project | None, *, actor: Actor) -> KeptTemplate:
    draft = clean_draft(draft)
    if draft.template_id and not re.fullmatch(NAME_PATTERN, draft.template_id):
        raise Refused(
            f"{draft.template_id[:100]!r} is no id of a template. {SLUG_MESSAGE}", code="invalid_template_id"
        )
    with transaction.atomic():
        hold_templates()
        known = _find_known(draft, project, actor=actor)
        if known is not None:
            ensure_not_archived(known)
            if draft.origin is TemplateOrigin.RUN and (same := _find_given_before(known, plan)):
                return KeptTemplate(same, is_new=False)
            # What was said of the template since is not undone by keeping its plan again.
            said = replace(draft, title=known.title, description=known.description, tags=known.tags)
            return keep_version(known, plan, said, actor=actor)
        template_id = draft.template_id or free_id(PlanTemplate, draft.title)
        kept = insert_template(template_id, draft, plan, project, actor=actor)
        if draft.origin is TemplateOrigin.RUN:
            # The run that it was made of is the first that shows how it does.
            own = RunOutcome.objects.filter(run_id=draft.origin_ref, template_version=None)
            own.update(template_version=kept.version)
        return kept


def _find_known(draft: TemplateDraft, project: Project | None, *, actor: Actor) -> PlanTemplate | None:
    """The template that was made of the same thing before, locked. Raises TemplateExists."""
    rows = PlanTemplate.objects.select_for_update(of=("self",)).select_related("project")
    same = {"origin": draft.origin.value, "origin_ref": draft.origin_ref, "project": project}
    if not draft.template_id:
        return rows.filter(**same, archived_at=None).order_by("id").first() if draft.origin_ref else None
    found = rows.filter(template_id=draft.template_id).first()
    if found is None:
        return None
    is_visible = found.project is None or actor.may_see(found.project.project_id)
    if not is_visible or not draft.origin_ref or any(getattr(found, key) != v for key, v in same.items()):
        raise TemplateExists(
            f"The id {draft.template_id} is taken by another template. Choose another one.",
            allowed=["change that template", "choose another id"] if is_visible else [],
        )
    return found


def _find_given_before(known: PlanTemplate, plan: KeptPlan) -> TemplateVersion | None:
    """The latest version of the template, if the run that it was made of has given this already: a run that
    has ended gives nothing else, whatever became of the catalog or of the template since."""
    if not known.versions.filter(request_digest=plan.request_digest).exists():
        return None
    return get_template_version(known)


def _with_parameters(template: PlanTemplate, plan: KeptPlan, parameters: Sequence[Parameter]) -> KeptPlan:
    """Planned anew with these parameters; values that they do not take any more are left out."""
    request, problems = read_request(plan.request)
    ensure_read(problems)
    if tuple(parameters) == request.parameters:
        return plan
    changed = replace(request, parameters=tuple(parameters))
    wrong_values = {
        problem.origin.steps[1]
        for problem in check_parameters(changed)
        if problem.origin.steps[0] == "values"
    }
    values = {name: value for name, value in request.values.items() if name not in wrong_values}
    changed = replace(changed, values=values)
    ensure_read(check_parameters(changed))
    latest = template.versions.get(number=template.latest_version)
    return kept_draft(draft_plan(changed, catalog=catalog_of(latest), project=template.project))
