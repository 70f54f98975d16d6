"""Bodies of requests, and the values that services take. Field names are v7's; unknown fields are ignored."""

from typing import Any

from rest_framework import serializers

from autopack.choices import RunScope, SafetyProfile
from autopack.digests import digest_json
from runs_app.api.fields import (
    NameField,
    PatchField,
    WordsField,
    decode_patch,
    given,
    optional_count,
    optional_text,
)
from runs_app.choices import BuilderStatus, CiProfile, Complexity, PhaseState, Recommendation, Severity
from runs_app.ci.types import TestFailure
from runs_app.services.issues import IssueReport
from runs_app.services.results import BuilderResult
from runs_app.services.starting import PhaseDraft, StartRequest, TierDraft
from runs_app.services.starting_plans import PlanStart
from runs_app.services.verdicts import AuditorResult
from runs_app.strategy import PhaseOutline, RunCaps

_SCOPES = {"incremental": RunScope.MULTI_TIER.value}
"""Values of existing v7 clients and what they mean here (V7.md)."""
PATCH_ENCODINGS = ["utf-8", "base64"]
# What one report may carry: it is written down while its run is locked.
MAX_FINDINGS = 500
MAX_PROBES = 200
MAX_PATCHES = 50
MAX_EVIDENCE = 100
COMMIT_PATTERN = r"^([0-9a-f]{40}|[0-9a-f]{64})\Z"


class RunBody(serializers.Serializer[Any]):
    run_id = NameField()
    project_id = optional_text(max_length=100, help_text="Optional while there is only one project.")
    title = optional_text(max_length=200)
    safety_profile = serializers.ChoiceField(SafetyProfile.pairs(), required=False, allow_null=True)
    run_scope = optional_text(help_text="multi_tier or single_tier; incremental means multi_tier.")
    token_cap = optional_count(min_value=1)
    max_phases = optional_count(min_value=1, max_value=100_000)
    max_duration_minutes = optional_count(min_value=1, max_value=60 * 24 * 30)
    lease_seconds = optional_count(min_value=5, max_value=24 * 3600)
    verdict_timeout_seconds = optional_count(min_value=5, max_value=7 * 24 * 3600)
    base = optional_text(max_length=255, help_text="Start commit or branch; default: the project's branch.")
    after = optional_text(max_length=100, help_text="Start where this finished run of the project ended.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("base") and attrs.get("after"):
            raise serializers.ValidationError({"base": "Give base or after, not both."})
        return attrs

    def validate_run_scope(self, value: str | None) -> str:
        scope = _SCOPES.get(value or "", value or "")
        if scope and scope not in list(RunScope):
            raise serializers.ValidationError(f"Not known; use one of {', '.join(RunScope)}.")
        return scope


class TierBody(serializers.Serializer[Any]):
    tier_id = NameField()
    tier_index = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1)
    name = serializers.CharField(max_length=200)
    description = optional_text()


class PhaseBody(serializers.Serializer[Any]):
    phase_id = NameField()
    phase_index = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1)
    tier_id = serializers.CharField(max_length=100)
    name = serializers.CharField(max_length=200)
    description = optional_text()
    task_category = optional_text(max_length=100)
    complexity = serializers.ChoiceField(Complexity.pairs(), required=False, allow_null=True)
    builder_mode = optional_text(max_length=100)
    allowed_paths = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, allow_null=True, max_length=1000
    )
    acceptance_criteria = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, max_length=1000
    )
    ci_profile = serializers.ChoiceField(CiProfile.pairs(), required=False, allow_null=True)
    spec = serializers.DictField(required=False, allow_null=True)
    max_builder_attempts = optional_count(min_value=1, max_value=100)
    max_auditor_attempts = optional_count(max_value=100)
    incident_token_cap = optional_count(min_value=1)


class StartBody(serializers.Serializer[Any]):
    """v7 `runs/start`."""

    run = RunBody()
    tiers = TierBody(many=True, allow_empty=False)
    phases = PhaseBody(many=True, allow_empty=False)

    def to_request(self) -> StartRequest:
        body = self.validated_data
        run = body["run"]
        return StartRequest(
            run_id=run["run_id"],
            digest=digest_json(self.initial_data),
            caps=_caps(run),
            tiers=tuple(
                TierDraft(t["tier_id"], t["tier_index"], t["name"], t.get("description") or "")
                for t in body["tiers"]
            ),
            phases=tuple(_draft_phase(phase) for phase in body["phases"]),
            **_about(run),
        )


class PlanStartBody(serializers.Serializer[Any]):
    """A run of a plan that Autopack keeps: its tiers and phases are the plan's."""

    run = RunBody()
    plan_id = serializers.CharField(max_length=100)
    plan_version = optional_count(min_value=1, help_text="Default: the latest.")
    plan_run = optional_count(
        min_value=1,
        help_text="Which of the runs that the plan was split into. Default: the first that no run of this "
        "version has done yet. From the second on, the branch starts where the run before ended.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        both = {
            name: "The plan says the tiers and phases: leave this out, or plan_id."
            for name in ("tiers", "phases")
            if self.initial_data.get(name) is not None
        }
        if both:
            raise serializers.ValidationError(both)
        return attrs

    def to_order(self) -> PlanStart:
        body = self.validated_data
        run = body["run"]
        return PlanStart(
            run_id=run["run_id"],
            digest=digest_json(self.initial_data),
            plan_id=body["plan_id"],
            plan_version=body.get("plan_version"),
            plan_run=body.get("plan_run"),
            caps=_caps(run),
            **_about(run),
        )


def names_plan(said: object) -> bool:
    """Whether the body of a start names a plan instead of saying one."""
    return isinstance(said, dict) and said.get("plan_id") is not None


def _about(run: dict[str, Any]) -> dict[str, Any]:
    # Any: texts, among keyword arguments of other kinds.
    names = ("project_id", "title", "safety_profile", "run_scope", "base", "after")
    return {name: run.get(name) or "" for name in names}


def _caps(run: dict[str, Any]) -> RunCaps:
    return RunCaps(
        token_cap=run.get("token_cap"),
        max_phases=run.get("max_phases"),
        max_duration_minutes=run.get("max_duration_minutes"),
        lease_seconds=run.get("lease_seconds"),
        verdict_timeout_seconds=run.get("verdict_timeout_seconds"),
    )


def _draft_phase(phase: dict[str, Any]) -> PhaseDraft:
    return PhaseDraft(
        outline=PhaseOutline(
            phase_id=phase["phase_id"],
            task_category=phase.get("task_category") or "",
            complexity=phase.get("complexity") or "",
            ci_profile=phase.get("ci_profile") or "",
            max_builder_attempts=phase.get("max_builder_attempts"),
            max_auditor_attempts=phase.get("max_auditor_attempts"),
            incident_token_cap=phase.get("incident_token_cap"),
        ),
        tier_id=phase["tier_id"],
        phase_index=phase["phase_index"],
        name=phase["name"],
        description=phase.get("description") or "",
        builder_mode=phase.get("builder_mode") or "",
        spec=phase.get("spec") or {},
        acceptance_criteria=tuple(phase.get("acceptance_criteria") or ()),
        allowed_paths=tuple(phase.get("allowed_paths") or ()),
    )


class ClaimBody(serializers.Serializer[Any]):
    worker_name = optional_text(
        max_length=200, help_text="Who will do the work; becomes the commit's author."
    )


class ClaimIdBody(serializers.Serializer[Any]):
    claim_id = serializers.UUIDField()


class CancelBody(serializers.Serializer[Any]):
    reason = optional_text(max_length=1000)


class PromoteBody(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(["fast_forward", "merge"], required=False, allow_null=True)


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


class ProbeBody(serializers.Serializer[Any]):
    probe_type = serializers.CharField(max_length=100)
    exit_code = serializers.IntegerField()
    stdout = optional_text(trim_whitespace=False)
    stderr = optional_text(trim_whitespace=False)
    duration_seconds = serializers.FloatField(required=False, allow_null=True)


class ResultBody(serializers.Serializer[Any]):
    """What every report on a phase carries; ids must be those of the address."""

    run_id = serializers.CharField()
    phase_id = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, expected in self.context["ids"].items():
            if name in attrs and attrs[name] != expected:
                raise serializers.ValidationError(
                    {name: f"The address says {expected!r}, the body {attrs[name]!r}."}
                )
        return attrs


class BuilderResultBody(ResultBody):
    """v7 `builder_result`."""

    status = serializers.ChoiceField(BuilderStatus.pairs())
    patch_content = PatchField(required=False, allow_null=True, help_text="Unified diff as git writes it.")
    patch_encoding = serializers.ChoiceField(
        PATCH_ENCODINGS, required=False, allow_null=True, help_text="base64 for what JSON cannot carry."
    )
    claim_id = serializers.UUIDField(required=False, allow_null=True)
    files_changed = serializers.JSONField(required=False, allow_null=True)
    lines_added = optional_count()
    lines_removed = optional_count()
    builder_attempts = optional_count()
    tokens_used = optional_count()
    duration_minutes = serializers.FloatField(required=False, allow_null=True)
    probe_results = serializers.ListField(
        child=ProbeBody(), required=False, allow_null=True, max_length=MAX_PROBES
    )
    suggested_issues = serializers.ListField(
        child=SuggestedIssueBody(), required=False, allow_null=True, max_length=MAX_FINDINGS
    )
    notes = optional_text()

    def to_result(self, *, result_key: str) -> BuilderResult:
        body = self.validated_data
        return BuilderResult(
            status=BuilderStatus(body["status"]),
            patch=decode_patch(body.get("patch_content"), body.get("patch_encoding")),
            claim_id=body.get("claim_id"),
            result_key=result_key,
            builder_attempts=body.get("builder_attempts"),
            tokens_used=given(body.get("tokens_used"), 0),
            notes=body.get("notes") or "",
            probe_results=tuple(body.get("probe_results") or ()),
            suggested_issues=tuple(
                report_of(issue, default_source="cursor_self_doubt")
                for issue in body.get("suggested_issues") or ()
            ),
            reported={
                name: body.get(name)
                for name in (
                    "builder_attempts",
                    "files_changed",
                    "lines_added",
                    "lines_removed",
                    "duration_minutes",
                )
                if body.get(name) is not None
            },
        )


class AuditorRequestBody(ResultBody):
    """v7 `auditor_request`."""

    tier_id = optional_text()
    builder_result = serializers.JSONField(required=False, allow_null=True)
    failure_context = serializers.JSONField(required=False, allow_null=True)
    review_focus = WordsField(required=False, allow_null=True)
    auditor_profile = optional_text(max_length=100)


class SuggestedPatchBody(serializers.Serializer[Any]):
    description = optional_text()
    patch_content = PatchField()
    patch_encoding = serializers.ChoiceField(PATCH_ENCODINGS, required=False, allow_null=True)
    files_affected = serializers.JSONField(required=False, allow_null=True)


class AuditorResultBody(ResultBody):
    """v7 `auditor_result`."""

    review_notes = serializers.CharField(allow_blank=True)
    recommendation = serializers.ChoiceField(Recommendation.pairs())
    commit_sha = serializers.RegexField(
        COMMIT_PATTERN,
        required=False,
        allow_null=True,
        help_text="The commit that was reviewed; 409 if another candidate has taken its place since.",
    )
    issues_found = serializers.ListField(
        child=SuggestedIssueBody(), required=False, allow_null=True, max_length=MAX_FINDINGS
    )
    suggested_patches = serializers.ListField(
        child=SuggestedPatchBody(), required=False, allow_null=True, max_length=MAX_PATCHES
    )
    auditor_attempts = optional_count()
    tokens_used = optional_count()
    confidence = serializers.JSONField(
        required=False, allow_null=True, help_text="low, medium, high, or a number from 0 to 1."
    )

    def validate_confidence(self, value: Any) -> str:
        if value is None or value in ("low", "medium", "high"):
            return value or ""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return f"{value:.4g}"
        raise serializers.ValidationError("Use low, medium, high, or a number from 0 to 1.")

    def to_result(self) -> AuditorResult:
        body = self.validated_data
        return AuditorResult(
            recommendation=Recommendation(body["recommendation"]),
            review_notes=body["review_notes"],
            patches=tuple(
                decode_patch(patch["patch_content"], patch.get("patch_encoding"))
                for patch in body.get("suggested_patches") or ()
            ),
            issues=tuple(
                report_of(issue, default_source="auditor") for issue in body.get("issues_found") or ()
            ),
            confidence=body.get("confidence") or "",
            reviewed_commit=body.get("commit_sha") or "",
            tokens_used=given(body.get("tokens_used"), 0),
        )


class TestFailureBody(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=290, help_text="Stable across runs: suite, class and test name.")
    name = optional_text(max_length=500)
    message = optional_text()


class CiResultBody(ResultBody):
    """What an external verifier reports on a candidate."""

    commit_sha = serializers.RegexField(COMMIT_PATTERN)
    status = serializers.ChoiceField(
        ["passed", "failed", "errored"], help_text="errored: CI itself could not run."
    )
    detail = optional_text()
    failures = serializers.ListField(
        child=TestFailureBody(), required=False, allow_null=True, max_length=MAX_FINDINGS
    )
    steps = serializers.JSONField(required=False, allow_null=True, help_text="Kept as it is, for display.")
    url = serializers.URLField(required=False, allow_null=True, help_text="Where the CI run can be seen.")

    def list_failures(self) -> list[TestFailure]:
        return [
            TestFailure(key=f["key"], name=f.get("name") or f["key"], message=f.get("message") or "")
            for f in self.validated_data.get("failures") or ()
        ]
