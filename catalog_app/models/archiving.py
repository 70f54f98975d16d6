"""What was put away and taken out again, when and by whom."""

from django.db import models

from catalog_app.models.plans import Plan
from catalog_app.models.templates import PlanTemplate


class ArchiveEvent(models.Model):
    """A plan or a template was archived, or restored. Rows are added, and never change."""

    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.PROTECT, related_name="archive_events"
    )
    template = models.ForeignKey(
        PlanTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="archive_events"
    )
    is_archived = models.BooleanField()
    created_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="archiveevent_of_one",
                condition=models.Q(plan=None, template__isnull=False)
                | models.Q(plan__isnull=False, template=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan or self.template} {'archived' if self.is_archived else 'restored'}"
