"""Sources, repositories and scans."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.models import FeatureSource, SourceRepo, SourceScan
from catalog_app.services.verifying import RefusedScan


class RepoBrief(serializers.ModelSerializer[SourceRepo]):
    id = serializers.CharField(source="repo_id")

    class Meta:
        model = SourceRepo
        fields = ["id", "url", "ownership", "visibility", "is_whitelisted"]


class RepoAnswer(RepoBrief):
    source_count = serializers.IntegerField(help_text="Active sources in this catalog.")
    usable_count = serializers.IntegerField(help_text="Those that a plan may take from unattended.")

    class Meta(RepoBrief.Meta):
        fields = [
            *RepoBrief.Meta.fields,
            "fetch_from",
            "default_branch",
            "notes",
            "extra",
            "source_count",
            "usable_count",
            "created_at",
            "updated_at",
        ]


class RepoDetail(RepoAnswer):
    catalog = serializers.SerializerMethodField()

    class Meta(RepoAnswer.Meta):
        fields = ["catalog", *RepoAnswer.Meta.fields]

    @extend_schema_field(CatalogState)
    def get_catalog(self, _: SourceRepo) -> Any:
        return CatalogState(self.context["catalog"]).data


class SourceAnswer(serializers.ModelSerializer[FeatureSource]):
    """One source: what is declared, what was found, what is decided, and whether it may be reused."""

    feature = serializers.CharField(source="feature.slug")
    repository = RepoBrief(source="repo")
    is_usable = serializers.BooleanField(
        help_text="Verified, allowed, whitelisted, not retired: a plan may take from it unattended."
    )
    license_text = serializers.CharField(source="declared_text", help_text="As somebody wrote it.")
    license = serializers.CharField(
        source="declared_license", help_text="The SPDX expression that it means; empty while not settled."
    )
    quality_score = serializers.FloatField(allow_null=True, help_text="Measured, 0 to 1.")
    judgement = serializers.FloatField(allow_null=True, help_text="A curator's own, 0 to 1.")
    last_scan_id = serializers.IntegerField(allow_null=True, help_text="The scan that this evidence is of.")

    class Meta:
        model = FeatureSource
        fields = [
            "id",
            "feature",
            "repository",
            "paths",
            "compatible_stacks",
            "is_usable",
            "status",
            "status_detail",
            "license_text",
            "license",
            "detected_license",
            "effective_license",
            "nested_licenses",
            "license_decision",
            "license_rule",
            "license_reason",
            "pinned_commit",
            "pinned_at",
            "quality_score",
            "judgement",
            "judgement_note",
            "notes",
            "extra",
            "position",
            "verified_at",
            "unreachable_since",
            "last_scan_id",
            "retired_at",
            "updated_at",
        ]


class SourceBrief(SourceAnswer):
    """A source inside its feature, as lists show it."""

    class Meta(SourceAnswer.Meta):
        fields = [
            "id",
            "repository",
            "paths",
            "is_usable",
            "status",
            "effective_license",
            "license",
            "license_decision",
            "pinned_commit",
            "quality_score",
        ]


class ScanAnswer(serializers.ModelSerializer[SourceScan]):
    """One verification. `outcome` is the status that it came to; a failed or cancelled one has none."""

    source_id = serializers.IntegerField()
    quality_score = serializers.FloatField(allow_null=True)

    class Meta:
        model = SourceScan
        fields = [
            "id",
            "source_id",
            "state",
            "requested_by",
            "reason",
            "fetch_from",
            "revision",
            "is_repin",
            "step",
            "progress_percent",
            "is_cancel_requested",
            "times_started",
            "commit",
            "head_commit",
            "outcome",
            "detail",
            "error_code",
            "detected_license",
            "effective_license",
            "quality_score",
            "created_at",
            "started_at",
            "heartbeat_at",
            "finished_at",
        ]


class ScanDetail(ScanAnswer):
    """With the whole evidence: what was found where, what was measured, and how the score comes about."""

    catalog = CatalogState(source="source.feature.catalog")
    feature = serializers.CharField(source="source.feature.slug")
    repository = RepoBrief(source="source.repo")

    class Meta(ScanAnswer.Meta):
        fields = [
            "catalog",
            "feature",
            "repository",
            *ScanAnswer.Meta.fields,
            "evidence",
            "measures",
            "quality",
        ]


class SourceDetail(SourceAnswer):
    """With the parts of its quality and the scan that is on its way."""

    catalog = CatalogState(source="feature.catalog")
    quality = serializers.JSONField(
        source="last_scan.quality", default=None, allow_null=True, help_text="Every part, with its reason."
    )
    measures = serializers.JSONField(source="last_scan.measures", default=None, allow_null=True)
    live_scan = serializers.SerializerMethodField()

    class Meta(SourceAnswer.Meta):
        fields = ["catalog", *SourceAnswer.Meta.fields, "quality", "measures", "live_scan"]

    @extend_schema_field(ScanAnswer(allow_null=True))
    def get_live_scan(self, _: FeatureSource) -> Any:
        scan = self.context["live_scan"]
        return None if scan is None else ScanAnswer(scan).data


class RefusedScanAnswer(serializers.Serializer[RefusedScan]):
    source_id = serializers.IntegerField(source="source.pk")
    code = serializers.CharField(source="error.problem_code")
    detail = serializers.CharField(source="error.detail")


class RequestedScansAnswer(serializers.Serializer[Any]):
    catalog = CatalogState()
    scans = ScanAnswer(many=True)
    refused = RefusedScanAnswer(many=True)
    remaining = serializers.IntegerField(help_text="What the filter finds beyond the limit.")
