"""Runs: start, look, follow, cancel, promote."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint, Listing, read_wait
from autopack.permissions import OperatesRuns, StartsRuns
from autopack.selectors import get_project, list_projects
from runs_app.api import answers
from runs_app.api.parameters import read_count
from runs_app.api.run_requests import CancelBody, PlanStartBody, PromoteBody, StartBody, names_plan
from runs_app.gitops.types import PromotionMode
from runs_app.models import Event
from runs_app.selectors import runs as select
from runs_app.selectors.integration import describe_integration
from runs_app.selectors.reports import filter_by_status
from runs_app.services.control import cancel_run
from runs_app.services.promoting import promote_run
from runs_app.services.starting import start_run
from runs_app.services.starting_plans import start_plan_run
from runs_app.services.waiting import wait_for

MAX_EVENTS = 500
PREFER = OpenApiParameter(
    "Prefer", OpenApiTypes.STR, OpenApiParameter.HEADER, description="`wait=N`: wait up to N seconds (60)."
)
STATUS = OpenApiParameter(
    "status", OpenApiTypes.STR, description="`live`, `done`, `failed`, or the name of one state."
)
PROJECT = OpenApiParameter("project_id", OpenApiTypes.STR)
START = PolymorphicProxySerializer("Start", [PlanStartBody, StartBody], resource_type_field_name=None)
OF_PLAN = OpenApiExample(
    "Of a plan",
    value={"run": {"run_id": "helpdesk-1"}, "plan_id": "helpdesk", "plan_run": 1},
    request_only=True,
    media_type="application/json",
)
SPELLED_OUT = OpenApiExample(
    "Tiers and phases",
    value={
        "run": {"run_id": "helpdesk-1", "project_id": "helpdesk"},
        "tiers": [{"tier_id": "T1", "tier_index": 0, "name": "Core"}],
        "phases": [
            {
                "phase_id": "F1",
                "phase_index": 0,
                "tier_id": "T1",
                "name": "Tickets",
                "task_category": "feature_scaffolding",
                "acceptance_criteria": ["A ticket can be opened by mail."],
            }
        ],
    },
    request_only=True,
    media_type="application/json",
)


class StartRun(Endpoint):
    permission_classes = [StartsRuns]

    @extend_schema(
        request=START, responses={201: answers.RunDetail}, examples=[OF_PLAN, SPELLED_OUT], tags=["runs"]
    )
    def post(self, request: Request) -> Response:
        """Start a run, of a plan that Autopack keeps or of tiers and phases. The same body again gives the
        same run.

        Of a plan: 409 `questions_open` lists what has to be answered first, `plan_blocked` the sources that
        have to be verified (one call does them all), `plan_outdated` what the catalog says otherwise by now,
        `plan_changed` what would come out different, `plan_run_not_ready` which run has to be done before.
        """
        if names_plan(request.data):
            run = start_plan_run(self.read(PlanStartBody).to_order(), actor=self.actor())
        else:
            run = start_run(self.read(StartBody).to_request(), actor=self.actor())
        tree = select.get_run_tree(self.actor(), run.run_id)
        return Response(answers.RunDetail(tree).data, status=status.HTTP_201_CREATED)


class ListRuns(Listing):
    @extend_schema(
        parameters=[
            STATUS,
            PROJECT,
            OpenApiParameter("q", OpenApiTypes.STR, description="Part of the run id or title."),
        ],
        responses=answers.RunSummary(many=True),
        tags=["runs"],
    )
    def get(self, request: Request) -> Response:
        """Runs, newest first, paged by cursor."""
        runs = filter_by_status(select.list_runs(self.actor()), request.query_params.get("status", ""))
        runs = select.search_runs(
            runs,
            project_id=request.query_params.get("project_id", ""),
            words=request.query_params.get("q", ""),
        )
        return self.answer_page(runs, answers.RunSummary)


class GetRun(Endpoint):
    @extend_schema(responses=answers.RunDetail, tags=["runs"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """The run with its tiers and phases."""
        return Response(answers.RunDetail(select.get_run_tree(self.actor(), run_id)).data)


class CancelRun(Endpoint):
    permission_classes = [OperatesRuns]

    @extend_schema(request=CancelBody, responses=answers.RunDetail, tags=["runs"])
    def post(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """End a live run; it ends as DONE_FAILED_REQUIRES_HUMAN_REVIEW."""
        run = select.get_run(self.actor(), run_id)
        body = self.read(CancelBody).validated_data
        cancel_run(run, actor=self.actor(), reason=body.get("reason") or "")
        return Response(answers.RunDetail(select.get_run_tree(self.actor(), run_id)).data)


class PromoteRun(Endpoint):
    permission_classes = [OperatesRuns]

    @extend_schema(request=PromoteBody, responses=answers.PromotionAnswer, tags=["runs"])
    def post(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """Bring an eligible run's tested tip onto the project's default branch (v7 §10)."""
        run = select.get_run(self.actor(), run_id)
        body = self.read(PromoteBody).validated_data
        mode = PromotionMode(body.get("mode") or PromotionMode.FAST_FORWARD)
        return Response(answers.PromotionAnswer(promote_run(run, mode=mode, actor=self.actor())).data)


class IntegrationStatus(Endpoint):
    @extend_schema(responses=answers.IntegrationAnswer, tags=["runs"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """Where the run's branch stands in git, and whether it merges cleanly."""
        run = select.get_run(self.actor(), run_id)
        return Response(answers.IntegrationAnswer(describe_integration(run)).data)


class ListEvents(Endpoint):
    @extend_schema(
        parameters=[
            OpenApiParameter("after", OpenApiTypes.INT, description="Only events with a higher sequence."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"At most {MAX_EVENTS}."),
            PREFER,
        ],
        responses=answers.EventPage,
        tags=["runs"],
    )
    def get(self, request: Request, run_id: str) -> Response:
        """What happened, oldest first. With `Prefer: wait=N`, waits for the next event."""
        run = select.get_run(self.actor(), run_id)
        after = read_count(request, "after", default=0)
        limit = read_count(request, "limit", default=100, highest=MAX_EVENTS)

        def look() -> list[Event] | None:
            # The state before the events: an ended run's page is then never missing its last ones.
            run.refresh_from_db()
            return select.list_events(run, after=after, limit=limit) or (None if run.is_live else [])

        events = wait_for(look, seconds=read_wait(request)) or []
        last_sequence = events[-1].sequence if events else after
        page = {
            "events": events,
            "last_sequence": last_sequence,
            "is_live": run.is_live or last_sequence < run.event_count,
        }
        return Response(answers.EventPage(page).data)


class GetIncident(Endpoint):
    @extend_schema(responses=OpenApiTypes.OBJECT, tags=["runs"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """The incident pack of a failed run; `null` content for any other."""
        run = select.get_run(self.actor(), run_id)
        return Response({"run_id": run.run_id, "incident": select.find_incident(run)})


class RunReport(Endpoint):
    @extend_schema(responses=answers.RunReport, tags=["reports"])
    def get(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """v7 `reports/run_summary`."""
        return Response(answers.RunReport(select.get_run_tree(self.actor(), run_id)).data)


class ListProjects(Listing):
    @extend_schema(responses=answers.ProjectAnswer(many=True), tags=["projects"])
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Projects that the caller sees, paged by cursor."""
        return self.answer_page(list_projects(self.actor()), answers.ProjectAnswer)


class GetProject(Endpoint):
    @extend_schema(responses=answers.ProjectAnswer, tags=["projects"])
    def get(self, request: Request, project_id: str) -> Response:  # noqa: ARG002
        return Response(answers.ProjectAnswer(get_project(self.actor(), project_id)).data)
