"""Features, combinations and stack profiles."""

from rest_framework import serializers

from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.api.answers.sources import SourceAnswer, SourceBrief
from catalog_app.models import Feature, FeatureCombination, PreferredRepo, StackProfile


class FeatureFacts(serializers.ModelSerializer[Feature]):
    """What curators say of a feature."""

    phrases = serializers.ListField(
        source="request_phrases",
        child=serializers.CharField(),
        help_text="How people ask for it in their own words.",
    )

    class Meta:
        model = Feature
        fields = [
            "slug",
            "title",
            "description",
            "category",
            "complexity",
            "aliases",
            "phrases",
            "tags",
            "requires",
            "conflicts",
            "compatible_stacks",
            "notes",
            "digest",
            "retired_at",
            "updated_at",
        ]


class FeatureSummary(FeatureFacts):
    """A feature with its active sources, as lists show it."""

    sources = SourceBrief(many=True)

    class Meta(FeatureFacts.Meta):
        fields = [*FeatureFacts.Meta.fields, "sources"]


class FeatureDetail(FeatureFacts):
    """With all that is known of its sources, the retired ones too."""

    catalog = CatalogState()
    sources = SourceAnswer(many=True)
    combinations = serializers.SerializerMethodField(help_text="Slugs of those that it is part of.")

    class Meta(FeatureFacts.Meta):
        fields = ["catalog", *FeatureFacts.Meta.fields, "extra", "created_at", "combinations", "sources"]

    def get_combinations(self, _: Feature) -> list[str]:
        return [combination.slug for combination in self.context["combinations"]]


class CombinationAnswer(serializers.ModelSerializer[FeatureCombination]):
    class Meta:
        model = FeatureCombination
        fields = [
            "slug",
            "title",
            "description",
            "features",
            "compatible_stacks",
            "extra",
            "retired_at",
            "updated_at",
        ]


class CombinationDetail(CombinationAnswer):
    catalog = CatalogState()

    class Meta(CombinationAnswer.Meta):
        fields = ["catalog", *CombinationAnswer.Meta.fields]


class PreferredRepoAnswer(serializers.ModelSerializer[PreferredRepo]):
    id = serializers.CharField(source="repo_ref")
    is_known = serializers.SerializerMethodField(help_text="False: a reference that leads nowhere yet.")

    class Meta:
        model = PreferredRepo
        fields = ["id", "is_known"]

    def get_is_known(self, preferred: PreferredRepo) -> bool:
        return preferred.repo_id is not None


class StackAnswer(serializers.ModelSerializer[StackProfile]):
    budget_multiplier = serializers.FloatField()
    preferred_repos = PreferredRepoAnswer(many=True, help_text="Best first.")

    class Meta:
        model = StackProfile
        fields = [
            "slug",
            "title",
            "description",
            "project_types",
            "backend",
            "db",
            "vector_db",
            "frontend",
            "slots",
            "preferred_repos",
            "ci_profile",
            "budget_multiplier",
            "notes",
            "extra",
            "retired_at",
            "updated_at",
        ]


class StackDetail(StackAnswer):
    catalog = CatalogState()

    class Meta(StackAnswer.Meta):
        fields = ["catalog", *StackAnswer.Meta.fields]
