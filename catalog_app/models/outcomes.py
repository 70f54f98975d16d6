"""How runs of plans went, and what that says of the sources that they reused."""

from django.db import models

from catalog_app.models.catalogs import text_list
from catalog_app.models.plans import PlanVersion
from catalog_app.models.templates import TemplateVersion


class RunOutcome(models.Model):
    """One run that has ended, as it was reported at its end.

    `state` is v7's, in the words of whoever ran it. `plan_run_number` says which of the plan's runs it was.
    `failed_phase` and `failed_category` are empty after a success.
    """

    run_id = models.CharField(max_length=100, unique=True)
    plan_version = models.ForeignKey(
        PlanVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="outcomes"
    )
    template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="outcomes"
    )
    plan_run_number = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=60)
    is_success = models.BooleanField()
    duration_seconds = models.PositiveBigIntegerField()
    tokens = models.PositiveBigIntegerField(default=0)
    ci_runs = models.PositiveIntegerField(default=0)
    phases_total = models.PositiveIntegerField(default=0)
    phases_complete = models.PositiveIntegerField(default=0)
    failed_phase = models.CharField(max_length=100, default="", blank=True)
    failed_category = models.CharField(max_length=100, default="", blank=True)
    failure_code = models.CharField(max_length=60, default="", blank=True)
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"outcome of {self.run_id}"


class ReuseOutcome(models.Model):
    """One phase of an ended run that was to take a feature from a source. A phase that was never begun is
    none. Names instead of rows: what was reused stays said, whatever becomes of the catalog."""

    outcome = models.ForeignKey(RunOutcome, on_delete=models.CASCADE, related_name="reuses")
    phase_id = models.CharField(max_length=100)
    catalog_slug = models.CharField(max_length=100, default="", blank=True)
    feature_slug = models.CharField(max_length=100, default="", blank=True)
    repo_id = models.CharField(max_length=100)
    paths = text_list()
    pinned_commit = models.CharField(max_length=64, default="", blank=True)
    is_completed = models.BooleanField()
    tokens = models.PositiveBigIntegerField(default=0)
    ci_runs = models.PositiveIntegerField(default=0)
    failure_code = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "phase_id"], name="reuseoutcome_once"),
        ]
        indexes = [
            models.Index(fields=["catalog_slug", "feature_slug"], name="reuseoutcome_by_feature"),
            models.Index(fields=["repo_id"], name="reuseoutcome_by_repo"),
        ]

    def __str__(self) -> str:
        return f"{self.feature_slug} from {self.repo_id}"


class OutcomeSnapshot(models.Model):
    """All reuse outcomes up to a moment, counted. Plans are made from the newest one and name its digest, so
    that equal input gives an equal plan.

    `content` is a list of `{catalog, feature, repo_id, paths, tried, completed}`, in order.
    """

    digest = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.digest
