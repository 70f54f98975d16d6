"""Issues at three levels (v7 §5): phase, run index by key, project backlog."""

from django.db import models

from autopack.models import Project
from autopack.models.fields import choice_constraint, choice_field
from runs_app.choices import Severity
from runs_app.models.runs import Phase, Run


class IssueFields(models.Model):
    issue_key = models.CharField(max_length=300)
    severity = choice_field(Severity, Severity.MINOR)
    effective_severity = choice_field(Severity, Severity.MINOR)
    source = models.CharField(max_length=60)
    category = models.CharField(max_length=100)
    task_category = models.CharField(max_length=100, default="", blank=True)
    complexity = models.CharField(max_length=20, default="", blank=True)
    description = models.TextField(default="", blank=True)
    occurrence_count = models.PositiveIntegerField(default=1)
    first_seen_run = models.CharField(max_length=100)
    last_seen_run = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.issue_key


class PhaseIssue(IssueFields):
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="issues")
    expected_fail = models.BooleanField(default=False)
    evidence_refs = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "issue_key"], name="phase_issue_unique_key"),
            choice_constraint("phase_issue", "severity", Severity),
            choice_constraint("phase_issue", "effective_severity", Severity),
        ]


class RunIssue(IssueFields):
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="issues")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "issue_key"], name="run_issue_unique_key"),
            choice_constraint("run_issue", "severity", Severity),
            choice_constraint("run_issue", "effective_severity", Severity),
        ]


class BacklogIssue(IssueFields):
    """`age_in_runs` and `age_in_tiers` count the runs and tiers in which the key was seen."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="backlog")
    age_in_runs = models.PositiveIntegerField(default=1)
    age_in_tiers = models.PositiveIntegerField(default=1)
    last_seen_tier = models.CharField(max_length=210, default="", blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "issue_key"], name="backlog_issue_unique_key"),
            choice_constraint("backlog_issue", "severity", Severity),
            choice_constraint("backlog_issue", "effective_severity", Severity),
        ]
