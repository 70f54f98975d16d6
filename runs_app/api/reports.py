"""Issues, metrics and reports (v7 §5, §11)."""

from django.db.models import Count, Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint, Listing, NewestFirst
from autopack.selectors import get_project
from runs_app.api import answers
from runs_app.api.parameters import read_count
from runs_app.api.runs import PROJECT, STATUS
from runs_app.selectors import runs as select
from runs_app.selectors.reports import analyse_budgets, filter_by_status, summarise_backlog

LONGEST_STANDING = 20


class OldestFirst(NewestFirst):
    ordering = "id"


class RunIssueIndex(Endpoint):
    @extend_schema(responses=answers.IssueIndex, tags=["issues"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """The run's issues by key (v7 §5)."""
        run = select.get_run(self.actor(), run_id)
        index = {
            "run_id": run.run_id,
            "minor_issues_count": run.minor_issues_count,
            "major_issues_count": run.major_issues_count,
            "issues": select.list_run_issues(run),
        }
        return Response(answers.IssueIndex(index).data)


class Backlog(Listing):
    pagination_class = OldestFirst

    @extend_schema(parameters=[PROJECT], responses=answers.BacklogAnswer(many=True), tags=["issues"])
    def get(self, request: Request) -> Response:
        """Issues across runs with their age, paged by cursor."""
        project_id = request.query_params.get("project_id")
        project = get_project(self.actor(), project_id) if project_id else None
        return self.answer_page(select.list_backlog(self.actor(), project), answers.BacklogAnswer)


class RunMetrics(Listing):
    @extend_schema(parameters=[STATUS], responses=answers.RunSummary(many=True), tags=["reports"])
    def get(self, request: Request) -> Response:
        """v7 `metrics/runs`: state, debt, profile, scope, failure reason, tokens and CI runs of each."""
        runs = filter_by_status(select.list_runs(self.actor()), request.query_params.get("status", ""))
        return self.answer_page(runs, answers.RunSummary)


class TierMetrics(Endpoint):
    @extend_schema(responses=answers.TierMetricsList, tags=["reports"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """v7 `metrics/tiers`: cleanliness, counts and whether a tier blocks promotion."""
        run = select.get_run(self.actor(), run_id)
        tiers = run.tiers.annotate(
            phase_count=Count("phases"),
            complete_count=Count("phases", filter=Q(phases__state="COMPLETE")),
            skipped_count=Count("phases", filter=Q(phases__state="SKIPPED")),
        )
        return Response(answers.TierMetricsList({"run_id": run.run_id, "tiers": tiers}).data)


class BacklogSummary(Endpoint):
    @extend_schema(
        parameters=[PROJECT, OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=answers.BacklogSummary,
        tags=["reports"],
    )
    def get(self, request: Request) -> Response:
        """v7 `reports/issue_backlog_summary`."""
        project_id = request.query_params.get("project_id")
        project = get_project(self.actor(), project_id) if project_id else None
        limit = read_count(request, "limit", default=LONGEST_STANDING, highest=200)
        summary = summarise_backlog(select.list_backlog(self.actor(), project), limit=limit)
        return Response(answers.BacklogSummary(summary).data)


class BudgetAnalysis(Endpoint):
    @extend_schema(responses=answers.BudgetAnalysis, tags=["reports"])
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """v7 `reports/budget_analysis`: what used up budgets, and whether the auditor helped."""
        return Response(answers.BudgetAnalysis(analyse_budgets(self.actor())).data)
