"""Curation runs. Only curators see them: nothing here is part of a catalog yet."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Listing, NewestFirst
from autopack.permissions import CuratesDrafts
from catalog_app.api.answers import curation as answers
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.curation_requests import DecideBody, NewCurationRun
from catalog_app.api.parameters import Q, Query, described_choices
from catalog_app.api.requests import ReasonBody
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.choices import CandidateState
from catalog_app.models import CurationRun
from catalog_app.selectors.curation import (
    get_candidate,
    get_curation_run,
    list_candidates,
    list_curation_runs,
)
from catalog_app.services.accepting import decide_candidates
from catalog_app.services.curating import cancel_curation_run, retry_candidate, start_curation_run
from catalog_app.services.deciding import terms_of

TAG = "catalog: curation"
STARTING = OpenApiExample(
    "A list",
    value={
        "title": "Sign-in",
        "repositories": "https://github.com/pennersr/django-allauth\n/srv/git/our-login",
    },
    request_only=True,
    media_type="application/json",
)
DECIDING = OpenApiExample(
    "One of each",
    value={
        "decisions": [
            {
                "candidate": 12,
                "action": "accept",
                "edits": {"slug": "social-login", "aliases": ["sso"]},
                "reason": "Kept up, tested, MIT.",
            },
            {"candidate": 13, "action": "reject", "reason": "Archived."},
        ]
    },
    request_only=True,
    media_type="application/json",
)


class CurationEndpoint(CatalogEndpoint):
    permission_classes = [CuratesDrafts]

    def describe_run(self, run_id: int) -> Any:
        """As it is now."""
        return answers.CurationRunAnswer(get_curation_run(run_id)).data


class CurationRuns(CurationEndpoint, Listing):
    @described_read(answers.CurationRunAnswer(many=True), tag=TAG, parameters=[CATALOG], is_tagged=False)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Curation runs of a catalog, newest first."""
        return self.answer_page(list_curation_runs(self.catalog()), answers.CurationRunAnswer)

    @extend_schema(
        request=NewCurationRun,
        responses={201: answers.CurationRunAnswer},
        parameters=[CATALOG],
        examples=[STARTING],
        tags=[TAG],
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Have repositories looked at. Each becomes a candidate; nothing of it is in the catalog before it is
        accepted. 422 `invalid_curation_list` names every line that is not acceptable."""
        body = self.read(NewCurationRun)
        run = start_curation_run(
            self.catalog(), body.text, title=body.validated_data["title"], actor=self.actor()
        )
        return Response(self.describe_run(run.pk), status=201)


class CandidatePages(NewestFirst):
    """In the order of the list. Each page says how far the run is."""

    ordering = "position"
    run: CurationRun

    def get_paginated_response(self, data: Any) -> Response:
        page = super().get_paginated_response(data)
        page.data = {"run": answers.CurationRunAnswer(self.run).data, **page.data}
        return page

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["run", *page["required"]]
        page["properties"] = {"run": {"$ref": "#/components/schemas/CurationRunAnswer"}, **page["properties"]}
        return page


class OneCurationRun(CurationEndpoint, Listing):
    pagination_class = CandidatePages

    @described_read(
        answers.CurationCandidateAnswer(many=True),
        tag=TAG,
        parameters=[Q, described_choices("state", CandidateState, "Any of these.")],
        is_tagged=False,
        operation_id="catalog_curation_runs_retrieve",
    )
    def get(self, request: Request, run_id: int) -> Response:
        """How far a run is, and its candidates: what was found, what is proposed, what it resembles."""
        query = Query(request)
        words, states = query.text("q"), query.choices("state", CandidateState)
        query.check()
        run = get_curation_run(run_id)
        pages = CandidatePages()
        pages.run = run
        found = pages.paginate_queryset(list_candidates(run, states=states, words=words), request, view=self)
        context = {"terms": terms_of(run.catalog.license_policy)}
        return pages.get_paginated_response(
            answers.CurationCandidateAnswer(found, many=True, context=context).data
        )


class DecideCandidates(CurationEndpoint):
    @extend_schema(
        request=DecideBody, responses={200: answers.DecidedAnswer}, examples=[DECIDING], tags=[TAG]
    )
    def post(self, request: Request, run_id: int) -> Response:  # noqa: ARG002
        """Accept and reject candidates: all of them, or with any problem none. Safe to repeat.

        An accepted one is verified at the commit that was looked at, and not whitelisted. 422
        `invalid_candidates` names candidate and field of every problem.
        """
        decisions = self.read(DecideBody).to_decisions()
        run = get_curation_run(run_id)
        decided = decide_candidates(run, decisions, actor=self.actor())
        context = {"terms": terms_of(run.catalog.license_policy)}
        rows = list_candidates(run).filter(pk__in=[candidate.pk for candidate in decided])
        return Response(
            {
                "run": self.describe_run(run.pk),
                "decided": answers.CurationCandidateAnswer(rows, many=True, context=context).data,
            }
        )


class CancelCurationRun(CurationEndpoint):
    @extend_schema(request=ReasonBody, responses={200: answers.CurationRunAnswer}, tags=[TAG])
    def post(self, request: Request, run_id: int) -> Response:  # noqa: ARG002
        """Stop looking, and leave undecided what is undecided. What was accepted stays."""
        body = self.read(ReasonBody)
        cancel_curation_run(get_curation_run(run_id), actor=self.actor(), reason=body.reason_given)
        return Response(self.describe_run(run_id))


class OneCandidate(CurationEndpoint):
    @described_read(answers.CurationCandidateDetail, tag=TAG, is_tagged=False)
    def get(self, request: Request, candidate_id: int) -> Response:  # noqa: ARG002
        """A candidate with its whole evidence."""
        return Response(_describe(candidate_id))


class RetryCandidate(CurationEndpoint):
    @extend_schema(request=None, responses={200: answers.CurationCandidateDetail}, tags=[TAG])
    def post(self, request: Request, candidate_id: int) -> Response:  # noqa: ARG002
        """Have a repository looked at again: one that failed, or one that has changed since."""
        retry_candidate(get_candidate(candidate_id))
        return Response(_describe(candidate_id))


def _describe(candidate_id: int) -> Any:
    """As it is now."""
    candidate = get_candidate(candidate_id)
    context = {"terms": terms_of(candidate.run.catalog.license_policy)}
    return answers.CurationCandidateDetail(candidate, context=context).data
