"""What plans were and become: versions, what differs between them, the next one."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Listing
from catalog_app.api.answers import plans as answers
from catalog_app.api.kept import VersionPages
from catalog_app.api.plan_base import TAG, PlanEndpoint, describe_draft, describe_saved
from catalog_app.api.plan_requests import ANSWERED, IN_WORDS, ReviseBody
from catalog_app.api.schema import IF_MATCH, described_read
from catalog_app.api.tags import ensure_current, own_part
from catalog_app.planning.document import read_document
from catalog_app.selectors.plans import get_plan_version, list_plan_versions
from catalog_app.services.planning import diff_plans, ensure_read
from catalog_app.services.plans import draft_revision, ensure_latest, revise_plan

FROM = OpenApiParameter("from", OpenApiTypes.INT, description="Default: the one before `to`.")
TO = OpenApiParameter("to", OpenApiTypes.INT, description="Default: the latest.")


class PlanVersions(PlanEndpoint, Listing):
    pagination_class = VersionPages

    @described_read(answers.VersionSummary(many=True), tag=TAG, is_tagged=False)
    def get(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """Versions of a plan, newest first: who changed what, and what came of it."""
        return self.answer_page(list_plan_versions(self.plan()), answers.VersionSummary)


class PlanDiff(PlanEndpoint):
    @described_read(answers.DiffAnswer, tag=TAG, parameters=[FROM, TO], is_tagged=False)
    def get(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """What differs between two versions of a plan."""
        plan = self.plan()
        after = get_plan_version(plan, self.read_number("to"))
        number = self.read_number("from")
        before = get_plan_version(plan, max(1, after.number - 1) if number is None else number)
        content = {
            "before": before.number,
            "after": after.number,
            "diff": diff_plans(*(read_document(each.document_text) for each in (before, after))),
        }
        return Response(answers.DiffAnswer(content).data)


class RevisePlan(PlanEndpoint):
    @extend_schema(
        request=ReviseBody,
        responses=answers.DraftAnswer,
        parameters=[IF_MATCH],
        examples=[ANSWERED, IN_WORDS],
        tags=[TAG],
    )
    def post(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """Answer questions, pin, veto, add and remove features: the plan's next version, with what changed.

        Without changes the plan is made anew on the catalog as it is now; what gives the same plan makes no
        version. With `dry_run` nothing is kept. `words` say changes as people do ("the same, but with Stripe
        and without teams"), and `notes` what they were taken for; 422 `delta_unclear` lists those that mean
        several things, or nothing.
        """
        body = self.read(ReviseBody)
        said = body.validated_data
        changes, problems = body.to_changes()
        ensure_read(problems)
        plan = self.plan()
        ensure_current(self.request, own_part(plan))
        if said.get("dry_run"):
            latest = get_plan_version(plan)
            ensure_latest(latest, said.get("version"))
            changed = draft_revision(latest, changes)
            diff = diff_plans(read_document(latest.document_text), changed.drafted.plan)
            return Response(describe_draft(changed.drafted, plan=plan, diff=diff, notes=changed.notes))
        seen = plan.latest_version if "If-Match" in self.request.headers else None
        saved = revise_plan(
            plan,
            changes,
            seen_version=said.get("version") or seen,
            note=said.get("note") or "",
            actor=self.actor(),
        )
        return Response(describe_saved(saved))
