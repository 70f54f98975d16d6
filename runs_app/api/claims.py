"""Asking for work."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint, read_key, read_wait
from autopack.permissions import Builds
from runs_app.api import answers
from runs_app.api.phase_requests import ClaimBody
from runs_app.api.phases import IDEMPOTENCY_KEY
from runs_app.api.runs import PREFER
from runs_app.choices import AttemptState
from runs_app.models import Attempt, Run
from runs_app.selectors.contexts import describe_context
from runs_app.selectors.runs import get_phase, get_run
from runs_app.services.claims import claim_anywhere, claim_phase
from runs_app.services.waiting import wait_for

RETRY_AFTER_SECONDS = 2


class ClaimInRun(Endpoint):
    permission_classes = [Builds]

    @extend_schema(
        request=ClaimBody,
        responses=answers.ClaimResult,
        parameters=[IDEMPOTENCY_KEY, PREFER],
        tags=["claims"],
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Claim the run's next ready phase under a lease. With `Prefer: wait=N`, waits for one."""
        run = get_run(self.actor(), run_id)
        worker_name = self.read(ClaimBody).validated_data.get("worker_name") or ""
        key = read_key(request)
        attempt = wait_for(
            lambda: claim_phase(run, actor=self.actor(), worker_name=worker_name, claim_key=key),
            seconds=read_wait(request),
        )
        return self._answer(attempt, run)

    def _answer(self, attempt: Attempt | None, run: Run | None) -> Response:
        if attempt is None:
            if run is not None:
                run.refresh_from_db()
            state = run.state if run else ""
            reason = f"Nothing is ready: the run is in {state}." if run else "No run has a phase ready."
            nothing = {
                "claim": None,
                "context": None,
                "reason": reason,
                "run_state": state,
                "retry_after_seconds": RETRY_AFTER_SECONDS,
            }
            return Response(
                answers.ClaimResult(nothing).data, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            )
        phase = get_phase(self.actor(), attempt.phase.run.run_id, attempt.phase.phase_id)
        is_open = attempt.status == AttemptState.CLAIMED
        claimed = {
            "claim": attempt,
            "context": describe_context(phase),
            "reason": "" if is_open else f"This claim has ended: {attempt.status.label.lower()}.",
            "run_state": phase.run.state,
            "retry_after_seconds": 0,
        }
        return Response(answers.ClaimResult(claimed).data)


class ClaimAnywhere(ClaimInRun):
    @extend_schema(
        request=ClaimBody,
        responses=answers.ClaimResult,
        parameters=[IDEMPOTENCY_KEY, PREFER],
        tags=["claims"],
    )
    def post(self, request: Request) -> Response:  # type: ignore[override]  # no run in this address
        """Claim the next ready phase of any run of the caller's projects, the oldest run first."""
        worker_name = self.read(ClaimBody).validated_data.get("worker_name") or ""
        key = read_key(request)
        attempt = wait_for(
            lambda: claim_anywhere(actor=self.actor(), worker_name=worker_name, claim_key=key),
            seconds=read_wait(request),
        )
        return self._answer(attempt, None)
