"""Issues at their three levels (v7 §5)."""

from typing import Any

from rest_framework import serializers

from runs_app.models import BacklogIssue, PhaseIssue, RunIssue


class IssueAnswer(serializers.ModelSerializer[PhaseIssue]):
    run_id = serializers.CharField(source="phase.run.run_id")
    phase_id = serializers.CharField(source="phase.phase_id")

    class Meta:
        model = PhaseIssue
        fields = [
            "run_id",
            "phase_id",
            "issue_key",
            "severity",
            "effective_severity",
            "source",
            "category",
            "task_category",
            "complexity",
            "description",
            "expected_fail",
            "occurrence_count",
            "first_seen_run",
            "last_seen_run",
            "evidence_refs",
            "created_at",
            "last_seen_at",
        ]


class RunIssueAnswer(serializers.ModelSerializer[RunIssue]):
    class Meta:
        model = RunIssue
        fields = [
            "issue_key",
            "severity",
            "effective_severity",
            "source",
            "category",
            "task_category",
            "complexity",
            "description",
            "occurrence_count",
            "first_seen_run",
            "last_seen_run",
            "last_seen_at",
        ]


class IssueIndex(serializers.Serializer[Any]):
    run_id = serializers.CharField()
    minor_issues_count = serializers.IntegerField(help_text="Distinct keys (v7 §5).")
    major_issues_count = serializers.IntegerField()
    issues = RunIssueAnswer(many=True)


class BacklogAnswer(serializers.ModelSerializer[BacklogIssue]):
    project_id = serializers.CharField(source="project.project_id")

    class Meta:
        model = BacklogIssue
        fields = [
            "project_id",
            *RunIssueAnswer.Meta.fields,
            "age_in_runs",
            "age_in_tiers",
        ]
