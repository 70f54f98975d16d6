"""Shapes of answers. Field names are v7's where v7 has them; further fields are ours."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from autopack.models import Project
from runs_app.models import (
    Attempt,
    BacklogIssue,
    Candidate,
    CiRun,
    CiStepRun,
    Event,
    Phase,
    PhaseIssue,
    Promotion,
    Run,
    RunIssue,
    Tier,
    Verdict,
)


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


class RunDetail(RunSummary):
    """v7's run: with tiers and phases."""

    tiers = TierSummary(many=True)

    class Meta(RunSummary.Meta):
        fields = [*RunSummary.Meta.fields, "tiers"]


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
    commit = serializers.CharField(source="candidate.commit", default=None)

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
    commit_sha = serializers.CharField(source="snapshot.commit", default=None)
    tag = serializers.CharField(source="snapshot.tag_name", default=None)

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


class EventAnswer(serializers.ModelSerializer[Event]):
    phase_id = serializers.CharField(source="phase.phase_id", default=None)

    class Meta:
        model = Event
        fields = ["sequence", "at", "kind", "phase_id", "subject", "before", "after", "actor_name", "payload"]


class EventPage(serializers.Serializer[Any]):
    events = EventAnswer(many=True)
    last_sequence = serializers.IntegerField(help_text="Ask for events after this one next.")
    is_live = serializers.BooleanField(help_text="False once no further events can come.")


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


class ProjectAnswer(serializers.ModelSerializer[Project]):
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
        return tier.cleanliness != "clean" or tier.state in {"FAILED", "SKIPPED"}


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
