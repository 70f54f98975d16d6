"""Templates as files, and back."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import templates as answers
from catalog_app.api.base import OwnForm
from catalog_app.api.kept import MARKDOWN, VERSION
from catalog_app.api.parameters import Query, described_texts
from catalog_app.api.schema import described_read
from catalog_app.api.template_base import TAG, TemplateEndpoint
from catalog_app.api.template_requests import IMPORTING, ImportTemplatesBody
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.plan_files.content import PLAN_FILE, TEMPLATE_FILE
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.templates import read_library
from catalog_app.services.template_files import export_templates, import_templates

FILES = (TEMPLATE_FILE, PLAN_FILE)
FILE = OpenApiParameter("file", OpenApiTypes.STR, enum=FILES, description="This one alone, as text.")


class ExportTemplate(OwnForm, TemplateEndpoint):
    @described_read(
        {
            (200, "application/json"): answers.TemplateFilesAnswer,
            (200, "text/yaml"): OpenApiTypes.STR,
            (200, MARKDOWN): OpenApiTypes.STR,
        },
        tag=TAG,
        parameters=[VERSION, FILE],
        is_tagged=False,
    )
    def get(self, request: Request, template_id: str) -> HttpResponseBase:  # noqa: ARG002
        """A template as its two files, which import to the identical template."""
        query = Query(request)
        number, name = query.number("version"), query.known_one("file", FILES)
        query.check()
        texts = export_templates([self.version(number)])
        if not name:
            return Response({"files": texts})
        (text,) = (text for path, text in texts.items() if path.endswith(f"/{name}"))
        kind = "text/yaml" if name == TEMPLATE_FILE else MARKDOWN
        return HttpResponse(
            text,
            content_type=f"{kind}; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class TemplateFiles(TemplateEndpoint):
    @described_read(
        answers.TemplateFilesAnswer,
        tag=TAG,
        parameters=[described_texts("template", "These alone. Default: all that are not archived.")],
        is_tagged=False,
    )
    def get(self, request: Request) -> Response:
        """The library as files by path: `plans/{project_type}/{template_id}/plan.md` and `template.yaml`.

        422 `too_many_templates`: name those that are wanted.
        """
        query = Query(request)
        ids = query.texts("template")
        query.check()
        return Response({"files": export_templates(read_library(self.actor(), ids))})

    @extend_schema(
        request=ImportTemplatesBody, responses=answers.TemplateImportAnswer, examples=[IMPORTING], tags=[TAG]
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Bring templates into the library: all of the files, or with any error nothing. 422
        `invalid_template` has file, line and column of each. What the files do not name stays."""
        body = self.read(ImportTemplatesBody)
        said = body.validated_data
        imported = import_templates(
            body.to_files(),
            catalog=get_catalog(said.get("catalog") or DEFAULT_CATALOG),
            project=self.find_project(said.get("project_id")),
            is_dry_run=bool(said.get("dry_run")),
            actor=self.actor(),
        )
        answer = {
            "is_dry_run": bool(said.get("dry_run")),
            "templates": imported.templates,
            "warnings": imported.warnings,
        }
        return Response(answers.TemplateImportAnswer(answer).data)
