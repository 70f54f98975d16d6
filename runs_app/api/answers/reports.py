"""Metrics and reports (v7 §11)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from runs_app.api.answers.issues import BacklogAnswer, RunIssueAnswer
from runs_app.api.answers.runs import RunDetail
from runs_app.models import Run, Tier


class TierMetrics(serializers.ModelSerializer[Tier]):
    """v7 §11: tier cleanliness."""

    promotion_blocked = serializers.SerializerMethodField()
    phases_total = serializers.IntegerField(source="phase_count")
    phases_complete = serializers.IntegerField(source="complete_count")

    class Meta:
        model = Tier
        fields = [
            "tier_id",
            "tier_index",
            "name",
            "state",
            "cleanliness",
            "minor_issues_count",
            "major_issues_count",
            "tokens_used",
            "ci_runs_used",
            "phases_total",
            "phases_complete",
            "promotion_blocked",
        ]

    def get_promotion_blocked(self, tier: Tier) -> bool:
        left_out: int = tier.skipped_count  # type: ignore[attr-defined]  # annotated by the endpoint
        return tier.cleanliness != "clean" or tier.state in {"FAILED", "SKIPPED"} or left_out > 0


class TierMetricsList(serializers.Serializer[Any]):
    run_id = serializers.CharField()
    tiers = TierMetrics(many=True)


class CategoryCount(serializers.Serializer[Any]):
    category = serializers.CharField()
    issues = serializers.IntegerField()
    seen = serializers.IntegerField()


class BacklogSummary(serializers.Serializer[Any]):
    total_issues = serializers.IntegerField()
    major_issues = serializers.IntegerField()
    minor_issues = serializers.IntegerField()
    occurrences = serializers.IntegerField()
    by_category = CategoryCount(many=True)
    longest_standing = BacklogAnswer(many=True)


class FailureCount(serializers.Serializer[Any]):
    failure_code = serializers.CharField()
    runs = serializers.IntegerField()


class BudgetAnalysis(serializers.Serializer[Any]):
    aborted_runs = serializers.IntegerField()
    by_failure_code = FailureCount(many=True)
    tiers = serializers.JSONField()
    slices = serializers.JSONField()
    auditor = serializers.JSONField()


class RunReport(RunDetail):
    """`reports/run_summary`: the run with its issues and, where it failed, the incident pack."""

    issues = RunIssueAnswer(many=True)
    incident = serializers.SerializerMethodField()

    class Meta(RunDetail.Meta):
        fields = [*RunDetail.Meta.fields, "issues", "incident"]

    @extend_schema_field(serializers.JSONField(allow_null=True))
    def get_incident(self, run: Run) -> Any:
        return run.incident_pack.content if hasattr(run, "incident_pack") else None
