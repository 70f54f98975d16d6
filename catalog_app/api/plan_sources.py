"""What a plan waits for and whether it is in use: its sources, verifying them, putting it away."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.errors import AutopackError
from catalog_app.api.answers import plans as answers
from catalog_app.api.kept import VERSION
from catalog_app.api.plan_base import TAG, PlanEndpoint, describe_plan
from catalog_app.api.schema import described_read
from catalog_app.models import PlanVersion
from catalog_app.selectors.plans import PlannedSource, get_plan_version, list_planned_sources
from catalog_app.services.plan_sources import verify_plan_sources
from catalog_app.services.plans import archive_plan, restore_plan


class PlanSources(PlanEndpoint):
    @described_read(answers.PlanSourcesAnswer, tag=TAG, parameters=[VERSION], is_tagged=False)
    def get(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """The sources that a plan reuses, and how far their verification is."""
        version = get_plan_version(self.plan(), self.read_number("version"))
        return Response(_describe_sources(version, {}))


class VerifyPlan(PlanEndpoint):
    @extend_schema(request=None, responses=answers.PlanSourcesAnswer, tags=[TAG])
    def post(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """Have every source verified that the latest version waits for. Safe to repeat.

        Ask for `sources` until none has a `scan_id`. If `is_waiting` is false then, start the run: the plan
        goes on by itself. Else the `status` says what is the matter with those that are left.
        """
        version = get_plan_version(self.plan())
        verifying = verify_plan_sources(version, actor=self.actor())
        refused = {refused.source.feature_key: refused.error for refused in verifying.refused}
        return Response(_describe_sources(version, refused))


class ArchivePlan(PlanEndpoint):
    @extend_schema(request=None, responses=answers.PlanAnswer, tags=[TAG])
    def post(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """Put a plan away: lists leave it out, and it is neither revised nor started. Safe to repeat."""
        return Response(describe_plan(get_plan_version(archive_plan(self.plan(), actor=self.actor()))))


class RestorePlan(PlanEndpoint):
    @extend_schema(request=None, responses=answers.PlanAnswer, tags=[TAG])
    def post(self, request: Request, plan_id: str) -> Response:  # noqa: ARG002
        """Take a plan out again. Safe to repeat."""
        return Response(describe_plan(get_plan_version(restore_plan(self.plan(), actor=self.actor()))))


def _describe_sources(version: PlanVersion, refused: Mapping[str, AutopackError]) -> dict[str, Any]:
    sources = list_planned_sources(version.plan.catalog, version.document)
    content = {
        "plan_id": version.plan.plan_id,
        "version": version.number,
        "is_waiting": any(source.is_blocked and not source.is_verified for source in sources),
        "sources": [_describe_source(source, refused.get(source.feature_key)) for source in sources],
    }
    return dict(answers.PlanSourcesAnswer(content).data)


def _describe_source(source: PlannedSource, error: AutopackError | None) -> dict[str, Any]:
    row = source.row
    return {
        "feature_key": source.feature_key,
        "feature": source.feature_slug,
        "repo_id": source.option["repo_id"],
        "paths": source.option["paths"],
        "is_blocked": source.is_blocked,
        "source_id": None if row is None else row.pk,
        "status": "" if row is None else row.status,
        "pinned_commit": "" if row is None else row.pinned_commit,
        "scan_id": None if source.scan is None else source.scan.pk,
        "code": "" if error is None else error.problem_code,
        "detail": "" if error is None else error.detail,
    }
