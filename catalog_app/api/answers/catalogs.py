"""Catalogs and licence policies."""

from typing import Any

from rest_framework import serializers

from catalog_app.models import FeatureCatalog, LicensePolicy


class CatalogState(serializers.ModelSerializer[FeatureCatalog]):
    """Which state of which catalog an answer was made from."""

    class Meta:
        model = FeatureCatalog
        fields = ["slug", "version", "digest"]
        extra_kwargs = {
            "version": {"help_text": "Goes up with every change that a plan could see."},
            "digest": {"help_text": "SHA-256 of all that a plan could see."},
        }


class CatalogAnswer(serializers.ModelSerializer[FeatureCatalog]):
    license_policy = serializers.CharField(source="license_policy.slug")

    class Meta:
        model = FeatureCatalog
        fields = [
            "slug",
            "title",
            "description",
            "version",
            "digest",
            "license_policy",
            "quality_thresholds",
            "license_compatibility",
            "project_type_mapping",
            "extra",
            "created_at",
            "updated_at",
        ]


class CatalogList(serializers.Serializer[Any]):
    results = CatalogAnswer(many=True)


class PolicyAnswer(serializers.ModelSerializer[LicensePolicy]):
    """Terms are SPDX expressions, patterns such as `GPL-*`, or categories such as `category:permissive`."""

    project_id = serializers.CharField(source="project.project_id", default=None, allow_null=True)

    class Meta:
        model = LicensePolicy
        fields = [
            "slug",
            "title",
            "project_id",
            "allowed",
            "review",
            "denied",
            "allowed_as_dependency",
            "own_repositories",
            "notes",
            "created_at",
            "updated_at",
        ]


class PolicyList(serializers.Serializer[Any]):
    results = PolicyAnswer(many=True)
