"""Plans and their versions. What a plan says is in its versions, which never change."""

from django.db import models

from autopack.models import Project
from autopack.models.fields import NAME_PATTERN, pattern_constraint
from catalog_app.models.catalogs import SLUG_MESSAGE, FeatureCatalog
from catalog_app.models.kept import KeptQuerySet, KeptVersion
from catalog_app.models.templates import TemplateVersion


class PlanQuerySet(KeptQuerySet["Plan"]):
    pass


class Plan(models.Model):
    """What is to be built, under one name. `title`, `project_type` and `stack` are those of the latest
    version. With a project, its licence policy decides and its runs start there. `once_key` is the digest of
    the form that it was saved from: the same form again is the same plan."""

    plan_id = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="plans"
    )
    catalog = models.ForeignKey(FeatureCatalog, on_delete=models.PROTECT, related_name="plans")
    project_type = models.CharField(max_length=100, default="", blank=True)
    stack = models.CharField(max_length=100, default="", blank=True)
    latest_version = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)
    once_key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            pattern_constraint("plan", "plan_id", NAME_PATTERN, SLUG_MESSAGE),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="plan_by_project")]

    def __str__(self) -> str:
        return self.plan_id


class PlanVersion(KeptVersion):
    """One state of a plan: what was asked for, and what was planned. The row is also the record of who
    changed what.

    `changes` is what was asked of the version before, `diff` what that changed; both empty for the first.
    `template_version` is what the plan was made from, if from a template.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    changes = models.JSONField(default=dict, blank=True)
    diff = models.JSONField(default=dict, blank=True)
    template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_versions"
    )

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="planversion_unique_number"),
        ]

    def __str__(self) -> str:
        return f"{self.plan} version {self.number}"

    @property
    def known_origin(self) -> TemplateVersion | None:
        """What the plan was made from, as far as all who see the plan may know it: not another project's."""
        made_from = self.template_version
        if made_from is None or made_from.template.project_id not in (None, self.plan.project_id):
            return None
        return made_from
