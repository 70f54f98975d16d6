"""Templates, their versions and what runs have shown of them, as answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog_app.choices import DriftKind
from catalog_app.models import PlanTemplate, TemplateVersion
from catalog_app.services.template_files import ImportAction


class FailureAnswer(serializers.Serializer[Any]):
    """Runs that ended at one kind of phase for one reason."""

    phase_id = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()


class StatisticsAnswer(serializers.Serializer[Any]):
    """Of the runs that have ended of plans made from a template; null where there is none."""

    runs = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    median_duration_seconds = serializers.FloatField(allow_null=True)
    median_tokens = serializers.FloatField(allow_null=True)
    median_ci_runs = serializers.FloatField(allow_null=True)
    failures = FailureAnswer(many=True)


class TemplateSummary(serializers.ModelSerializer[PlanTemplate]):
    """A template as lists show it. Takes `statistics` and `outlines` by primary key from its context."""

    project_id = serializers.CharField(source="project.project_id", default=None, allow_null=True)
    outline = serializers.SerializerMethodField()
    statistics = serializers.SerializerMethodField()

    class Meta:
        model = PlanTemplate
        fields = [
            "template_id",
            "title",
            "description",
            "project_id",
            "project_type",
            "stack",
            "tags",
            "origin",
            "origin_ref",
            "latest_version",
            "created_by",
            "created_at",
            "archived_at",
            "outline",
            "statistics",
        ]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_outline(self, template: PlanTemplate) -> Any:
        """What the latest version counts. Any: a JSON object."""
        return self.context["outlines"].get(template.pk, {})

    @extend_schema_field(StatisticsAnswer)
    def get_statistics(self, template: PlanTemplate) -> Any:
        return StatisticsAnswer(self.context["statistics"][template.pk]).data


class TemplateVersionSummary(serializers.ModelSerializer[TemplateVersion]):
    version = serializers.IntegerField(source="number")

    class Meta:
        model = TemplateVersion
        fields = ["version", "note", "created_by", "created_at", "request_digest", "digest", "outline"]


class TemplateAnswer(serializers.Serializer[Any]):
    """One version of a template. `plan` is the plan that it was when it was kept."""

    about = TemplateSummary()
    version = TemplateVersionSummary()
    request = serializers.DictField()
    plan = serializers.DictField()


class KeptTemplateAnswer(serializers.Serializer[Any]):
    template_id = serializers.CharField()
    version = serializers.IntegerField()
    is_new = serializers.BooleanField(help_text="Whether this call made the version.")


class DriftAnswer(serializers.Serializer[Any]):
    """Something that the catalog says otherwise than when the template was kept."""

    kind = serializers.ChoiceField(DriftKind.pairs())
    text = serializers.CharField()
    key = serializers.CharField(allow_blank=True, help_text="Of the feature.")
    slug = serializers.CharField(allow_blank=True)
    source_name = serializers.CharField(source="source", allow_blank=True)
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class UnclearAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class InstanceAnswer(serializers.Serializer[Any]):
    """What a template would become. `diff` is against the template's plan, empty where they are the same;
    `drift` is what of it the catalog is the reason of."""

    template_id = serializers.CharField()
    version = serializers.IntegerField()
    digest = serializers.CharField()
    is_same = serializers.BooleanField(help_text="Byte for byte the template's plan.")
    diff = serializers.DictField()
    drift = DriftAnswer(many=True)
    changes = serializers.DictField(help_text="What the words were taken for.")
    notes = serializers.ListField(child=serializers.CharField())
    unclear = UnclearAnswer(
        many=True, help_text="Words that mean nothing, or several things: making a plan is refused."
    )
    outline = serializers.DictField()
    questions = serializers.ListField(child=serializers.DictField())
    request = serializers.DictField()
    plan = serializers.DictField()


class ComparedAnswer(serializers.Serializer[Any]):
    """`diff` leads from the first to the second."""

    first = TemplateSummary()
    second = TemplateSummary()
    diff = serializers.DictField()


class TemplateFilesAnswer(serializers.Serializer[Any]):
    files = serializers.DictField(child=serializers.CharField(), help_text="Texts by path.")


class ImportedTemplateAnswer(serializers.Serializer[Any]):
    file = serializers.CharField()
    template_id = serializers.CharField(source="version.template.template_id")
    version = serializers.IntegerField(source="version.number")
    action = serializers.ChoiceField([action.value for action in ImportAction])


class TemplateProblemAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(source="__str__")
    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    suggestion = serializers.CharField(allow_blank=True)


class TemplateImportAnswer(serializers.Serializer[Any]):
    is_dry_run = serializers.BooleanField()
    templates = ImportedTemplateAnswer(many=True)
    warnings = TemplateProblemAnswer(many=True)
