"""Plan templates: plans that are kept to be made again, with what their runs have shown."""

from django.db import models

from autopack.models import Project
from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, pattern_constraint
from catalog_app.choices import TemplateOrigin
from catalog_app.models.catalogs import SLUG_MESSAGE, text_list
from catalog_app.models.kept import KeptQuerySet, KeptVersion


class PlanTemplateQuerySet(KeptQuerySet["PlanTemplate"]):
    pass


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


class TemplateVersion(KeptVersion):
    """One state of a template: the request, and the plan that it was when it was kept."""

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="versions")

    class Meta:
        ordering = ["template", "number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="templateversion_unique_number"),
        ]

    def __str__(self) -> str:
        return f"{self.template} version {self.number}"
