"""Phases: claims, results, verdicts, CI, and what there is to read about them."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint, read_key, read_wait
from autopack.permissions import Audits, Builds, OperatesRuns, Verifies
from runs_app.api import answers
from runs_app.api.parameters import read_count
from runs_app.api.phase_requests import ClaimIdBody, IssueBody, StatusBody
from runs_app.api.result_requests import (
    AuditorRequestBody,
    AuditorResultBody,
    BuilderResultBody,
    CiResultBody,
)
from runs_app.api.runs import PREFER
from runs_app.choices import CiRunState, CiStepState, PhaseState
from runs_app.models import Phase
from runs_app.selectors import runs as select
from runs_app.selectors.contexts import describe_context
from runs_app.selectors.logs import MAX_READ_BYTES, MIN_READ_BYTES, cut_between_characters, read_log
from runs_app.services.ci_runs import report_ci_result
from runs_app.services.claims import release_claim, renew_claim
from runs_app.services.control import StatusUpdate, update_phase_status
from runs_app.services.issues import record_issue
from runs_app.services.results import submit_builder_result
from runs_app.services.verdicts import request_audit, submit_auditor_result
from runs_app.services.waiting import wait_for_phase

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, description="A repeat gets the same answer."
)


class PhaseEndpoint(Endpoint):
    def phase(self) -> Phase:
        return select.get_phase(self.actor(), self.kwargs["run_id"], self.kwargs["phase_id"])

    def ids(self) -> dict[str, str]:
        return {"run_id": self.kwargs["run_id"], "phase_id": self.kwargs["phase_id"]}


class GetPhase(PhaseEndpoint):
    @extend_schema(responses=answers.PhaseDetail, tags=["phases"])
    def get(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        return Response(answers.PhaseDetail(self.phase()).data)


class GetContext(PhaseEndpoint):
    @extend_schema(responses=answers.ContextAnswer, tags=["phases"])
    def get(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """Everything a builder needs: spec, paths, budgets, CI steps, earlier failures, open issues."""
        return Response(answers.ContextAnswer(describe_context(self.phase())).data)


class RenewClaim(PhaseEndpoint):
    permission_classes = [Builds]

    @extend_schema(request=ClaimIdBody, responses=answers.ClaimAnswer, tags=["claims"])
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """Start the lease anew from now."""
        claim_id = self.read(ClaimIdBody).validated_data["claim_id"]
        return Response(answers.ClaimAnswer(renew_claim(self.phase(), claim_id, actor=self.actor())).data)


class ReleaseClaim(PhaseEndpoint):
    permission_classes = [Builds]

    @extend_schema(request=ClaimIdBody, responses=answers.ClaimAnswer, tags=["claims"])
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """Give the phase back; it costs no attempt."""
        claim_id = self.read(ClaimIdBody).validated_data["claim_id"]
        return Response(answers.ClaimAnswer(release_claim(self.phase(), claim_id, actor=self.actor())).data)


class UpdateStatus(PhaseEndpoint):
    permission_classes = [OperatesRuns]

    @extend_schema(request=StatusBody, responses=answers.PhaseDetail, tags=["phases"])
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """v7 `update_status`: correct a phase along the transition table. COMPLETE is never set this way."""
        body = self.read(StatusBody).validated_data
        update = StatusUpdate(PhaseState(body["state"]), tokens_used=body.get("tokens_used"))
        return Response(
            answers.PhaseDetail(update_phase_status(self.phase(), update, actor=self.actor())).data
        )


class RecordIssue(PhaseEndpoint):
    permission_classes = [Builds]

    @extend_schema(request=IssueBody, responses=answers.IssueAnswer, tags=["issues"])
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """v7 `record_issue`."""
        report = self.read(IssueBody).to_report()
        return Response(answers.IssueAnswer(record_issue(self.phase(), report, actor=self.actor())).data)


class BuilderResult(PhaseEndpoint):
    permission_classes = [Builds]

    @extend_schema(
        request=BuilderResultBody,
        responses=answers.BuilderAnswer,
        parameters=[IDEMPOTENCY_KEY, PREFER],
        tags=["results"],
    )
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """v7 `builder_result`: gate the patch, make its candidate commit, have it tested.

        A refused patch is 422 with every reason. With `Prefer: wait=N`, waits for CI and snapshot.
        """
        result = self.read(BuilderResultBody, **self.ids()).to_result(result_key=read_key(request))
        attempt = submit_builder_result(self.phase(), result, actor=self.actor())
        answer = {**attempt.answer, "attempt": attempt.number}
        if seconds := read_wait(request):
            answer["phase_state"] = wait_for_phase(attempt.phase_id, seconds=seconds).state
        return Response(answers.BuilderAnswer(answer).data)


class AuditorRequest(PhaseEndpoint):
    permission_classes = [Builds]

    @extend_schema(request=AuditorRequestBody, responses=answers.AuditRequestAnswer, tags=["results"])
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """v7 `auditor_request`: the phase needs a verdict from now on."""
        body = self.read(AuditorRequestBody, **self.ids()).validated_data
        focus = body.get("review_focus")
        words = focus if isinstance(focus, list) else [] if focus is None else [focus]
        phase = request_audit(
            self.phase(),
            review_focus=", ".join(map(str, words)),
            auditor_profile=body.get("auditor_profile") or "",
            context={"failure_context": body.get("failure_context")},
            actor=self.actor(),
        )
        answer = {
            "message": "An auditor's verdict is needed before this phase's snapshot.",
            "review_focus": focus if focus is not None else phase.review_focus,
            "auditor_profile": phase.auditor_profile,
        }
        return Response(answers.AuditRequestAnswer(answer).data)


class AuditorResult(PhaseEndpoint):
    permission_classes = [Audits]

    @extend_schema(
        request=AuditorResultBody, responses=answers.AuditorAnswer, parameters=[PREFER], tags=["results"]
    )
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """v7 `auditor_result`: a verdict on the candidate, with patches that go the same governed way.

        With `Prefer: wait=N`, waits for CI and snapshot.
        """
        result = self.read(AuditorResultBody, **self.ids()).to_result()
        verdict = submit_auditor_result(self.phase(), result, actor=self.actor())
        answer = dict(verdict.answer)
        if seconds := read_wait(request):
            answer["phase_state"] = wait_for_phase(verdict.phase_id, seconds=seconds).state
        return Response(answers.AuditorAnswer(answer).data)


class CiResult(PhaseEndpoint):
    permission_classes = [Verifies]

    @extend_schema(
        request=CiResultBody, responses=answers.CiResultAnswer, parameters=[PREFER], tags=["results"]
    )
    def post(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """What an external verifier found on the candidate (projects with `ci: external`).

        With `Prefer: wait=N`, waits for the snapshot.
        """
        serializer = self.read(CiResultBody, **self.ids())
        body = serializer.validated_data
        phase = self.phase()
        ci_run, is_repeat = report_ci_result(
            phase,
            commit=body["commit_sha"],
            state=CiRunState(body["status"].upper()),
            detail=body.get("detail") or "",
            failures=serializer.list_failures(),
            report={"steps": body.get("steps"), "url": body.get("url")},
            actor=self.actor(),
        )
        answer = {
            "message": f"Already recorded as {ci_run.state}." if is_repeat else "Recorded.",
            "ci_state": ci_run.state,
            "commit_sha": ci_run.commit,
            "phase_state": wait_for_phase(phase.pk, seconds=read_wait(request)).state,
        }
        return Response(answers.CiResultAnswer(answer).data)


class ListAttempts(PhaseEndpoint):
    @extend_schema(responses=answers.AttemptAnswer(many=True), tags=["phases"])
    def get(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        return Response(answers.AttemptAnswer(select.list_attempts(self.phase()), many=True).data)


class GetPatch(PhaseEndpoint):
    @extend_schema(responses={(200, "text/x-diff"): OpenApiTypes.BINARY}, tags=["phases"])
    def get(self, request: Request, run_id: str, phase_id: str, number: int) -> HttpResponse:  # noqa: ARG002
        """The patch of an attempt, byte for byte as it came."""
        attempt = select.get_attempt(self.phase(), number)
        name = f"{run_id}-{phase_id}-{number}.patch"
        return HttpResponse(
            select.read_patch(attempt),
            content_type="text/x-diff",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class ListCiRuns(PhaseEndpoint):
    @extend_schema(responses=answers.CiRunAnswer(many=True), tags=["phases"])
    def get(self, request: Request, run_id: str, phase_id: str) -> Response:  # noqa: ARG002
        """CI runs of the phase with every try of every step."""
        return Response(answers.CiRunAnswer(select.list_ci_runs(self.phase()), many=True).data)


class GetLog(Endpoint):
    @extend_schema(
        parameters=[
            OpenApiParameter("offset", OpenApiTypes.INT, description="First byte wanted."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"At most {MAX_READ_BYTES} bytes."),
        ],
        responses=answers.LogAnswer,
        tags=["phases"],
    )
    def get(self, request: Request, step_run_id: int) -> Response:
        """Output of a CI step from a byte offset on; ask again from `next_offset` until `is_complete`."""
        step_run = select.get_step_run(self.actor(), step_run_id)
        offset = read_count(request, "offset", default=0)
        limit = max(
            MIN_READ_BYTES, read_count(request, "limit", default=MAX_READ_BYTES, highest=MAX_READ_BYTES)
        )
        content = read_log(step_run, offset, max_bytes=limit)
        is_rest = step_run.status != CiStepState.RUNNING and offset + len(content) >= step_run.log_bytes
        if not is_rest:
            content = cut_between_characters(content)
        next_offset = offset + len(content)
        answer = {
            "offset": offset,
            "next_offset": next_offset,
            "total_bytes": step_run.log_bytes,
            "content": content.decode("utf-8", "replace"),
            "is_complete": is_rest,
            "is_truncated": step_run.is_log_truncated,
        }
        return Response(answers.LogAnswer(answer).data)
