"""Attempts at a phase, their patches and candidates, and verdicts on them."""

import uuid

from django.db import models
from django.db.models import Q

from autopack.models.fields import choice_constraint, choice_field, object_id_field
from runs_app.choices import AttemptRole, AttemptState, BuilderStatus, Recommendation
from runs_app.models.runs import Phase


class Attempt(models.Model):
    """One try, from the claim to its end. `number` counts from 1 within the phase.

    While CLAIMED it is the lease: `claim_id` names it for clients, `lease_expires_at` ends it. `answer` is
    what the result was answered with, so that a repeat gets the same (DESIGN §4).
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    role = choice_field(AttemptRole, AttemptRole.BUILDER)
    state = choice_field(AttemptState, AttemptState.CLAIMED)

    claim_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.CharField(max_length=200)
    holder_name = models.CharField(max_length=200)
    worker_name = models.CharField(max_length=200, default="", blank=True)
    claim_key = models.CharField(max_length=200, default="", blank=True)
    is_implicit_claim = models.BooleanField(default=False)
    claimed_at = models.DateTimeField()
    lease_expires_at = models.DateTimeField()

    result_key = models.CharField(max_length=200, default="", blank=True)
    result_digest = models.CharField(max_length=64, default="", blank=True)
    builder_status = models.CharField(max_length=20, default="", blank=True, choices=BuilderStatus.pairs())
    base_commit = object_id_field()
    parent_commit = object_id_field()
    submitted_at = models.DateTimeField(null=True, blank=True)
    reported = models.JSONField(default=dict, blank=True)
    probe_results = models.JSONField(default=list, blank=True)
    tokens_used = models.BigIntegerField(default=0)
    notes = models.TextField(default="", blank=True)

    answer_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.JSONField(default=dict, blank=True)
    outcome_code = models.CharField(max_length=60, default="", blank=True)
    outcome_detail = models.TextField(default="", blank=True)
    gate_seconds = models.FloatField(null=True, blank=True)
    apply_seconds = models.FloatField(null=True, blank=True)
    snapshot_seconds = models.FloatField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["phase", "number"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "number"], name="attempt_unique_number"),
            models.UniqueConstraint(
                fields=["phase"],
                condition=Q(state=AttemptState.CLAIMED.value),
                name="attempt_one_open_claim_per_phase",
            ),
            models.UniqueConstraint(
                fields=["phase"],
                condition=Q(state=AttemptState.SUBMITTED.value),
                name="attempt_one_in_the_gate_per_phase",
            ),
            models.UniqueConstraint(
                fields=["phase"],
                condition=Q(state__in=sorted(s.value for s in AttemptState.tested())),
                name="attempt_one_candidate_per_phase",
            ),
            models.UniqueConstraint(
                fields=["phase", "holder", "claim_key"],
                condition=~Q(claim_key=""),
                name="attempt_unique_claim_key",
            ),
            models.UniqueConstraint(
                fields=["phase", "holder", "result_key"],
                condition=~Q(result_key=""),
                name="attempt_unique_result_key",
            ),
            choice_constraint("attempt", "state", AttemptState),
            choice_constraint("attempt", "role", AttemptRole),
            models.CheckConstraint(
                name="attempt_builder_status_known",
                condition=Q(builder_status__in=["", *sorted(s.value for s in BuilderStatus)]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(state=AttemptState.CLAIMED.value),
                name="attempt_open_leases",
            ),
            models.Index(
                fields=["submitted_at"],
                condition=Q(state__in=sorted(s.value for s in AttemptState.unsettled())),
                name="attempt_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase_id}#{self.number}"

    @property
    def status(self) -> AttemptState:
        return AttemptState(self.state)


class Patch(models.Model):
    """The bytes of a submitted patch, exactly as they came."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="patch")
    content = models.BinaryField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    lines_added = models.PositiveIntegerField(default=0)
    lines_removed = models.PositiveIntegerField(default=0)
    files = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class GateRefusal(models.Model):
    """One reason for which the gate refused an attempt."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="refusals")
    code = models.CharField(max_length=60)
    path = models.TextField(default="", blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    detail = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.path}"


class Candidate(models.Model):
    """The commit made from an attempt's patch. CI and verdicts are bound to exactly this commit."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, related_name="candidate")
    commit = models.CharField(max_length=64)
    tree = models.CharField(max_length=64)
    parent = models.CharField(max_length=64)
    ref = models.CharField(max_length=300)
    is_empty = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="candidate_full_object_id", condition=Q(commit__regex=r"^([0-9a-f]{40}|[0-9a-f]{64})$")
            )
        ]

    def __str__(self) -> str:
        return self.commit[:12]


class Verdict(models.Model):
    """An auditor's word on a candidate, or on the phase when there was none (then it binds nothing)."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="verdicts")
    candidate = models.ForeignKey(
        Candidate, null=True, blank=True, on_delete=models.CASCADE, related_name="verdicts"
    )
    recommendation = choice_field(Recommendation, Recommendation.APPROVE)
    review_notes = models.TextField(default="", blank=True)
    confidence = models.CharField(max_length=20, default="", blank=True)
    tokens_used = models.BigIntegerField(default=0)
    is_effective = models.BooleanField(default=True)
    """False for a verdict on a finished phase or run: kept, without effect."""
    request_digest = models.CharField(max_length=64, default="", blank=True)
    answer = models.JSONField(default=dict, blank=True)
    auditor = models.CharField(max_length=200)
    auditor_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [choice_constraint("verdict", "recommendation", Recommendation)]

    def __str__(self) -> str:
        return f"{self.recommendation} by {self.auditor_name}"
