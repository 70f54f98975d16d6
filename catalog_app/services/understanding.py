"""What changes in words mean for a certain plan: by its own names, or by what lookup knows."""

from collections.abc import Collection

from catalog_app.briefing.deltas import Delta
from catalog_app.choices import LookupBand
from catalog_app.models import FeatureCatalog
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.said_changes import SaidChanges, find_unnamed, settle_delta
from catalog_app.planning.snapshot import Resolution
from catalog_app.planning.types import PlannedFeature
from catalog_app.selectors.resolving import resolve


def understand_delta(
    delta: Delta, request: PlanRequest, features: Collection[PlannedFeature], *, catalog: FeatureCatalog
) -> SaidChanges:
    """`features` are those of the plan that the request was. Nothing is written."""
    unnamed = find_unnamed(delta, request, features)
    slugs = {feature.slug for feature in features if feature.slug}
    found = resolve(catalog, PlanRequest(vetoes=unnamed)).resolutions if unnamed and slugs else {}
    meant = {key: _offered(resolution, slugs) for key, resolution in found.items()}
    return settle_delta(delta, request, features, meant)


def _offered(resolution: Resolution, slugs: Collection[str]) -> list[str]:
    """Which of the plan's features lookup takes it for. Its best match alone, where it is sure of it."""
    most = {LookupBand.MATCH: 1, LookupBand.NONE: 0}.get(resolution.band)
    return [match.slug for match in resolution.matches[:most] if match.slug in slugs]
