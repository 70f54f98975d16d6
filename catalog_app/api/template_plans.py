"""Plans made from templates: see first, then keep."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import plans as plan_answers
from catalog_app.api.answers import templates as answers
from catalog_app.api.plan_base import describe_saved
from catalog_app.api.plan_requests import IN_WORDS
from catalog_app.api.template_base import TAG, TemplateEndpoint, describe_instance
from catalog_app.api.template_requests import SPELLED_OUT, PlanFromTemplateBody, PreviewBody
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.instantiating import plan_from_template, preview_instance
from catalog_app.services.planning import ensure_read


class PreviewTemplate(TemplateEndpoint):
    @extend_schema(
        request=PreviewBody, responses=answers.InstanceAnswer, examples=[IN_WORDS, SPELLED_OUT], tags=[TAG]
    )
    def post(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """What a plan made from the template would be: the diff against the template's plan, and what the
        catalog says otherwise since it was kept. Nothing is kept. Without a delta and with the same catalog
        it is the template's plan byte for byte."""
        body = self.read(PreviewBody)
        said = body.validated_data
        changes, problems = body.to_changes()
        ensure_read(problems)
        instance = preview_instance(
            self.version(said.get("version")),
            changes,
            catalog=_find_catalog(said.get("catalog")),
            project=self.find_project(said.get("project_id")),
        )
        return Response(describe_instance(instance))


class PlanTemplateAnew(TemplateEndpoint):
    @extend_schema(
        request=PlanFromTemplateBody,
        responses={201: plan_answers.DraftAnswer},
        examples=[IN_WORDS, SPELLED_OUT],
        tags=[TAG],
    )
    def post(self, request: Request, template_id: str) -> Response:  # noqa: ARG002
        """Keep what the preview shows as a plan, which can then be revised and run. 422 `delta_unclear` lists
        the words that mean several things, or nothing."""
        body = self.read(PlanFromTemplateBody)
        said = body.validated_data
        changes, problems = body.to_changes()
        ensure_read(problems)
        saved = plan_from_template(
            self.version(said.get("version")),
            changes,
            plan_id=said.get("plan_id") or "",
            catalog=_find_catalog(said.get("catalog")),
            project=self.find_project(said.get("project_id")),
            note=said.get("note") or "",
            actor=self.actor(),
        )
        return Response(describe_saved(saved), status=HTTPStatus.CREATED)


def _find_catalog(slug: str | None) -> FeatureCatalog | None:
    return get_catalog(slug) if slug else None
