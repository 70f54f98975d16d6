"""Bodies of reports on a phase, and the values that services take: of builders, auditors and CI. Field names
are v7's; unknown fields are ignored."""

from typing import Any

from rest_framework import serializers

from runs_app.api.fields import PatchField, WordsField, decode_patch, given, optional_count, optional_text
from runs_app.api.phase_requests import SuggestedIssueBody, report_of
from runs_app.choices import BuilderStatus, Recommendation
from runs_app.ci.types import TestFailure
from runs_app.services.results import BuilderResult
from runs_app.services.verdicts import AuditorResult

# What one report may carry: it is written down while its run is locked.
MAX_FINDINGS = 500
MAX_PROBES = 200
MAX_PATCHES = 50
PATCH_ENCODINGS = ["utf-8", "base64"]
COMMIT_PATTERN = r"^([0-9a-f]{40}|[0-9a-f]{64})\Z"


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
