"""Files with what curators say: into a catalog, and out of it."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import entries as answers
from catalog_app.api.base import CatalogEndpoint, HeldEndpoint, OwnForm
from catalog_app.api.parameters import Query
from catalog_app.api.requests import ImportBody
from catalog_app.api.schema import CATALOG, described_read, described_write
from catalog_app.api.tags import digest_repos, list_part, make_tag, state_of
from catalog_app.interchange.writing import FEATURES_FILE, STACKS_FILE
from catalog_app.models import FeatureCatalog
from catalog_app.services.exporting import export_catalog
from catalog_app.services.importing import import_files, preview_import

TAG = "catalog: files"
FILES = (FEATURES_FILE, STACKS_FILE)
FILE = OpenApiParameter(
    "file", OpenApiTypes.STR, enum=FILES, description="This one alone, as text/yaml instead of JSON."
)
TRYING = OpenApiExample(
    "A dry run",
    value={
        "files": [{"name": "stack_profiles.yaml", "content": "profiles:\n  web:\n    backend: django\n"}],
        "dry_run": True,
    },
    request_only=True,
    media_type="application/json",
)


class ImportFiles(HeldEndpoint[FeatureCatalog]):
    def find(self) -> FeatureCatalog:
        return self.catalog()

    @described_write(answers.ImportAnswer, tag=TAG, body=ImportBody, parameters=[CATALOG], examples=[TRYING])
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Bring a catalog to what files say: all of it, or with any error nothing.

        What the files' sections do not name is retired, unless `keep_missing`. Errors are 422
        `invalid_catalog` with file, line and column of each. A `dry_run` answers with what would change and
        with every problem, and changes nothing.
        """
        body = self.read(ImportBody)
        asked = body.validated_data
        is_complete, is_dry_run = not asked.get("keep_missing"), bool(asked.get("dry_run"))
        with self.seen() as catalog:
            if is_dry_run:
                summary = preview_import(catalog, body.to_files(), is_complete=is_complete)
            else:
                summary = import_files(
                    catalog,
                    body.to_files(),
                    actor=self.actor(),
                    reason=body.reason_given,
                    is_complete=is_complete,
                )
        answer = {
            "catalog": self.catalog(),
            "is_dry_run": is_dry_run,
            "has_errors": bool(summary.errors),
            "files": summary.files,
            "changes": summary.plan.changes,
            "problems": summary.problems,
        }
        return Response(answers.ImportAnswer(answer).data)


class ExportFiles(OwnForm, CatalogEndpoint):
    @described_read(
        {(200, "application/json"): answers.ExportAnswer, (200, "text/yaml"): OpenApiTypes.ANY},
        tag=TAG,
        parameters=[CATALOG, FILE],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """A catalog as files that import to the identical catalog; the same catalog gives the same bytes."""
        query = Query(request)
        name = query.known_one("file", FILES)
        query.check()
        catalog = self.catalog()

        def make() -> HttpResponse:
            texts = export_catalog(catalog)
            if not name:
                return Response(answers.ExportAnswer({"catalog": catalog, "files": texts}).data)
            return HttpResponse(
                texts[name],
                content_type="text/yaml; charset=utf-8",
                headers={"Content-Disposition": f'attachment; filename="{name}"'},
            )

        tag = make_tag(request, list_part(), state_of(catalog), digest_repos())
        return self.answer_unless_known(tag, make)
