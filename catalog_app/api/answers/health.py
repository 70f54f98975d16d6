"""What of a catalog wants a curator."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.selectors.health import MOST_SHOWN, CatalogHealth


class StatusCounts(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {status.value: serializers.IntegerField() for status in SourceStatus}


class DecisionCounts(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {decision.value: serializers.IntegerField() for decision in LicenseDecision}


class DanglingAnswer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    slug = serializers.CharField()
    field = serializers.CharField()
    target = serializers.CharField(help_text="What is named there and does not exist.")


class SharedNameAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    slugs = serializers.ListField(child=serializers.CharField())
    count = serializers.IntegerField()


class SharedRepoAnswer(serializers.Serializer[Any]):
    url_key = serializers.CharField(help_text="The address in its comparable form.")
    repo_ids = serializers.ListField(child=serializers.CharField())


class HealthAnswer(serializers.Serializer[CatalogHealth]):
    """Of what is active. Lists have the first of each kind, counts are of all."""

    catalog = serializers.SerializerMethodField()
    features = serializers.IntegerField()
    features_without_source = serializers.IntegerField()
    features_without_usable_source = serializers.IntegerField()
    sources = serializers.IntegerField()
    usable_sources = serializers.IntegerField()
    statuses = StatusCounts()
    decisions = DecisionCounts()
    unsettled_licenses = serializers.IntegerField(help_text="Something is declared, but not as SPDX.")
    undeclared_licenses = serializers.IntegerField()
    unreachable_now = serializers.IntegerField(help_text="Not reached at the last look.")
    not_whitelisted = serializers.IntegerField()
    dangling_count = serializers.IntegerField()
    dangling = DanglingAnswer(many=True, help_text=f"At most {MOST_SHOWN}.")
    shared_names_count = serializers.IntegerField()
    shared_names = SharedNameAnswer(many=True, help_text="Names that more than one feature has.")
    shared_repos_count = serializers.IntegerField()
    shared_repos = SharedRepoAnswer(many=True, help_text="Addresses with more than one repository id.")

    @extend_schema_field(CatalogState)
    def get_catalog(self, _: CatalogHealth) -> Any:
        return CatalogState(self.context["catalog"]).data
