"""What a run leaves in git, and what it leaves when it fails."""

from django.db import models

from runs_app.models.attempts import Candidate
from runs_app.models.runs import Phase, Run


class Snapshot(models.Model):
    """A tested commit on the integration branch with its tag. One per phase: COMPLETE is reached by this row
    alone (a run that ended meanwhile may have one on a FAILED phase)."""

    phase = models.OneToOneField(Phase, on_delete=models.CASCADE, related_name="snapshot")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="snapshot")
    commit = models.CharField(max_length=64)
    parent = models.CharField(max_length=64)
    tag_name = models.CharField(max_length=300)
    is_tested = models.BooleanField()
    """False where the project has no CI steps: such a run is never promoted."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.tag_name


class Promotion(models.Model):
    """A run's tested tip brought onto the target branch; without `completed_at` the intent to do so."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="promotion")
    target_branch = models.CharField(max_length=255)
    previous_commit = models.CharField(max_length=64)
    commit = models.CharField(max_length=64, default="", blank=True)
    is_merge = models.BooleanField(default=False)
    promoted_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.run_id} to {self.target_branch}"


class IncidentPack(models.Model):
    """The evidence of a failed run, gathered at the moment it failed (v7 §1)."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="incident_pack")
    content = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"incident of {self.run_id}"
