"""Phases, attempts, CI, claims, and what results are answered with."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from runs_app.api.answers.runs import PhaseSummary
from runs_app.models import Attempt, Candidate, CiRun, CiStepRun, Verdict


class RefusalAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField()


class CandidateAnswer(serializers.ModelSerializer[Candidate]):
    class Meta:
        model = Candidate
        fields = ["commit", "tree", "parent", "is_empty", "created_at"]


class CiStepAnswer(serializers.ModelSerializer[CiStepRun]):
    class Meta:
        model = CiStepRun
        fields = [
            "id",
            "step_index",
            "try_number",
            "name",
            "command",
            "state",
            "exit_code",
            "detail",
            "junit",
            "log_bytes",
            "is_log_truncated",
            "started_at",
            "completed_at",
            "duration_seconds",
        ]


class CiRunAnswer(serializers.ModelSerializer[CiRun]):
    attempt = serializers.IntegerField(source="candidate.attempt.number")
    steps = CiStepAnswer(source="step_runs", many=True)

    class Meta:
        model = CiRun
        fields = [
            "id",
            "attempt",
            "commit",
            "kind",
            "profile",
            "state",
            "detail",
            "is_flaky",
            "isolation",
            "restarts",
            "created_at",
            "started_at",
            "completed_at",
            "report",
            "steps",
        ]


class AttemptAnswer(serializers.ModelSerializer[Attempt]):
    patch_bytes = serializers.SerializerMethodField()
    patch_sha256 = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    refusals = RefusalAnswer(many=True)
    candidate = serializers.SerializerMethodField()

    class Meta:
        model = Attempt
        fields = [
            "number",
            "role",
            "state",
            "holder_name",
            "worker_name",
            "is_implicit_claim",
            "claimed_at",
            "lease_expires_at",
            "submitted_at",
            "ended_at",
            "builder_status",
            "outcome_code",
            "outcome_detail",
            "tokens_used",
            "notes",
            "probe_results",
            "gate_seconds",
            "apply_seconds",
            "snapshot_seconds",
            "patch_bytes",
            "patch_sha256",
            "files",
            "refusals",
            "candidate",
        ]

    def get_patch_bytes(self, attempt: Attempt) -> int | None:
        return attempt.patch.size_bytes if hasattr(attempt, "patch") else None

    def get_patch_sha256(self, attempt: Attempt) -> str | None:
        return attempt.patch.sha256 if hasattr(attempt, "patch") else None

    def get_files(self, attempt: Attempt) -> list[dict[str, Any]]:
        return attempt.patch.files if hasattr(attempt, "patch") else []

    @extend_schema_field(CandidateAnswer(allow_null=True))
    def get_candidate(self, attempt: Attempt) -> Any:
        return CandidateAnswer(attempt.candidate).data if hasattr(attempt, "candidate") else None


class VerdictAnswer(serializers.ModelSerializer[Verdict]):
    commit = serializers.CharField(source="candidate.commit", default=None, allow_null=True)

    class Meta:
        model = Verdict
        fields = [
            "recommendation",
            "review_notes",
            "confidence",
            "commit",
            "is_effective",
            "auditor_name",
            "created_at",
        ]


class PhaseDetail(PhaseSummary):
    run_id = serializers.CharField(source="run.run_id")
    tier_id = serializers.CharField(source="tier.tier_id")
    commit_sha = serializers.CharField(source="snapshot.commit", default=None, allow_null=True)
    tag = serializers.CharField(source="snapshot.tag_name", default=None, allow_null=True)

    class Meta(PhaseSummary.Meta):
        fields = [
            "run_id",
            "tier_id",
            *PhaseSummary.Meta.fields,
            "description",
            "spec",
            "acceptance_criteria",
            "allowed_paths",
            "auditor_profile",
            "review_focus",
            "is_verdict_required",
            "waiting_reason",
            "max_builder_attempts",
            "max_auditor_attempts",
            "incident_token_cap",
            "ci_runs_used",
            "minor_issues_count",
            "major_issues_count",
            "failure_code",
            "failure_reason",
            "started_at",
            "completed_at",
            "commit_sha",
            "tag",
        ]


class ClaimAnswer(serializers.Serializer[Any]):
    claim_id = serializers.UUIDField()
    attempt = serializers.IntegerField(source="number")
    run_id = serializers.CharField(source="phase.run.run_id")
    phase_id = serializers.CharField(source="phase.phase_id")
    state = serializers.CharField()
    lease_expires_at = serializers.DateTimeField()


class ContextAnswer(serializers.Serializer[Any]):
    """Everything a builder needs for a phase (DESIGN §4.1)."""

    run = serializers.JSONField()
    phase = PhaseDetail()
    base_commit = serializers.CharField(help_text="Make the patch against this commit.")
    integration_branch = serializers.CharField()
    allowed_paths = serializers.ListField(child=serializers.CharField())
    protected_paths = serializers.ListField(child=serializers.CharField())
    path_policy = serializers.JSONField()
    ci_steps = serializers.JSONField()
    budgets = serializers.JSONField()
    previous_attempts = AttemptAnswer(many=True)
    last_ci = CiRunAnswer(allow_null=True)
    last_ci_log_tail = serializers.CharField(allow_blank=True)
    verdicts = VerdictAnswer(many=True)
    open_issues = serializers.JSONField()


class ClaimResult(serializers.Serializer[Any]):
    claim = ClaimAnswer(allow_null=True)
    context = ContextAnswer(allow_null=True)  # type: ignore[assignment]  # a field, not DRF's context
    reason = serializers.CharField(allow_blank=True, help_text="Why there was nothing to claim.")
    run_state = serializers.CharField(allow_blank=True)
    retry_after_seconds = serializers.IntegerField()


class BuilderAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    commit_sha = serializers.CharField(allow_null=True)
    phase_state = serializers.CharField()
    attempt = serializers.IntegerField()


class AuditRequestAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    review_focus = serializers.JSONField()
    auditor_profile = serializers.CharField()


class AuditorAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    recommendation = serializers.CharField()
    patches_applied = serializers.IntegerField()
    commit_shas = serializers.ListField(child=serializers.CharField())
    patches_refused = serializers.JSONField()
    phase_state = serializers.CharField()


class CiResultAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    ci_state = serializers.CharField()
    commit_sha = serializers.CharField()
    phase_state = serializers.CharField()


class LogAnswer(serializers.Serializer[Any]):
    offset = serializers.IntegerField()
    next_offset = serializers.IntegerField()
    total_bytes = serializers.IntegerField()
    content = serializers.CharField(allow_blank=True)
    is_complete = serializers.BooleanField(help_text="The step is over and this was the rest.")
    is_truncated = serializers.BooleanField()
