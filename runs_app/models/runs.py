"""Run, tier, phase (v7 §3, §4)."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from autopack.choices import RunScope
from autopack.models import Project
from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, object_id_field
from catalog_app.models import PlanVersion
from runs_app.choices import (
    CiKind,
    CiProfile,
    Cleanliness,
    Complexity,
    DebtStatus,
    PhaseState,
    RunState,
    SafetyProfile,
    TierState,
    WaitingFor,
)


class RunQuerySet(models.QuerySet["Run"]):
    def live(self) -> "RunQuerySet":
        return self.filter(state__in=RunState.live())

    def failed(self) -> "RunQuerySet":
        return self.filter(state__in=RunState.failed())

    def overdue(self, now: datetime) -> "RunQuerySet":
        return self.live().filter(deadline_at__lte=now)


class Run(models.Model):
    """One build of one plan on one integration branch.

    `repo_path`, `default_branch`, `ci_steps`, `path_policy` and `protected_paths` are copied from the project
    at the start: neither a run's rules (v7 §7) nor its repository change under it. `tip_commit` is where the
    integration branch stands; the branch moves by compare-and-swap from it. `event_count` numbers the events.
    `has_candidate_refs` is set before the first candidate ref may exist in git and cleared when all of them
    are gone. `plan_version` is the catalog's plan that the run came from, `plan_run_number` which of its runs
    it is. `is_outcome_reported` is set with the report of how the run ended.
    """

    run_id = models.CharField(max_length=100, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    state = choice_field(RunState, RunState.PLAN_BOOTSTRAP)
    safety_profile = models.CharField(max_length=20)
    run_scope = models.CharField(max_length=20)
    title = models.CharField(max_length=200, default="", blank=True)

    repo_path = models.TextField()
    default_branch = models.CharField(max_length=255)
    base_ref = models.CharField(max_length=255, default="", blank=True)
    base_commit = object_id_field()
    after = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers"
    )
    integration_branch = models.CharField(max_length=255)
    tip_commit = object_id_field()

    token_cap = models.BigIntegerField()
    max_phases = models.PositiveIntegerField()
    max_duration_minutes = models.PositiveIntegerField()
    lease_seconds = models.PositiveIntegerField()
    verdict_timeout_seconds = models.PositiveIntegerField()
    ci_kind = models.CharField(max_length=20)
    ci_steps = models.JSONField(default=dict, blank=True)
    path_policy = models.JSONField(default=dict, blank=True)
    protected_paths = models.JSONField(default=list, blank=True)
    is_ci_configured = models.BooleanField(default=True)
    isolation = models.CharField(max_length=20, default="", blank=True)
    isolation_reason = models.CharField(max_length=500, default="", blank=True)

    tokens_used = models.BigIntegerField(default=0)
    ci_runs_used = models.PositiveIntegerField(default=0)
    minor_issues_count = models.PositiveIntegerField(default=0)
    major_issues_count = models.PositiveIntegerField(default=0)
    phases_total = models.PositiveIntegerField(default=0)
    phases_complete = models.PositiveIntegerField(default=0)

    promotion_eligible_to_main = models.BooleanField(default=False)
    debt_status = choice_field(DebtStatus, DebtStatus.NONE)
    failure_code = models.CharField(max_length=60, default="", blank=True)
    failure_reason = models.TextField(default="", blank=True)

    start_digest = models.CharField(max_length=64)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    event_count = models.PositiveBigIntegerField(default=0)
    has_candidate_refs = models.BooleanField(default=False)
    plan_version = models.ForeignKey(
        PlanVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )
    plan_run_number = models.PositiveIntegerField(null=True, blank=True)
    is_outcome_reported = models.BooleanField(default=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-id"], name="run_state"),
            models.Index(fields=["project", "-id"], name="run_project"),
            models.Index(
                fields=["id"],
                condition=Q(has_candidate_refs=True, state__in=sorted(s.value for s in RunState.final())),
                name="run_refs_to_drop",
            ),
            models.Index(
                fields=["id"],
                condition=Q(is_outcome_reported=False, state__in=sorted(s.value for s in RunState.final())),
                name="run_to_report",
            ),
            models.Index(fields=["plan_version", "plan_run_number"], name="run_of_plan"),
        ]
        constraints = [
            choice_constraint("run", "state", RunState),
            choice_constraint("run", "safety_profile", SafetyProfile),
            choice_constraint("run", "run_scope", RunScope),
            choice_constraint("run", "ci_kind", CiKind),
            choice_constraint("run", "debt_status", DebtStatus),
            models.CheckConstraint(name="run_id_pattern", condition=Q(run_id__regex=NAME_PATTERN)),
            models.UniqueConstraint(
                fields=["project", "integration_branch"],
                condition=Q(state__in=sorted(s.value for s in RunState.live())),
                name="run_one_live_per_branch",
            ),
            models.CheckConstraint(
                name="run_completed_when_final",
                condition=Q(state__in=sorted(s.value for s in RunState.final()), completed_at__isnull=False)
                | Q(state__in=sorted(s.value for s in RunState.live()), completed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="run_promotable_only_after_success",
                condition=Q(promotion_eligible_to_main=False) | Q(state=RunState.DONE_SUCCESS.value),
            ),
            models.CheckConstraint(
                name="run_of_plan_has_number",
                condition=Q(plan_version=None, plan_run_number=None)
                | Q(plan_version__isnull=False, plan_run_number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.run_id

    @property
    def status(self) -> RunState:
        return RunState(self.state)

    @property
    def is_live(self) -> bool:
        return not self.status.is_final

    def list_ci_steps(self, profile: str) -> list[dict[str, Any]]:
        """The steps of a profile; `strict` without steps of its own runs `normal` (DESIGN §4)."""
        steps: list[dict[str, Any]] = self.ci_steps.get(profile) or self.ci_steps.get(CiProfile.NORMAL) or []
        return steps


class Tier(models.Model):
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tiers")
    tier_id = models.CharField(max_length=100)
    tier_index = models.IntegerField()
    name = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    state = choice_field(TierState, TierState.PENDING)
    cleanliness = choice_field(Cleanliness, Cleanliness.CLEAN)
    minor_issues_count = models.PositiveIntegerField(default=0)
    major_issues_count = models.PositiveIntegerField(default=0)
    tokens_used = models.BigIntegerField(default=0)
    ci_runs_used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["run", "tier_index", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "tier_id"], name="tier_unique_id"),
            choice_constraint("tier", "state", TierState),
            choice_constraint("tier", "cleanliness", Cleanliness),
        ]

    def __str__(self) -> str:
        return self.tier_id

    @property
    def status(self) -> TierState:
        return TierState(self.state)


class Phase(models.Model):
    """The smallest planned unit. `position` counts from 0 in the order of work within the run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="phases")
    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="phases")
    phase_id = models.CharField(max_length=100)
    phase_index = models.IntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    task_category = models.CharField(max_length=100, default="", blank=True)
    complexity = choice_field(Complexity, Complexity.MEDIUM)
    builder_mode = models.CharField(max_length=100, default="", blank=True)
    spec = models.JSONField(default=dict, blank=True)
    acceptance_criteria = models.JSONField(default=list, blank=True)
    allowed_paths = models.JSONField(default=list, blank=True)

    state = choice_field(PhaseState, PhaseState.QUEUED)
    waiting_for = models.CharField(max_length=20, default="", blank=True, choices=WaitingFor.pairs())
    waiting_reason = models.TextField(default="", blank=True)
    ci_profile = choice_field(CiProfile, CiProfile.NORMAL)
    auditor_profile = models.CharField(max_length=100, default="", blank=True)
    review_focus = models.TextField(default="", blank=True)
    is_verdict_required = models.BooleanField(default=False)
    verdict_due_at = models.DateTimeField(null=True, blank=True)

    max_builder_attempts = models.PositiveIntegerField()
    max_auditor_attempts = models.PositiveIntegerField()
    incident_token_cap = models.BigIntegerField(null=True, blank=True)
    builder_attempts = models.PositiveIntegerField(default=0)
    auditor_attempts = models.PositiveIntegerField(default=0)
    tokens_used = models.BigIntegerField(default=0)
    ci_runs_used = models.PositiveIntegerField(default=0)
    minor_issues_count = models.PositiveIntegerField(default=0)
    major_issues_count = models.PositiveIntegerField(default=0)

    failure_code = models.CharField(max_length=60, default="", blank=True)
    failure_reason = models.TextField(default="", blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "phase_id"], name="phase_unique_id"),
            models.UniqueConstraint(fields=["run", "position"], name="phase_unique_position"),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(state__in=sorted(s.value for s in PhaseState.active())),
                name="phase_one_active_per_run",
            ),
            models.CheckConstraint(name="phase_id_pattern", condition=Q(phase_id__regex=NAME_PATTERN)),
            choice_constraint("phase", "state", PhaseState),
            choice_constraint("phase", "ci_profile", CiProfile),
            choice_constraint("phase", "complexity", Complexity),
            choice_constraint("phase", "waiting_for", WaitingFor),
        ]

    def __str__(self) -> str:
        return self.phase_id

    @property
    def status(self) -> PhaseState:
        return PhaseState(self.state)
