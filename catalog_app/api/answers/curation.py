"""Curation runs and candidates."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog_app.choices import LicenseDecision
from catalog_app.curation.drafts import proposal_as_json
from catalog_app.models import CurationCandidate, CurationRun
from catalog_app.presentation.candidates import CandidateRow
from catalog_app.selectors.curation import counts_of


class CandidateCountsAnswer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    undecided = serializers.IntegerField(help_text="Looked at, and waiting for a curator.")
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()


class CurationRunAnswer(serializers.ModelSerializer[CurationRun]):
    catalog = serializers.CharField(source="catalog.slug")
    counts = serializers.SerializerMethodField()

    class Meta:
        model = CurationRun
        fields = [
            "id",
            "catalog",
            "title",
            "origin",
            "state",
            "counts",
            "requested_by",
            "created_at",
            "finished_at",
            "cancelled_by",
            "cancel_reason",
        ]

    @extend_schema_field(CandidateCountsAnswer)
    def get_counts(self, run: CurationRun) -> Any:
        return CandidateCountsAnswer(counts_of(run)).data


class ProposalAnswer(serializers.Serializer[Any]):
    """What accepting it puts into the catalog."""

    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField()
    complexity = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    paths = serializers.ListField(child=serializers.CharField(), help_text="Empty: the whole repository.")
    license = serializers.CharField(help_text="To be declared; empty: none was found.")
    feature = serializers.CharField(
        help_text="The feature that it becomes a further source of; empty: a feature of its own."
    )


class DuplicateAnswer(serializers.Serializer[Any]):
    slug = serializers.CharField(help_text="Of a feature.")
    kind = serializers.ChoiceField(["same_repository", "same_name", "similar_name"])
    likeness = serializers.IntegerField(help_text="0 to 100.")
    reason = serializers.CharField()


class CandidateDecisionAnswer(serializers.Serializer[Any]):
    """What the catalog's policy says of the licence that was found."""

    decision = serializers.ChoiceField(LicenseDecision.pairs(), source="outcome")
    rule = serializers.CharField()
    reason = serializers.CharField()


class CurationCandidateAnswer(serializers.ModelSerializer[CurationCandidate]):
    """Takes the policy's `terms` from its context."""

    license = serializers.SerializerMethodField(help_text="Null until it was looked at.")
    proposal = serializers.SerializerMethodField(help_text="As it is edited. Null until it was looked at.")
    duplicates = DuplicateAnswer(many=True)
    quality_score = serializers.FloatField(allow_null=True)
    source_id = serializers.IntegerField(allow_null=True, help_text="What it became.")
    feature = serializers.CharField(
        source="source.feature.slug", default=None, allow_null=True, help_text="Of that source."
    )

    class Meta:
        model = CurationCandidate
        fields = [
            "id",
            "position",
            "url",
            "fetch_from",
            "state",
            "step",
            "progress_percent",
            "error_code",
            "detail",
            "facts",
            "commit",
            "last_commit_at",
            "detected_license",
            "effective_license",
            "license",
            "quality_score",
            "proposal",
            "duplicates",
            "decided_by",
            "decided_at",
            "decision_reason",
            "source_id",
            "feature",
        ]

    @extend_schema_field(CandidateDecisionAnswer(allow_null=True))
    def get_license(self, candidate: CurationCandidate) -> Any:
        row = CandidateRow(candidate, self.context["terms"])
        return CandidateDecisionAnswer(row.decision).data if row.is_looked_at else None

    @extend_schema_field(ProposalAnswer(allow_null=True))
    def get_proposal(self, candidate: CurationCandidate) -> Any:
        if not candidate.proposal:
            return None
        row = CandidateRow(candidate, self.context["terms"])
        return {**proposal_as_json(row.proposal), "feature": row.target}


class CurationCandidateDetail(CurationCandidateAnswer):
    """With the whole evidence: what was found where, what was measured, and how the score comes about."""

    run_id = serializers.IntegerField()

    class Meta(CurationCandidateAnswer.Meta):
        fields = ["run_id", *CurationCandidateAnswer.Meta.fields, "evidence", "measures", "quality"]


class DecidedAnswer(serializers.Serializer[Any]):
    run = CurationRunAnswer()
    decided = CurationCandidateAnswer(
        many=True, help_text="Without those that were decided so before, which stay as they are."
    )
