"""Plans: describe an application, answer what is asked back, keep the plan and change it."""

from http import HTTPStatus

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Listing, NewestFirst
from catalog_app.api.answers import plans as answers
from catalog_app.api.base import OwnForm
from catalog_app.api.kept import MARKDOWN, PROJECT_TYPE, VERSION, answer_markdown
from catalog_app.api.parameters import IS_ARCHIVED, Q, Query
from catalog_app.api.plan_base import (
    TAG,
    PlanEndpoint,
    describe_draft,
    describe_plan,
    describe_plans,
    describe_saved,
)
from catalog_app.api.plan_requests import BRIEF, LISTED, NewPlanBody
from catalog_app.api.schema import described_read
from catalog_app.api.tags import make_tag, own_part
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.plans import (
    PlanFilter,
    get_plan_version,
    list_plans,
)
from catalog_app.services.planning import draft_plan, ensure_plannable, ensure_read
from catalog_app.services.plans import create_plan

PROJECT = OpenApiParameter("project_id", OpenApiTypes.STR)


class Plans(PlanEndpoint, Listing):
    pagination_class = NewestFirst

    @described_read(
        answers.PlanSummary(many=True),
        tag=TAG,
        parameters=[Q, PROJECT_TYPE, PROJECT, IS_ARCHIVED],
        is_tagged=False,
    )
    def get(self, request: Request) -> Response:
        """Plans, newest first, paged by cursor."""
        query = Query(request)
        wanted = PlanFilter(
            words=query.text("q"),
            project_type=query.text("project_type"),
            project_id=query.text("project_id"),
            is_archived=query.archived(),
        )
        query.check()
        pages = self.pagination_class()
        found = pages.paginate_queryset(list_plans(self.actor(), wanted), request, view=self)
        return pages.get_paginated_response(describe_plans(found or ()))

    @extend_schema(
        request=NewPlanBody,
        responses={200: answers.DraftAnswer, 201: answers.DraftAnswer},
        examples=[LISTED, BRIEF],
        tags=[TAG],
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Plan an application: of a list of features, a brief in markdown, or both.

        The answer has the plan, every question that is open with its options, and what was not understood.
        With `dry_run` nothing is kept (200). 422 `unknown_feature` suggests features for each slug that the
        catalog has not; 409 `plan_exists` says that the id is taken by another request.
        """
        body = self.read(NewPlanBody)
        said = body.validated_data
        wanted, problems = body.to_request()
        ensure_read(problems)
        catalog = get_catalog(said.get("catalog") or DEFAULT_CATALOG)
        project = self.find_project(said.get("project_id"))
        if said.get("dry_run"):
            ensure_plannable(wanted, catalog=catalog)
            return Response(describe_draft(draft_plan(wanted, catalog=catalog, project=project)))
        saved = create_plan(
            wanted,
            catalog=catalog,
            project=project,
            plan_id=said.get("plan_id") or "",
            note=said.get("note") or "",
            actor=self.actor(),
        )
        return Response(describe_saved(saved), status=HTTPStatus.CREATED)


class OnePlan(OwnForm, PlanEndpoint):
    @described_read(
        {(200, "application/json"): answers.PlanAnswer, (200, MARKDOWN): OpenApiTypes.STR},
        tag=TAG,
        parameters=[VERSION],
    )
    def get(self, request: Request, plan_id: str) -> HttpResponseBase:  # noqa: ARG002
        """A plan: the request and the document as JSON, or, to `Accept: text/markdown`, plan.md."""
        plan = self.plan()
        version = get_plan_version(plan, self.read_number("version"))
        wants_markdown = _wants_markdown(request)

        def make() -> HttpResponse:
            return answer_markdown(version.document) if wants_markdown else Response(describe_plan(version))

        tag = make_tag(request, own_part(plan), version.number, wants_markdown)
        response = self.answer_unless_known(tag, make)
        response.headers["Vary"] = "Accept"
        return response


class PlanMarkdown(OwnForm, PlanEndpoint):
    @described_read({(200, MARKDOWN): OpenApiTypes.STR}, tag=TAG, parameters=[VERSION])
    def get(self, request: Request, plan_id: str) -> HttpResponseBase:  # noqa: ARG002
        """plan.md: the plan for people."""
        plan = self.plan()
        version = get_plan_version(plan, self.read_number("version"))
        tag = make_tag(request, own_part(plan), version.number)
        return self.answer_unless_known(tag, lambda: answer_markdown(version.document))


def _wants_markdown(request: Request) -> bool:
    return MARKDOWN in request.headers.get("Accept", "")
