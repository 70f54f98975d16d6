"""Bodies of what is said of a phase at work: claims, states, issues (see `result_requests` for results)."""

from typing import Any

from rest_framework import serializers

from runs_app.api.fields import optional_count, optional_text
from runs_app.choices import PhaseState, Severity
from runs_app.services.issues import IssueReport

MAX_EVIDENCE = 100


class ClaimBody(serializers.Serializer[Any]):
    worker_name = optional_text(
        max_length=200, help_text="Who will do the work; becomes the commit's author."
    )


class ClaimIdBody(serializers.Serializer[Any]):
    claim_id = serializers.UUIDField()


class StatusBody(serializers.Serializer[Any]):
    """v7 `update_status`. Autopack counts attempts and issues itself: those fields are read and ignored."""

    state = serializers.ChoiceField(PhaseState.pairs())
    builder_attempts = optional_count()
    tokens_used = optional_count()
    minor_issues_count = optional_count()
    major_issues_count = optional_count()


class IssueBody(serializers.Serializer[Any]):
    issue_key = serializers.CharField(max_length=300)
    severity = serializers.ChoiceField(Severity.pairs())
    source = serializers.CharField(max_length=60)  # type: ignore[assignment]  # a field, not DRF's source
    category = serializers.CharField(max_length=100)
    evidence_refs = serializers.ListField(
        child=serializers.JSONField(), required=False, allow_null=True, max_length=MAX_EVIDENCE
    )
    task_category = optional_text(max_length=100)
    complexity = optional_text(max_length=20)
    expected_fail = serializers.BooleanField(required=False, allow_null=True)
    description = optional_text()

    def to_report(self) -> IssueReport:
        return report_of(self.validated_data)


class SuggestedIssueBody(IssueBody):
    source = optional_text(max_length=60)


def report_of(issue: dict[str, Any], *, default_source: str = "") -> IssueReport:
    return IssueReport(
        issue_key=issue["issue_key"],
        severity=Severity(issue["severity"]),
        source=issue.get("source") or default_source,
        category=issue["category"],
        description=issue.get("description") or "",
        evidence_refs=tuple(issue.get("evidence_refs") or ()),
        task_category=issue.get("task_category") or "",
        complexity=issue.get("complexity") or "",
        expected_fail=bool(issue.get("expected_fail")),
    )
