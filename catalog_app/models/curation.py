"""Curation runs: repositories that might become sources, and what a curator made of each."""

from django.db import models
from django.db.models import Q

from autopack.models.fields import choice_constraint, choice_field, object_id_field
from catalog_app.choices import CandidateState, CurationOrigin, CurationState
from catalog_app.models.catalogs import FeatureCatalog
from catalog_app.models.features import FeatureSource

MOST_STARTS = 5
"""How often a repository may take its worker down with it."""


class CurationRun(models.Model):
    """A list of repositories, looked at by the worker and then decided by a curator."""

    catalog = models.ForeignKey(FeatureCatalog, on_delete=models.PROTECT, related_name="curation_runs")
    title = models.CharField(max_length=200)
    origin = choice_field(CurationOrigin, CurationOrigin.LIST)
    state = choice_field(CurationState, CurationState.SCANNING)
    requested_by = models.CharField(max_length=300)
    cancelled_by = models.CharField(max_length=300, default="", blank=True)
    cancel_reason = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            choice_constraint("curationrun", "origin", CurationOrigin),
            choice_constraint("curationrun", "state", CurationState),
        ]

    def __str__(self) -> str:
        return self.title


class CurationCandidateQuerySet(models.QuerySet["CurationCandidate"]):
    def live(self) -> "CurationCandidateQuerySet":
        return self.filter(state__in=[state.value for state in CandidateState.live()])

    def decidable(self) -> "CurationCandidateQuerySet":
        return self.filter(state__in=[state.value for state in CandidateState.decidable()])


class CurationCandidate(models.Model):
    """One repository of a curation run.

    `times_started` is how often a worker began to look at it; what it writes names which time that was, so
    that one that was given up for dead changes nothing. Nobody begins more often than `give_up_after`.

    `facts` came with the list (stars, description, topics), `proposal` is what accepting it would put into
    the catalog: `slug`, `title`, `description`, `category`, `complexity`, `aliases`, `paths`, `license`.
    `edits` is what a curator says otherwise. `duplicates` lists features that it resembles, with the reason.
    `source` is what it became.
    """

    run = models.ForeignKey(CurationRun, on_delete=models.CASCADE, related_name="candidates")
    position = models.PositiveIntegerField()
    url = models.CharField("URL", max_length=2000)
    url_key = models.CharField(max_length=2000, default="", blank=True)
    fetch_from = models.CharField(max_length=2000, default="", blank=True)
    state = choice_field(CandidateState, CandidateState.QUEUED)
    step = models.CharField(max_length=200, default="", blank=True)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    times_started = models.PositiveIntegerField(default=0)
    give_up_after = models.PositiveIntegerField(default=MOST_STARTS)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, default="", blank=True)
    detail = models.TextField(default="", blank=True)

    facts = models.JSONField(default=dict, blank=True)
    proposal = models.JSONField(default=dict, blank=True)
    edits = models.JSONField(default=dict, blank=True)
    duplicates = models.JSONField(default=list, blank=True)
    commit = object_id_field()
    last_commit_at = models.DateTimeField(null=True, blank=True)
    detected_license = models.CharField(max_length=1000, default="", blank=True)
    effective_license = models.CharField(max_length=4000, default="", blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    measures = models.JSONField(default=dict, blank=True)
    quality_score = models.DecimalField(max_digits=3, decimal_places=2, null=True, blank=True)
    quality = models.JSONField(default=dict, blank=True)

    decided_by = models.CharField(max_length=300, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(default="", blank=True)
    source = models.ForeignKey(
        FeatureSource, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates"
    )

    objects = CurationCandidateQuerySet.as_manager()

    class Meta:
        ordering = ["run", "position"]
        indexes = [models.Index(fields=["state", "id"], name="curationcandidate_by_state")]
        constraints = [
            choice_constraint("curationcandidate", "state", CandidateState),
            models.UniqueConstraint(fields=["run", "position"], name="curationcandidate_position"),
            models.UniqueConstraint(
                fields=["run", "url_key"], condition=~Q(url_key=""), name="curationcandidate_once"
            ),
            models.CheckConstraint(
                name="curationcandidate_accepted_has_source",
                condition=~Q(state=CandidateState.ACCEPTED.value) | Q(source__isnull=False),
            ),
            models.CheckConstraint(
                name="curationcandidate_decision_has_author",
                condition=~Q(state__in=[CandidateState.ACCEPTED.value, CandidateState.REJECTED.value])
                | (~Q(decided_by="") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.url
