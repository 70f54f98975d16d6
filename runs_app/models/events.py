"""The append-only record of everything that happened in a run."""

from django.db import models

from autopack.models.fields import choice_constraint, choice_field
from runs_app.choices import EventKind
from runs_app.models.runs import Phase, Run


class Event(models.Model):
    """One thing that happened. `sequence` counts from 1 without gaps within the run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveBigIntegerField()
    kind = choice_field(EventKind, EventKind.NOTE)
    phase = models.ForeignKey(Phase, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    subject = models.CharField(max_length=210, default="", blank=True)
    before = models.CharField(max_length=40, default="", blank=True)
    after = models.CharField(max_length=40, default="", blank=True)
    actor = models.CharField(max_length=200)
    actor_name = models.CharField(max_length=200)
    payload = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["run", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["run", "sequence"], name="event_unique_sequence"),
            choice_constraint("event", "kind", EventKind),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.before} -> {self.after}"
