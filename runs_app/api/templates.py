"""Finished runs as templates."""

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint
from autopack.permissions import StartsRuns
from catalog_app.api.answers.templates import KeptTemplateAnswer
from catalog_app.api.template_base import describe_kept
from catalog_app.api.template_requests import KeepBody
from runs_app.selectors import runs as select
from runs_app.services.templates import save_run_as_template

KEEPING = OpenApiExample(
    "With words of one's own",
    value={"title": "Help desk", "tags": ["support"], "description": "For small teams."},
    request_only=True,
    media_type="application/json",
)


class SaveRunAsTemplate(Endpoint):
    permission_classes = [StartsRuns]

    @extend_schema(
        request=KeepBody, responses={201: KeptTemplateAnswer}, examples=[KEEPING], tags=["templates"]
    )
    def post(self, request: Request, run_id: str) -> Response:  # noqa: ARG002
        """Keep what a run has built as a template; the same run again is the same template. 409
        `run_not_successful`: the run is not DONE_SUCCESS."""
        draft = self.read(KeepBody).to_draft()
        run = select.get_run(self.actor(), run_id)
        kept = save_run_as_template(
            run,
            title=draft.title,
            template_id=draft.template_id,
            description=draft.description,
            tags=draft.tags,
            note=draft.note,
            actor=self.actor(),
        )
        return Response(describe_kept(kept), status=HTTPStatus.CREATED)
