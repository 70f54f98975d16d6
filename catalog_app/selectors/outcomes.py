"""How often a feature was reused, and with what success."""

from dataclasses import dataclass

from django.db.models import Count, Q

from catalog_app.models import Feature, ReuseOutcome


@dataclass(frozen=True, slots=True)
class ReuseCount:
    tried: int = 0
    completed: int = 0


def count_reuse(feature: Feature) -> ReuseCount:
    """Over all sources of the feature, those that are gone too. One query."""
    found = ReuseOutcome.objects.filter(
        catalog_slug=feature.catalog.slug, feature_slug=feature.slug
    ).aggregate(tried=Count("id"), completed=Count("id", filter=Q(is_completed=True)))
    return ReuseCount(found["tried"], found["completed"])
