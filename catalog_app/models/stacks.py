"""Stack profiles: the technical shapes that a plan may take."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, pattern_constraint
from catalog_app.choices import CiProfile
from catalog_app.models.catalogs import SLUG_MESSAGE, FeatureCatalog, text_list
from catalog_app.models.history import curated_history
from catalog_app.models.repos import SourceRepo


class StackProfileQuerySet(models.QuerySet["StackProfile"]):
    def active(self) -> "StackProfileQuerySet":
        return self.filter(retired_at=None)


class StackProfile(models.Model):
    """`slots` holds what goes beyond the four named ones, as in `{"cache": "redis"}`: texts or lists."""

    catalog = models.ForeignKey(FeatureCatalog, on_delete=models.PROTECT, related_name="stacks")
    slug = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    project_types = text_list(help_text="Labels such as api_service or rag_app.")
    backend = models.CharField(max_length=100, default="", blank=True)
    db = models.CharField("database", max_length=100, default="", blank=True)
    vector_db = models.CharField("vector database", max_length=100, default="", blank=True)
    frontend = models.CharField(max_length=100, default="", blank=True)
    slots = models.JSONField("further slots", default=dict, blank=True)
    ci_profile = choice_field(CiProfile, CiProfile.NORMAL, "CI profile")
    budget_multiplier = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(Decimal(10))],
        help_text="Multiplies the budgets of phases planned on this stack; 1 leaves them as they are.",
    )
    notes = models.TextField(default="", blank=True)
    extra = models.JSONField(default=dict, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = StackProfileQuerySet.as_manager()
    history = curated_history()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "slug"], name="stackprofile_unique_slug"),
            pattern_constraint("stackprofile", "slug", NAME_PATTERN, SLUG_MESSAGE),
            choice_constraint("stackprofile", "ci_profile", CiProfile),
            models.CheckConstraint(
                name="stackprofile_budget_multiplier_range",
                condition=Q(budget_multiplier__gte=Decimal("0.1"), budget_multiplier__lte=Decimal(10)),
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class PreferredRepo(models.Model):
    """A repository that a stack prefers to take features from, best first.

    `repo` is null where the catalog does not know `repo_ref` (yet): kept, reported, and without effect.
    """

    stack = models.ForeignKey(StackProfile, on_delete=models.CASCADE, related_name="preferred_repos")
    repo_ref = models.CharField("repository id", max_length=100)
    repo = models.ForeignKey(
        SourceRepo, null=True, blank=True, on_delete=models.PROTECT, related_name="preferred_by"
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["stack", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["stack", "repo_ref"], name="preferredrepo_once"),
        ]

    def __str__(self) -> str:
        return self.repo_ref
