"""The library of templates: keep plans, find them again, say something else of them."""

from http import HTTPStatus

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Listing, NewestFirst
from catalog_app.api.answers import templates as answers
from catalog_app.api.base import OwnForm
from catalog_app.api.kept import MARKDOWN, PROJECT_TYPE, VERSION, VersionPages, answer_markdown
from catalog_app.api.parameters import IS_ARCHIVED, Q, Query
from catalog_app.api.schema import described_read
from catalog_app.api.template_base import (
    TAG,
    TemplateEndpoint,
    describe_diff,
    describe_kept,
    describe_templates,
    describe_version,
)
from catalog_app.api.template_requests import EDITING, KEEPING, EditBody, NewTemplateBody
from catalog_app.planning.diff import diff_documents
from catalog_app.planning.document import read_document
from catalog_app.selectors.plans import get_plan, get_plan_version
from catalog_app.selectors.templates import (
    TemplateFilter,
    get_template,
    get_template_version,
    list_template_versions,
    list_templates,
)
from catalog_app.services.planning import ensure_read
from catalog_app.services.templates import (
    archive_template,
    create_template_from_plan,
    edit_template,
    restore_template,
)

STACK = OpenApiParameter("stack", OpenApiTypes.STR, description="The slug of a profile.")
ONE_TAG = OpenApiParameter("tag", OpenApiTypes.STR)
OTHER = OpenApiParameter("with", OpenApiTypes.STR, required=True, description="The id of another template.")


class Templates(TemplateEndpoint, Listing):
    pagination_class = NewestFirst

    @described_read(
        answers.TemplateSummary(many=True),
        tag=TAG,
        parameters=[Q, PROJECT_TYPE, STACK, ONE_TAG, IS_ARCHIVED],
        is_tagged=False,
    )
    def get(self, request: Request) -> Response:
        """Templates with what their runs have shown, newest first, paged by cursor."""
        query = Query(request)
        wanted = TemplateFilter(
            text=query.text("q"),
            project_type=query.text("project_type"),
            stack=query.text("stack"),
            tag=query.text("tag"),
            is_archived=query.archived(),
        )
        query.check()
        pages = self.pagination_class()
        found = pages.paginate_queryset(list_templates(self.actor(), wanted), request, view=self)
        return pages.get_paginated_response(describe_templates(self.actor(), found or ()))

    @extend_schema(
        request=NewTemplateBody, responses={201: answers.KeptTemplateAnswer}, examples=[KEEPING], tags=[TAG]
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Keep a plan as a template. The same plan again is the same template, with a new version where the
        plan has one. 409 `template_exists`: the id is taken by a template of something else."""
        body = self.read(NewTemplateBody)
        said = body.validated_data
        version = get_plan_version(get_plan(self.actor(), said["plan_id"]), said.get("plan_version"))
        kept = create_template_from_plan(version, body.to_draft(), actor=self.actor())
        return Response(describe_kept(kept), status=HTTPStatus.CREATED)


class OneTemplate(TemplateEndpoint):
    @described_read(answers.TemplateAnswer, tag=TAG, parameters=[VERSION], is_tagged=False)
    def get(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """A template: its request, its plan, and what its runs have shown."""
        return Response(describe_version(self.actor(), self.version(self.read_number("version"))))

    @extend_schema(request=EditBody, responses=answers.KeptTemplateAnswer, examples=[EDITING], tags=[TAG])
    def patch(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Say something else of a template. Every change is a version; with other parameters it is planned
        anew."""
        body = self.read(EditBody)
        said = body.validated_data
        parameters, problems = body.to_parameters()
        ensure_read(problems)
        kept = edit_template(
            self.template(),
            title=said.get("title"),
            description=said.get("description"),
            tags=said.get("tags"),
            parameters=parameters,
            seen_version=said.get("version"),
            note=said.get("note") or "",
            actor=self.actor(),
        )
        return Response(describe_kept(kept))


class TemplateMarkdown(OwnForm, TemplateEndpoint):
    @described_read({(200, MARKDOWN): OpenApiTypes.STR}, tag=TAG, parameters=[VERSION], is_tagged=False)
    def get(self, request: Request, template_id: str) -> HttpResponseBase:  # noqa: ARG002
        """plan.md: the template's plan for people."""
        version = self.version(self.read_number("version"))
        return answer_markdown(version.document)


class TemplateVersions(TemplateEndpoint, Listing):
    pagination_class = VersionPages

    @described_read(answers.TemplateVersionSummary(many=True), tag=TAG, is_tagged=False)
    def get(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Versions of a template, newest first: who said what."""
        return self.answer_page(list_template_versions(self.template()), answers.TemplateVersionSummary)


class CompareTemplates(TemplateEndpoint):
    @described_read(answers.ComparedAnswer, tag=TAG, parameters=[OTHER], is_tagged=False)
    def get(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Two templates side by side: what each has shown, and what differs between their plans."""
        query = Query(request)
        other = query.required("with")
        query.check()
        both = [self.template(), get_template(self.actor(), other)]
        before, after = (read_document(get_template_version(each).document_text) for each in both)
        first, second = (describe_templates(self.actor(), [each])[0] for each in both)
        return Response(
            {"first": first, "second": second, "diff": describe_diff(diff_documents(before, after))}
        )


class ArchiveTemplate(TemplateEndpoint):
    @extend_schema(request=None, responses=answers.TemplateSummary, tags=[TAG])
    def post(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Put a template away. Safe to repeat."""
        return Response(
            describe_templates(self.actor(), [archive_template(self.template(), actor=self.actor())])[0]
        )


class RestoreTemplate(TemplateEndpoint):
    @extend_schema(request=None, responses=answers.TemplateSummary, tags=[TAG])
    def post(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Take a template out again. Safe to repeat."""
        return Response(
            describe_templates(self.actor(), [restore_template(self.template(), actor=self.actor())])[0]
        )
