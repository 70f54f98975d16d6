"""A library of templates as files, and back: all of them, or with any error nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from autopack.actors import Actor
from autopack.models import Project
from catalog_app.choices import TemplateOrigin
from catalog_app.errors import InvalidTemplate
from catalog_app.interchange.entries import EntryProblem, Origin, Severity
from catalog_app.interchange.files import FileProblem, WrittenFile, in_order
from catalog_app.models import FeatureCatalog, PlanTemplate, TemplateVersion
from catalog_app.plan_files.content import TemplateContent
from catalog_app.plan_files.reading import ReadTemplates, WrittenTemplate, read_templates
from catalog_app.plan_files.writing import write_template
from catalog_app.planning.document import read_document
from catalog_app.planning.request import digest_request
from catalog_app.planning.spelling import Speller
from catalog_app.planning.wishes import MAX_WISHES
from catalog_app.selectors.snapshots import list_known_slugs
from catalog_app.services.importing import describe_file_problem
from catalog_app.services.planning import draft_plan, request_of
from catalog_app.services.template_rows import (
    KeptPlan,
    KeptTemplate,
    TemplateDraft,
    hold_templates,
    insert_template,
    keep_version,
    kept_document,
    kept_draft,
    kept_version,
)


class ImportAction(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ImportedTemplate:
    """What became of one file, or would become of it."""

    file: str
    action: ImportAction
    version: TemplateVersion


@dataclass(frozen=True, slots=True)
class TemplateImport:
    templates: tuple[ImportedTemplate, ...]
    warnings: tuple[FileProblem, ...]


def export_templates(versions: Iterable[TemplateVersion]) -> dict[str, str]:
    """Their files by path. The same templates give the same bytes."""
    files: dict[str, str] = {}
    for version in versions:
        files |= write_template(content_of(version))
    return dict(sorted(files.items()))


def content_of(version: TemplateVersion) -> TemplateContent:
    template = version.template
    return TemplateContent(
        template_id=template.template_id,
        title=template.title,
        request=request_of(version),
        document_text=version.document_text,
        description=template.description,
        tags=tuple(template.tags),
        origin=TemplateOrigin(template.origin),
        origin_ref=template.origin_ref,
        version=version.number,
        note=version.note,
    )


def import_templates(
    files: Sequence[WrittenFile],
    *,
    catalog: FeatureCatalog,
    project: Project | None = None,
    is_dry_run: bool = False,
    actor: Actor,
) -> TemplateImport:
    """Bring the library to what the files say. New templates belong to the project, if one is given; what the
    files do not name stays. What has no plan, or another request than its plan, is planned on the catalog.

    Raises InvalidTemplate with every error and, as `extra`, every warning, as `describe_file_problem` has
    them.
    """
    read = read_templates(files)
    with transaction.atomic():
        hold_templates()
        known = _find_known(read)
        problems = in_order((*read.problems, *read.place(_check(read, known, catalog, actor=actor))))
        if not read.documents and not problems:
            raise InvalidTemplate("There is no template.yaml among the files.", errors=[], warnings=[])
        if any(problem.is_error for problem in problems):
            raise _invalid(problems)
        imported = tuple(
            _import(each, known.get(each.content.template_id), catalog, project, actor=actor)
            for each in read.templates
        )
        transaction.set_rollback(is_dry_run)
    return TemplateImport(imported, problems)


def _find_known(read: ReadTemplates) -> dict[str, PlanTemplate]:
    """Those of the templates that there are, locked."""
    ids = [each.content.template_id for each in read.templates]
    rows = PlanTemplate.objects.select_for_update(of=("self",)).select_related("project")
    return {row.template_id: row for row in rows.filter(template_id__in=ids).order_by("pk")}


def _check(
    read: ReadTemplates, known: dict[str, PlanTemplate], catalog: FeatureCatalog, *, actor: Actor
) -> Iterator[EntryProblem]:
    slugs, speller = list_known_slugs(catalog), Speller()
    sorted_slugs = sorted(slugs)
    to_plan = 0
    for each in read.templates:
        content, top = each.content, Origin(each.file)
        before = to_plan
        to_plan += 0 if content.document_text else len(content.request.wishes)
        if before <= MAX_WISHES < to_plan:
            message = f"makes more than {MAX_WISHES:,} features to be planned at once; bring fewer templates"
            yield EntryProblem(Severity.ERROR, "too_many", top.inner("request"), message)
        row = known.get(content.template_id)
        if row is not None and row.project is not None and not actor.may_see(row.project.project_id):
            message = f"{content.template_id} is taken by a template that you may not see"
            yield EntryProblem(Severity.ERROR, "template_exists", top.inner("template_id"), message)
        elif row is not None and row.archived_at is not None:
            message = f"{content.template_id} is archived, and stays so until it is restored"
            yield EntryProblem(Severity.WARNING, "archived", top.inner("template_id"), message)
        if not content.request.wishes and not content.request.given:
            message = "has neither features nor given_phases: there is nothing to plan"
            yield EntryProblem(Severity.ERROR, "empty_request", top.inner("request"), message)
        for index, wish in enumerate(content.request.wishes):
            if wish.slug and wish.slug not in slugs:
                here = top.inner("request", "features", index, "slug")
                message = f"catalog {catalog.slug} has no feature {wish.slug}"
                near = speller.nearest(wish.slug, sorted_slugs)
                yield EntryProblem(Severity.WARNING, "unknown_feature", here, message, near)


def _import(
    written: WrittenTemplate,
    row: PlanTemplate | None,
    catalog: FeatureCatalog,
    project: Project | None,
    *,
    actor: Actor,
) -> ImportedTemplate:
    content = written.content
    draft = TemplateDraft(
        title=content.title,
        template_id=content.template_id,
        description=content.description,
        tags=content.tags,
        origin=content.origin,
        origin_ref=content.origin_ref or _origin_ref(written),
        note=content.note,
    )
    if row is None:
        plan = _kept_content(content, catalog, project)
        kept = insert_template(content.template_id, draft, plan, project, number=content.version, actor=actor)
        return ImportedTemplate(written.file, ImportAction.CREATED, kept.version)
    kept = keep_version(row, _kept_beside(content, row, catalog), draft, number=content.version, actor=actor)
    return ImportedTemplate(written.file, _action(kept), kept.version)


def _origin_ref(written: WrittenTemplate) -> str:
    return written.file if written.content.origin is TemplateOrigin.YAML else ""


def _action(kept: KeptTemplate) -> ImportAction:
    return ImportAction.CHANGED if kept.is_new else ImportAction.UNCHANGED


def _kept_beside(content: TemplateContent, row: PlanTemplate, catalog: FeatureCatalog) -> KeptPlan:
    """A request without a plan that is the latest one's has that one's plan."""
    latest = row.versions.get(number=row.latest_version)
    if not content.document_text and latest.request_digest == digest_request(content.request):
        return kept_version(latest)
    return _kept_content(content, catalog, row.project)


def _kept_content(content: TemplateContent, catalog: FeatureCatalog, project: Project | None) -> KeptPlan:
    if not content.document_text:
        return kept_draft(draft_plan(content.request, catalog=catalog, project=project))
    plan = read_document(content.document_text)
    return kept_document(content.request, plan, content.document_text)


def _invalid(problems: Sequence[FileProblem]) -> InvalidTemplate:
    errors = [problem for problem in problems if problem.is_error]
    count = "There is a problem" if len(errors) == 1 else f"There are {len(errors)} problems"
    return InvalidTemplate(
        f"{count} in {', '.join(dict.fromkeys(problem.file for problem in errors))}; nothing was kept.",
        errors=[describe_file_problem(problem) for problem in errors],
        warnings=[describe_file_problem(problem) for problem in problems if not problem.is_error],
    )
