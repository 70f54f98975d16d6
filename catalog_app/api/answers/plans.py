"""Plans, their versions and sources, as answers."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog_app.api.answers.lookup import LookupStateAnswer
from catalog_app.models import Plan, PlanVersion

_OBJECT = OpenApiTypes.OBJECT


class PlanSummary(serializers.ModelSerializer[Plan]):
    """A plan as lists show it. Takes `outlines` by primary key from its context."""

    project_id = serializers.CharField(source="project.project_id", default=None, allow_null=True)
    catalog = serializers.CharField(source="catalog.slug")
    outline = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = [
            "plan_id",
            "title",
            "project_id",
            "catalog",
            "project_type",
            "stack",
            "latest_version",
            "created_by",
            "created_at",
            "updated_at",
            "archived_at",
            "outline",
        ]

    @extend_schema_field(_OBJECT)
    def get_outline(self, plan: Plan) -> Any:
        """What the latest version counts. Any: a JSON object."""
        return self.context["outlines"].get(plan.pk, {})


class VersionSummary(serializers.ModelSerializer[PlanVersion]):
    """One version. `changes` is what was asked of the one before, `diff` what came of it."""

    version = serializers.IntegerField(source="number")
    template = serializers.SerializerMethodField()

    class Meta:
        model = PlanVersion
        fields = [
            "version",
            "note",
            "created_by",
            "created_at",
            "request_digest",
            "digest",
            "template",
            "changes",
            "diff",
            "outline",
        ]

    @extend_schema_field({"type": "object", "nullable": True, "additionalProperties": True})
    def get_template(self, version: PlanVersion) -> Any:
        """What the plan was made from, unless that is another project's."""
        made_from = version.known_origin
        if made_from is None:
            return None
        return {"template_id": made_from.template.template_id, "version": made_from.number}


class DraftAnswer(serializers.Serializer[Any]):
    """A plan, kept or not. `plan` is the document itself, whose canonical bytes `digest` is of."""

    plan_id = serializers.CharField(allow_null=True, help_text="null: a dry run.")
    version = serializers.IntegerField(allow_null=True)
    is_new = serializers.BooleanField(help_text="Whether this call made the version.")
    request_digest = serializers.CharField()
    digest = serializers.CharField()
    outline = serializers.DictField()
    questions = serializers.ListField(
        child=serializers.DictField(),
        help_text="Answer them by one more call: `revise`, or this one with `answers`.",
    )
    lookup = LookupStateAnswer(allow_null=True, help_text="null: nothing had to be looked up, or not now.")
    diff = serializers.DictField(help_text="Against the version before; empty for the first.")
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What words of a change were taken for."
    )
    request = serializers.DictField()
    plan = serializers.DictField()


class PlanAnswer(serializers.Serializer[Any]):
    """One version of a plan that is kept."""

    about = PlanSummary()
    version = VersionSummary()
    request = serializers.DictField()
    plan = serializers.DictField()


class DiffAnswer(serializers.Serializer[Any]):
    """`diff` is empty where the two plans are the same."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    diff = serializers.DictField()


class PlannedSourceAnswer(serializers.Serializer[Any]):
    """A source that the plan reuses. `status` is what the catalog says of it now, "" where it is gone."""

    feature_key = serializers.CharField()
    feature = serializers.CharField()
    repo_id = serializers.CharField()
    paths = serializers.ListField(child=serializers.CharField())
    is_blocked = serializers.BooleanField(help_text="The plan waits for it to be verified.")
    source_id = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(allow_blank=True)
    pinned_commit = serializers.CharField(allow_blank=True)
    scan_id = serializers.IntegerField(allow_null=True, help_text="A scan that is on its way.")
    code = serializers.CharField(allow_blank=True, help_text="Why it cannot be verified.")
    detail = serializers.CharField(allow_blank=True)


class PlanSourcesAnswer(serializers.Serializer[Any]):
    plan_id = serializers.CharField()
    version = serializers.IntegerField()
    is_waiting = serializers.BooleanField(help_text="Whether any source has still to be verified.")
    sources = PlannedSourceAnswer(many=True)
