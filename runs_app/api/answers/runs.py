"""Runs with their tiers and phases, events, branches, promotions; and projects."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from autopack.models import Project
from runs_app.ci.redaction import mask_steps
from runs_app.models import Event, Phase, Promotion, Run, Tier


class PhaseSummary(serializers.ModelSerializer[Phase]):
    class Meta:
        model = Phase
        fields = [
            "phase_id",
            "name",
            "state",
            "task_category",
            "complexity",
            "builder_mode",
            "phase_index",
            "position",
            "ci_profile",
            "waiting_for",
            "builder_attempts",
            "auditor_attempts",
            "tokens_used",
        ]


class TierSummary(serializers.ModelSerializer[Tier]):
    phases = PhaseSummary(many=True)

    class Meta:
        model = Tier
        fields = [
            "tier_id",
            "name",
            "state",
            "tier_index",
            "cleanliness",
            "minor_issues_count",
            "major_issues_count",
            "phases",
        ]


class RunSummary(serializers.ModelSerializer[Run]):
    """A run without its tiers, as lists show it."""

    id = serializers.CharField(source="run_id")
    project_id = serializers.CharField(source="project.project_id")

    class Meta:
        model = Run
        fields = [
            "id",
            "project_id",
            "title",
            "state",
            "safety_profile",
            "run_scope",
            "created_at",
            "started_at",
            "completed_at",
            "deadline_at",
            "integration_branch",
            "base_commit",
            "tip_commit",
            "token_cap",
            "tokens_used",
            "max_phases",
            "ci_runs_used",
            "phases_total",
            "phases_complete",
            "minor_issues_count",
            "major_issues_count",
            "promotion_eligible_to_main",
            "debt_status",
            "failure_code",
            "failure_reason",
            "is_ci_configured",
            "isolation",
            "event_count",
        ]


class RunPlan(serializers.Serializer[Run]):
    """Which part of which plan a run is of."""

    plan_id = serializers.CharField(source="plan_version.plan.plan_id")
    version = serializers.IntegerField(source="plan_version.number")
    run = serializers.IntegerField(source="plan_run_number")


class RunDetail(RunSummary):
    """v7's run: with tiers and phases. `plan` is null for one that was started with phases of its own."""

    plan = serializers.SerializerMethodField()
    tiers = TierSummary(many=True)

    class Meta(RunSummary.Meta):
        fields = [*RunSummary.Meta.fields, "plan", "tiers"]

    @extend_schema_field(RunPlan(allow_null=True))
    def get_plan(self, run: Run) -> Any:
        return None if run.plan_version_id is None else RunPlan(run).data


class EventAnswer(serializers.ModelSerializer[Event]):
    phase_id = serializers.CharField(source="phase.phase_id", default=None, allow_null=True)

    class Meta:
        model = Event
        fields = ["sequence", "at", "kind", "phase_id", "subject", "before", "after", "actor_name", "payload"]


class EventPage(serializers.Serializer[Any]):
    events = EventAnswer(many=True)
    last_sequence = serializers.IntegerField(help_text="Ask for events after this one next.")
    is_live = serializers.BooleanField(help_text="False once no further events can come.")


class SnapshotAnswer(serializers.Serializer[Any]):
    tag = serializers.CharField(source="name")
    commit_sha = serializers.CharField(source="commit")
    subject = serializers.CharField()


class IntegrationAnswer(serializers.Serializer[Any]):
    run_id = serializers.CharField()
    branch = serializers.CharField()
    tip = serializers.CharField()
    base = serializers.CharField()
    commits_ahead = serializers.IntegerField()
    snapshots = SnapshotAnswer(many=True)
    target_branch = serializers.CharField()
    merges_cleanly = serializers.BooleanField()
    conflicts = serializers.ListField(child=serializers.CharField())


class PromotionAnswer(serializers.ModelSerializer[Promotion]):
    run_id = serializers.CharField(source="run.run_id")

    class Meta:
        model = Promotion
        fields = ["run_id", "target_branch", "previous_commit", "commit", "is_merge", "created_at"]


@extend_schema_field(OpenApiTypes.ANY)
class StepsField(serializers.ReadOnlyField):
    """CI steps without their secrets: whoever may read a project need not know them."""

    def to_representation(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return mask_steps(value)


class ProjectAnswer(serializers.ModelSerializer[Project]):
    ci_normal = StepsField()
    ci_strict = StepsField()

    class Meta:
        model = Project
        fields = [
            "project_id",
            "name",
            "default_branch",
            "safety_profile",
            "default_run_scope",
            "ci_kind",
            "ci_normal",
            "ci_strict",
            "protected_paths",
            "path_policy",
            "is_active",
            "repository_status",
            "repository_problem_code",
            "repository_problem_detail",
            "repository_checked_at",
        ]
