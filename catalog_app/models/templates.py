"""Plan templates: plans that are kept to be made again, with what their runs have shown."""

import json
from typing import Any

from django.db import models

from autopack.models import Project
from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, pattern_constraint
from catalog_app.choices import TemplateOrigin
from catalog_app.models.catalogs import SLUG_MESSAGE, text_list


class PlanTemplateQuerySet(models.QuerySet["PlanTemplate"]):
    def active(self) -> "PlanTemplateQuerySet":
        return self.filter(archived_at=None)

    def visible_to(self, project_ids: frozenset[str] | None) -> "PlanTemplateQuerySet":
        """Those of no project, and those of an actor's projects (see `Actor.project_ids`)."""
        if project_ids is None:
            return self
        return self.filter(models.Q(project=None) | models.Q(project__project_id__in=project_ids))


class PlanTemplate(models.Model):
    """Something to start a plan from. `origin_ref` says what it was made from: the id of a plan or run, or
    the name of a file. `project_type` and `stack` are those of the latest version."""

    template_id = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    project_type = models.CharField(max_length=100, default="", blank=True)
    stack = models.CharField(max_length=100, default="", blank=True)
    tags = text_list()
    origin = choice_field(TemplateOrigin, TemplateOrigin.PLAN)
    origin_ref = models.CharField(max_length=300, default="", blank=True)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_templates"
    )
    latest_version = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = PlanTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            pattern_constraint("plantemplate", "template_id", NAME_PATTERN, SLUG_MESSAGE),
            choice_constraint("plantemplate", "origin", TemplateOrigin),
        ]

    def __str__(self) -> str:
        return self.template_id


class TemplateVersion(models.Model):
    """One state of a template, which never changes: the request, and the plan that it was when it was kept.

    `document_text` are the plan's own bytes, `digest` their SHA-256, `outline` what lists show of it.
    """

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    request = models.JSONField()
    request_digest = models.CharField(max_length=64)
    document_text = models.TextField()
    digest = models.CharField(max_length=64)
    outline = models.JSONField(default=dict, blank=True)
    note = models.TextField(default="", blank=True)
    created_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["template", "number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="templateversion_unique_number"),
        ]

    def __str__(self) -> str:
        return f"{self.template} version {self.number}"

    @property
    def document(self) -> dict[str, Any]:
        """The plan as plain JSON. Any: a JSON object."""
        document: dict[str, Any] = json.loads(self.document_text)
        return document
