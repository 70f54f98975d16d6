"""The rows of templates: what a version keeps of a plan, and the one way to write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import Refused
from autopack.models import Project
from catalog_app.choices import TemplateOrigin
from catalog_app.interchange.entries import Json
from catalog_app.models import PlanTemplate, PlanVersion, TemplateVersion
from catalog_app.plan_files.content import MAX_REF, MAX_TAG, MAX_TAGS, MAX_TITLE
from catalog_app.planning.document import digest_document
from catalog_app.planning.request import PlanRequest, write_request
from catalog_app.planning.types import PlanDocument
from catalog_app.services.planning import Drafted, outline_of
from catalog_app.services.recording import signature

_KEEP_LOCK: Final = 0x41_50_54_4D  # "APTM": keeps this advisory lock apart from other users of the database.


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """What a template is to say. `template_id` empty: one is made of the title."""

    title: str = ""
    template_id: str = ""
    description: str = ""
    tags: Sequence[str] = ()
    origin: TemplateOrigin = TemplateOrigin.PLAN
    origin_ref: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """The version that an answer is about; `is_new` says whether this call made it."""

    version: TemplateVersion
    is_new: bool

    @property
    def template(self) -> PlanTemplate:
        return self.version.template


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """A plan as a template keeps it."""

    request: Mapping[str, Json]
    request_digest: str
    document_text: str
    digest: str
    outline: Mapping[str, Json]
    outcomes_digest: str
    title: str
    project_type: str
    stack: str


def kept_version(version: PlanVersion | TemplateVersion) -> KeptPlan:
    kept = version.plan if isinstance(version, PlanVersion) else version.template
    return KeptPlan(
        request=version.request,
        request_digest=version.request_digest,
        document_text=version.document_text,
        digest=version.digest,
        outline=version.outline,
        outcomes_digest=version.outcomes_digest,
        title=kept.title,
        **_labels(version.document),
    )


def kept_draft(drafted: Drafted) -> KeptPlan:
    return kept_document(drafted.request, drafted.plan, drafted.content.decode())


def kept_document(request: PlanRequest, plan: PlanDocument, document_text: str) -> KeptPlan:
    """`document_text` are the plan's bytes."""
    return KeptPlan(
        request=write_request(request),
        request_digest=plan.inputs.request_digest,
        document_text=document_text,
        digest=digest_document(document_text.encode()),
        outline=outline_of(plan),
        outcomes_digest=plan.inputs.outcomes_digest[:64],
        title=plan.title[:MAX_TITLE],
        project_type=plan.project_type.label[:100],
        stack=plan.stack.profile[:100],
    )


def lock_template(template: PlanTemplate) -> PlanTemplate:
    rows = PlanTemplate.objects.select_for_update(of=("self",)).select_related("project")
    return rows.get(pk=template.pk)


def hold_templates() -> None:
    """Until the end of the caller's transaction, nobody else makes templates: of two that keep the same run
    at once, the second finds the first one's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEEP_LOCK])


def insert_template(
    template_id: str,
    draft: TemplateDraft,
    plan: KeptPlan,
    project: Project | None,
    *,
    number: int = 1,
    actor: Actor,
) -> KeptTemplate:
    """A new template under an id that the caller knows to be free, with its first version."""
    draft = clean_draft(draft)
    now = timezone.now()
    template = PlanTemplate.objects.create(
        template_id=template_id,
        title=draft.title or template_id,
        description=draft.description,
        tags=list(draft.tags),
        origin=draft.origin.value,
        origin_ref=draft.origin_ref,
        project=project,
        project_type=plan.project_type,
        stack=plan.stack,
        latest_version=number,
        created_by=signature(actor),
        created_at=now,
    )
    return KeptTemplate(_insert_version(template, number, plan, draft.note, now, actor=actor), is_new=True)


def keep_version(
    locked: PlanTemplate, plan: KeptPlan, draft: TemplateDraft, *, number: int = 0, actor: Actor
) -> KeptTemplate:
    """The next version of a template whose row the caller has locked; the latest one where nothing is
    different. With a `number`, from a file that has its own note, it is at least that one."""
    draft = clean_draft(draft)
    latest = TemplateVersion.objects.get(template=locked, number=locked.latest_version)
    latest.template = locked
    if is_as_kept(locked, latest, plan, draft):
        return KeptTemplate(latest, is_new=False)
    said = _said_of(locked, draft)
    said_before = [] if number else _say_changes({name: getattr(locked, name) for name in said}, said)
    note = "\n".join(filter(None, [draft.note, *said_before]))
    for name, value in said.items():
        setattr(locked, name, value)
    locked.project_type, locked.stack = plan.project_type, plan.stack
    locked.latest_version = max(locked.latest_version + 1, number)
    locked.save(update_fields=["title", "description", "tags", "project_type", "stack", "latest_version"])
    version = _insert_version(locked, locked.latest_version, plan, note, timezone.now(), actor=actor)
    return KeptTemplate(version, is_new=True)


def is_as_kept(template: PlanTemplate, latest: TemplateVersion, plan: KeptPlan, draft: TemplateDraft) -> bool:
    """Whether keeping this would change nothing."""
    said = _said_of(template, clean_draft(draft))
    is_same_plan = (latest.request_digest, latest.digest) == (plan.request_digest, plan.digest)
    return is_same_plan and said == {name: getattr(template, name) for name in said}


def _said_of(template: PlanTemplate, draft: TemplateDraft) -> dict[str, object]:
    """What a draft makes a template say, beside its plan; without a title it has the one that it had."""
    title = draft.title or template.title
    return {"title": title, "description": draft.description, "tags": list(draft.tags)}


def clean_draft(draft: TemplateDraft) -> TemplateDraft:
    """With trimmed words. Raises Refused (`invalid_template`)."""
    title = " ".join(draft.title.split())
    tags = tuple(dict.fromkeys(cleaned for tag in draft.tags if (cleaned := " ".join(tag.split()))))
    errors = []
    if len(title) > MAX_TITLE:
        errors.append({"pointer": "/title", "detail": f"Has at most {MAX_TITLE} characters."})
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        errors.append({"pointer": "/tags", "detail": f"At most {MAX_TAGS} tags of {MAX_TAG} characters."})
    if errors:
        raise Refused(
            "The template cannot be kept as it is.",
            code="invalid_template",
            errors=[{"code": "invalid", **error} for error in errors],
        )
    return replace(
        draft,
        title=title,
        tags=tags,
        description=draft.description.strip(),
        note=draft.note.strip(),
        origin_ref=draft.origin_ref[:MAX_REF],
    )


def _insert_version(
    template: PlanTemplate, number: int, plan: KeptPlan, note: str, now: datetime, *, actor: Actor
) -> TemplateVersion:
    return TemplateVersion.objects.create(
        template=template,
        number=number,
        request=dict(plan.request),
        request_digest=plan.request_digest,
        document_text=plan.document_text,
        digest=plan.digest,
        outline=dict(plan.outline),
        outcomes_digest=plan.outcomes_digest,
        note=note,
        created_by=signature(actor),
        created_at=now,
    )


def _say_changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """What was said of the template before, since rows keep only what is said now."""
    said = []
    for name, value in before.items():
        if value != after[name]:
            words = ", ".join(value) if isinstance(value, list) else str(value)
            said.append(f"{name.capitalize()} before: {words or 'none'}")
    return said


def _labels(document: Mapping[str, Json]) -> dict[str, str]:
    chosen, stack = document.get("project_type"), document.get("stack")
    label = chosen.get("label") if isinstance(chosen, Mapping) else ""
    profile = stack.get("profile") if isinstance(stack, Mapping) else ""
    return {"project_type": str(label or "")[:100], "stack": str(profile or "")[:100]}
