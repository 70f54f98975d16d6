"""Bodies of what is asked of runs, and the values that services take. Field names are v7's; unknown fields
are ignored."""

from typing import Any

from rest_framework import serializers

from autopack.choices import RunScope, SafetyProfile
from autopack.digests import digest_json
from runs_app.api.fields import NameField, optional_count, optional_text
from runs_app.choices import CiProfile, Complexity
from runs_app.services.starting import PhaseDraft, StartRequest, TierDraft
from runs_app.services.starting_plans import PlanStart
from runs_app.strategy import PhaseOutline, RunCaps

_SCOPES = {"incremental": RunScope.MULTI_TIER.value}
"""Values of existing v7 clients and what they mean here (V7.md)."""


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


class CancelBody(serializers.Serializer[Any]):
    reason = optional_text(max_length=1000)


class PromoteBody(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(["fast_forward", "merge"], required=False, allow_null=True)
