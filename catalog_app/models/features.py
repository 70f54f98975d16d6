"""Features, where their code comes from, and which of them go together."""

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from autopack.models.fields import (
    NAME_PATTERN,
    choice_constraint,
    choice_field,
    object_id_field,
    pattern_constraint,
)
from catalog_app.choices import Complexity, LicenseDecision, SourceStatus
from catalog_app.models.catalogs import SLUG_MESSAGE, FeatureCatalog, text_list
from catalog_app.models.history import curated_history
from catalog_app.models.repos import SourceRepo


class FeatureQuerySet(models.QuerySet["Feature"]):
    def active(self) -> "FeatureQuerySet":
        return self.filter(retired_at=None)

    def retired(self) -> "FeatureQuerySet":
        return self.filter(retired_at__isnull=False)


class Feature(models.Model):
    """Something an application can do, in one catalog.

    `requires` and `conflicts` are slugs of features of the same catalog; the services refuse others.
    `search_text` is what searches look through; `digest` covers the feature and all that is known of its
    sources. Both are kept by the services.
    """

    catalog = models.ForeignKey(FeatureCatalog, on_delete=models.PROTECT, related_name="features")
    slug = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    category = models.CharField(max_length=100, default="", blank=True)
    complexity = choice_field(Complexity, Complexity.MEDIUM)
    aliases = text_list(help_text="Other names that people use for it.")
    request_phrases = text_list(help_text="How people ask for it, in their own words.")
    requires = text_list(help_text="Slugs of features that it needs.")
    conflicts = text_list(help_text="Slugs of features that it cannot be combined with.")
    tags = text_list()
    compatible_stacks = text_list(help_text="Slugs of stack profiles. Empty: any.")
    notes = models.TextField(default="", blank=True)
    extra = models.JSONField(default=dict, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    search_text = models.TextField(default="", blank=True, editable=False)
    digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FeatureQuerySet.as_manager()
    history = curated_history()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "slug"], name="feature_unique_slug"),
            pattern_constraint("feature", "slug", NAME_PATTERN, SLUG_MESSAGE),
            choice_constraint("feature", "complexity", Complexity),
        ]
        indexes = [
            models.Index(fields=["catalog", "category", "slug"], name="feature_by_category"),
            GinIndex(fields=["compatible_stacks"], name="feature_by_stack"),
        ]

    def __str__(self) -> str:
        return self.slug


class FeatureSourceQuerySet(models.QuerySet["FeatureSource"]):
    def active(self) -> "FeatureSourceQuerySet":
        """Neither retired itself nor with its feature."""
        return self.filter(retired_at=None, feature__retired_at=None)

    def usable(self) -> "FeatureSourceQuerySet":
        """What a plan without anybody in the loop may reuse: verified, allowed, whitelisted."""
        return self.active().filter(
            status=SourceStatus.VERIFIED.value,
            license_decision=LicenseDecision.ALLOWED.value,
            repo__is_whitelisted=True,
        )


class FeatureSource(models.Model):
    """Where a feature's code is: paths of a repository (none: all of it) under a declared licence.

    `declared_text` is the licence as somebody wrote it, `declared_license` the SPDX expression that it
    means, empty while that is not settled. `detected_license` was found at the paths, `effective_license`
    also covers what is nested below them (`nested_licenses`: path to expression). The decision is about the
    effective licence, before a scan about the declared one.

    `quality_score` is measured, `judgement` is a curator's; both 0 to 1. `last_scan` is the last scan that
    came to a conclusion for the pin as it is: a failed one never replaces it.
    """

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="sources")
    repo = models.ForeignKey(SourceRepo, on_delete=models.PROTECT, related_name="sources")
    paths = text_list(help_text="Folders or files of the repository. Empty: all of it.")
    declared_text = models.CharField("declared licence", max_length=1000, default="", blank=True)
    declared_license = models.CharField(
        "SPDX expression", max_length=1000, default="", blank=True, editable=False
    )
    compatible_stacks = text_list(help_text="Slugs of stack profiles. Empty: any.")
    notes = models.TextField(default="", blank=True)
    extra = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    judgement = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text="A curator's own, 0 to 1. It stands beside the measured quality, never in place of it.",
    )
    judgement_note = models.TextField(default="", blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    status = choice_field(SourceStatus, SourceStatus.DECLARED)
    status_detail = models.TextField(default="", blank=True)
    pinned_commit = object_id_field()
    pinned_at = models.DateTimeField(null=True, blank=True)
    detected_license = models.CharField(max_length=1000, default="", blank=True)
    effective_license = models.CharField(max_length=4000, default="", blank=True)
    nested_licenses = models.JSONField(default=dict, blank=True)
    license_decision = choice_field(LicenseDecision, LicenseDecision.DENIED, "licence decision")
    license_rule = models.CharField(max_length=200, default="", blank=True)
    license_reason = models.TextField(default="", blank=True)
    quality_score = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    last_scan = models.ForeignKey(
        "SourceScan", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    unreachable_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FeatureSourceQuerySet.as_manager()
    history = curated_history()

    class Meta:
        verbose_name = "source"
        ordering = ["feature", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["feature", "repo", "paths"], name="featuresource_once"),
            choice_constraint("featuresource", "status", SourceStatus),
            choice_constraint("featuresource", "license_decision", LicenseDecision),
            models.CheckConstraint(
                name="featuresource_judgement_range",
                condition=Q(judgement=None) | Q(judgement__gte=0, judgement__lte=1),
                violation_error_message="A judgement is a number from 0 to 1.",
            ),
            models.CheckConstraint(
                name="featuresource_quality_range",
                condition=Q(quality_score=None) | Q(quality_score__gte=0, quality_score__lte=1),
            ),
            models.CheckConstraint(
                name="featuresource_verified_is_pinned",
                condition=~Q(status=SourceStatus.VERIFIED.value)
                | (~Q(pinned_commit="") & Q(verified_at__isnull=False, last_scan__isnull=False)),
            ),
            models.CheckConstraint(
                name="featuresource_pinned_commit_pattern",
                condition=Q(pinned_commit="") | Q(pinned_commit__regex=r"^([0-9a-f]{40}|[0-9a-f]{64})$"),
                violation_error_message="A pinned commit is a full object name: 40 or 64 hexadecimal digits.",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="featuresource_by_status"),
            models.Index(fields=["license_decision", "id"], name="featuresource_by_decision"),
            models.Index(F("verified_at").asc(nulls_last=True), "id", name="featuresource_by_verified_at"),
            GinIndex(fields=["compatible_stacks"], name="featuresource_by_stack"),
            models.Index(
                fields=["feature", "repo"],
                condition=Q(
                    status=SourceStatus.VERIFIED.value,
                    license_decision=LicenseDecision.ALLOWED.value,
                    retired_at=None,
                ),
                name="featuresource_maybe_usable",
            ),
            models.Index(
                fields=["feature", "status", "license_decision"],
                condition=Q(retired_at=None),
                name="featuresource_facets",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repo.repo_id}: {', '.join(self.paths) or 'all of it'}"

    @property
    def license_in_force(self) -> str:
        """The licence that counts: what was found, before a scan what is declared; empty for none."""
        return license_in_force(
            SourceStatus(self.status), declared=self.declared_license, effective=self.effective_license
        )

    @property
    def is_settled(self) -> bool:
        """Whether the declared licence means something definite."""
        return bool(self.declared_license)


def license_in_force(status: SourceStatus, *, declared: str, effective: str) -> str:
    """See `FeatureSource.license_in_force`."""
    return effective if status.is_judged_by_evidence else declared


class FeatureCombinationQuerySet(models.QuerySet["FeatureCombination"]):
    def active(self) -> "FeatureCombinationQuerySet":
        return self.filter(retired_at=None)


class FeatureCombination(models.Model):
    """Features that are often wanted together, under one name."""

    catalog = models.ForeignKey(FeatureCatalog, on_delete=models.PROTECT, related_name="combinations")
    slug = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    features = text_list(help_text="Slugs of features.")
    compatible_stacks = text_list(help_text="Slugs of stack profiles. Empty: any.")
    extra = models.JSONField(default=dict, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FeatureCombinationQuerySet.as_manager()
    history = curated_history()

    class Meta:
        verbose_name = "combination"
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(fields=["catalog", "slug"], name="featurecombination_unique_slug"),
            pattern_constraint("featurecombination", "slug", NAME_PATTERN, SLUG_MESSAGE),
        ]

    def __str__(self) -> str:
        return self.slug
