"""What plans and templates have in common: who sees them, and what a version of one holds."""

import json
from typing import Any, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class KeptQuerySet(models.QuerySet[M]):
    """Of rows that may belong to a project, and can be archived."""

    def active(self) -> Self:
        return self.filter(archived_at=None)

    def visible_to(self, project_ids: frozenset[str] | None) -> Self:
        """Those of no project, and those of an actor's projects (see `Actor.project_ids`)."""
        if project_ids is None:
            return self
        return self.filter(models.Q(project=None) | models.Q(project__project_id__in=project_ids))


class KeptVersion(models.Model):
    """One state, which never changes: what was asked for, and what was planned.

    `document_text` are the plan's own bytes, `digest` their SHA-256, `outline` what lists show of it,
    `outcomes_digest` the OutcomeSnapshot that it was planned with; "" for none.
    """

    number = models.PositiveIntegerField()
    request = models.JSONField()
    request_digest = models.CharField(max_length=64)
    document_text = models.TextField()
    digest = models.CharField(max_length=64)
    outline = models.JSONField(default=dict, blank=True)
    outcomes_digest = models.CharField(max_length=64, default="", blank=True)
    note = models.TextField(default="", blank=True)
    created_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def document(self) -> dict[str, Any]:
        """The plan as plain JSON. Any: a JSON object."""
        document: dict[str, Any] = json.loads(self.document_text)
        return document
