"""CI of a candidate: the run, its steps with every try, and their output."""

import uuid

from django.db import models
from django.db.models import Q

from autopack.models.fields import choice_constraint, choice_field
from runs_app.choices import CiKind, CiProfile, CiRunState, CiStepState
from runs_app.models.attempts import Candidate


class CiRun(models.Model):
    """One run of a profile on one commit. `steps` is the profile as it was when the candidate was made.

    `heartbeat_at` is written by the worker that runs it; `lease_id` names that worker's hold, so that one
    which comes back late cannot write over its successor.
    """

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="ci_runs")
    commit = models.CharField(max_length=64)
    kind = choice_field(CiKind, CiKind.LOCAL)
    profile = choice_field(CiProfile, CiProfile.NORMAL)
    state = choice_field(CiRunState, CiRunState.QUEUED)
    steps = models.JSONField(default=list, blank=True)
    is_flaky = models.BooleanField(default=False)
    detail = models.TextField(default="", blank=True)
    isolation = models.CharField(max_length=20, default="", blank=True)
    lease_id = models.UUIDField(default=uuid.uuid4, editable=False)
    restarts = models.PositiveIntegerField(default=0)
    reported_by = models.CharField(max_length=200, default="", blank=True)
    report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            choice_constraint("ci_run", "state", CiRunState),
            choice_constraint("ci_run", "kind", CiKind),
            choice_constraint("ci_run", "profile", CiProfile),
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(state__in=sorted(s.value for s in CiRunState.live())),
                name="ci_run_one_live_per_candidate",
            ),
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(state__in=sorted(s.value for s in CiRunState.live())),
                name="ci_run_live",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile} on {self.commit[:12]}"

    @property
    def status(self) -> CiRunState:
        return CiRunState(self.state)


class CiStepRun(models.Model):
    """One try of one step. `step_index` and `try_number` count from 0 and 1."""

    ci_run = models.ForeignKey(CiRun, on_delete=models.CASCADE, related_name="step_runs")
    step_index = models.PositiveIntegerField()
    try_number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    command = models.TextField()
    state = choice_field(CiStepState, CiStepState.RUNNING)
    exit_code = models.IntegerField(null=True, blank=True)
    detail = models.TextField(default="", blank=True)
    junit = models.JSONField(null=True, blank=True)
    log_bytes = models.PositiveBigIntegerField(default=0)
    is_log_truncated = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["ci_run", "step_index", "try_number"]
        constraints = [
            models.UniqueConstraint(fields=["ci_run", "step_index", "try_number"], name="ci_step_unique_try"),
            choice_constraint("ci_step", "state", CiStepState),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> CiStepState:
        return CiStepState(self.state)


class CiLogChunk(models.Model):
    """A piece of a step's output; `offset` is its first byte's place in the whole."""

    step_run = models.ForeignKey(CiStepRun, on_delete=models.CASCADE, related_name="log_chunks")
    offset = models.PositiveBigIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["step_run", "offset"]
        constraints = [
            models.UniqueConstraint(fields=["step_run", "offset"], name="ci_log_chunk_unique_offset")
        ]

    def __str__(self) -> str:
        return f"{self.step_run_id}@{self.offset}"
