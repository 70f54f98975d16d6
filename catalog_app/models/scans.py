"""Scans: the evidence of one verification."""

from django.db import models
from django.db.models import Q

from autopack.models.fields import choice_constraint, choice_field, object_id_field
from catalog_app.choices import ScanState, SourceStatus
from catalog_app.models.features import FeatureSource


class SourceScanQuerySet(models.QuerySet["SourceScan"]):
    def live(self) -> "SourceScanQuerySet":
        return self.filter(state__in=[state.value for state in ScanState.live()])


class SourceScan(models.Model):
    """One verification of one source, from request to conclusion. A source has at most one live scan.

    `revision` is what was asked for (empty: the pin, or without one the head), `commit` what was inspected,
    `head_commit` where the upstream branch stood. `evidence`, `measures` and `quality` are what
    `catalog_app.verification` found, as plain JSON.
    """

    source = models.ForeignKey(FeatureSource, on_delete=models.PROTECT, related_name="scans")
    state = choice_field(ScanState, ScanState.QUEUED)
    requested_by = models.CharField(max_length=300)
    reason = models.TextField(default="", blank=True)
    fetch_from = models.CharField(max_length=2000, default="", blank=True)
    revision = models.CharField(max_length=255, default="", blank=True)
    is_repin = models.BooleanField(default=False)
    step = models.CharField(max_length=200, default="", blank=True)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    is_cancel_requested = models.BooleanField(default=False)
    times_started = models.PositiveIntegerField(default=0)

    commit = object_id_field()
    head_commit = object_id_field()
    outcome = models.CharField(max_length=40, choices=SourceStatus.pairs(), default="", blank=True)
    detail = models.TextField(default="", blank=True)
    error_code = models.CharField(max_length=60, default="", blank=True)
    detected_license = models.CharField(max_length=1000, default="", blank=True)
    effective_license = models.CharField(max_length=4000, default="", blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    measures = models.JSONField(default=dict, blank=True)
    quality_score = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    quality = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SourceScanQuerySet.as_manager()

    class Meta:
        verbose_name = "scan"
        ordering = ["-id"]
        constraints = [
            choice_constraint("sourcescan", "state", ScanState),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(state__in=[state.value for state in ScanState.live()]),
                name="sourcescan_one_live",
            ),
            models.CheckConstraint(
                name="sourcescan_outcome_known",
                condition=Q(outcome="") | Q(outcome__in=sorted(status.value for status in SourceStatus)),
            ),
            models.CheckConstraint(
                name="sourcescan_done_has_outcome",
                condition=~Q(state=ScanState.DONE.value) | (~Q(outcome="") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(name="sourcescan_progress_range", condition=Q(progress_percent__lte=100)),
        ]
        indexes = [models.Index(fields=["source", "-id"], name="sourcescan_by_source")]

    def __str__(self) -> str:
        return f"scan {self.pk} of source {self.source_id}"

    @property
    def is_live(self) -> bool:
        return ScanState(self.state).is_live
