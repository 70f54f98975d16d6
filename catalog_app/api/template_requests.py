"""Bodies of writes to templates."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from catalog_app.api.closed import ClosedBody
from catalog_app.api.plan_requests import MAX_NOTE, ChangesBody
from catalog_app.interchange.entries import EntryProblem
from catalog_app.interchange.files import WrittenFile
from catalog_app.plan_files.content import MAX_TAG, MAX_TAGS, MAX_TITLE
from catalog_app.planning.request import Parameter, read_request
from catalog_app.services.template_rows import TemplateDraft

MAX_DESCRIPTION = 20_000
MOST_FILES = 200
_VERSION: dict[str, Any] = {"required": False, "allow_null": True, "min_value": 1, "max_value": 2**31 - 1}
_TEXT: dict[str, Any] = {"required": False, "allow_blank": True, "allow_null": True}


@extend_schema_field(
    {
        "type": "array",
        "maxItems": 200,
        "items": {
            "type": "object",
            "required": ["name", "default"],
            "properties": {
                "name": {"type": "string"},
                "type": {"type": "string", "enum": ["text", "number", "boolean", "choice"]},
                "default": {},
                "description": {"type": "string"},
                "choices": {"type": "array", "items": {"type": "string"}},
            },
        },
    }
)
class ParametersField(serializers.JSONField):
    pass


class DescribedBody(ClosedBody):
    """What is said of a template, beside its plan."""

    title = serializers.CharField(**_TEXT, max_length=MAX_TITLE)
    description = serializers.CharField(**_TEXT, max_length=MAX_DESCRIPTION)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TAG), required=False, allow_null=True, max_length=MAX_TAGS
    )
    note = serializers.CharField(**_TEXT, max_length=MAX_NOTE, help_text="Kept with the version.")


class KeepBody(DescribedBody):
    """A template id that is given is also what makes a repeat safe."""

    template_id = serializers.CharField(**_TEXT, max_length=100, help_text="Default: made of the title.")

    def to_draft(self) -> TemplateDraft:
        said = self.validated_data
        return TemplateDraft(
            title=said.get("title") or "",
            template_id=said.get("template_id") or "",
            description=said.get("description") or "",
            tags=said.get("tags") or (),
            note=said.get("note") or "",
        )


class NewTemplateBody(KeepBody):
    plan_id = serializers.CharField(max_length=100)
    plan_version = serializers.IntegerField(**_VERSION, help_text="Default: the latest.")


class EditBody(DescribedBody):
    """What is left out, or null, stays."""

    parameters = ParametersField(required=False, allow_null=True, help_text="All of them, in their order.")
    version = serializers.IntegerField(
        **_VERSION,
        help_text="The one you have seen: 409 `template_version_conflict` if there is a newer one. The same "
        "edit of it again gives the version that it made.",
    )

    def to_parameters(self) -> tuple[Sequence[Parameter] | None, tuple[EntryProblem, ...]]:
        written = self.validated_data.get("parameters")
        if written is None:
            return None, ()
        request, problems = read_request({"parameters": written})
        return request.parameters, problems


class PreviewBody(ChangesBody):
    """The delta, in words, or as what is to be changed of the template's request, or both."""

    own_keys: tuple[str, ...] = ("version", "project_id", "catalog")

    version = serializers.IntegerField(**_VERSION, help_text="Of the template. Default: the latest.")
    project_id = serializers.CharField(**_TEXT, max_length=100, help_text="Default: the template's.")
    catalog = serializers.CharField(**_TEXT, max_length=100, help_text="Default: the template's.")


class PlanFromTemplateBody(PreviewBody):
    own_keys = (*PreviewBody.own_keys, "plan_id", "note")

    plan_id = serializers.CharField(
        **_TEXT, max_length=200, help_text="The same under the same id gives the same plan."
    )
    note = serializers.CharField(**_TEXT, max_length=MAX_NOTE)


class TemplateFileBody(ClosedBody):
    name = serializers.CharField(max_length=400, help_text="Such as plans/web_app/desk/template.yaml.")
    content = serializers.CharField(allow_blank=True, trim_whitespace=False)


class ImportTemplatesBody(ClosedBody):
    files = serializers.ListField(child=TemplateFileBody(), allow_empty=False, max_length=MOST_FILES)
    project_id = serializers.CharField(**_TEXT, max_length=100, help_text="That new templates belong to.")
    catalog = serializers.CharField(**_TEXT, max_length=100, help_text="To plan on. Default: main.")
    dry_run = serializers.BooleanField(required=False, allow_null=True)

    def to_files(self) -> list[WrittenFile]:
        return [(file["name"], file["content"].encode()) for file in self.validated_data["files"]]


def _example(title: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(title, value=value, request_only=True, media_type="application/json")


KEEPING = _example(
    "Of a plan",
    {"plan_id": "help-desk", "template_id": "help-desk", "tags": ["support"], "note": "Settled."},
)
EDITING = _example("Another title", {"title": "Help desk for teams", "tags": ["support"], "version": 1})
SPELLED_OUT = _example(
    "Spelled out",
    {
        "title": "Help desk north",
        "add": ["Invoices as PDF"],
        "remove": ["teams"],
        "replace": [{"feature": "sign-in", "with": {"slug": "saml-sso"}}],
        "values": {"company": "North Ltd"},
        "stack": "django_htmx",
    },
)
IMPORTING = _example(
    "Written by hand",
    {
        "files": [
            {
                "name": "desk.yaml",
                "content": "template_id: desk\ntitle: Desk\nrequest:\n  features: [Tickets by mail]\n",
            }
        ],
        "dry_run": True,
    },
)
