"""Catalogs and the licence policies that they decide by."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from autopack.models import Project
from autopack.models.fields import NAME_PATTERN, choice_constraint, choice_field, pattern_constraint
from catalog_app.choices import LicenseDecision
from catalog_app.models.history import curated_history

SLUG_MESSAGE = "Use 1 to 100 letters, digits, dots, underscores and hyphens, with a letter or digit first."
DEFAULT_CATALOG = "main"
DEFAULT_POLICY = "default"


def text_list(help_text: str = "") -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.TextField(), default=list, blank=True, help_text=help_text)


class LicensePolicy(models.Model):
    """Which licences may be reused. Terms are SPDX expressions, patterns (`GPL-*`) or categories
    (`category:permissive`), as `catalog_app.licensing` reads them.

    What a policy does not name, an unknown licence and no licence are denied.
    """

    slug = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    project = models.OneToOneField(
        Project,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="license_policy",
        help_text="Empty: a policy for catalogs. With a project, plans for it are judged by this one.",
    )
    allowed = text_list(help_text="May be reused unattended.")
    review = text_list(help_text="A curator decides; never reused unattended.")
    denied = text_list(help_text="Never reused.")
    allowed_as_dependency = text_list(
        help_text="May be installed as a dependency, although copying needs review or is denied."
    )
    own_repositories = choice_field(LicenseDecision, LicenseDecision.ALLOWED)
    notes = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = curated_history()

    class Meta:
        verbose_name_plural = "licence policies"
        verbose_name = "licence policy"
        ordering = ["slug"]
        constraints = [
            pattern_constraint("licensepolicy", "slug", NAME_PATTERN, SLUG_MESSAGE),
            choice_constraint("licensepolicy", "own_repositories", LicenseDecision),
        ]

    def __str__(self) -> str:
        return self.slug


class FeatureCatalog(models.Model):
    """A named, curated collection. `version` and `digest` move with every change of what it says or of what
    is known of its sources, so that a plan can name the state that it was made from.

    `quality_thresholds` has `minimum` and `preferred`, both 0 to 1. `extra` keeps keys of imported files
    that Autopack does not know.
    """

    slug = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    license_policy = models.ForeignKey(LicensePolicy, on_delete=models.PROTECT, related_name="catalogs")
    quality_thresholds = models.JSONField(default=dict, blank=True)
    license_compatibility = models.JSONField(default=dict, blank=True)
    project_type_mapping = models.JSONField(default=dict, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    version = models.PositiveBigIntegerField(default=0, editable=False)
    digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = curated_history()

    class Meta:
        verbose_name = "catalog"
        ordering = ["slug"]
        constraints = [
            pattern_constraint("featurecatalog", "slug", NAME_PATTERN, SLUG_MESSAGE),
            models.CheckConstraint(
                name="featurecatalog_digest_pattern",
                condition=Q(digest="") | Q(digest__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.slug
