"""The list of sources as a page: what SourceFilter asks, and what wants a curator."""

from django.db.models import Q

from catalog_app.choices import CatalogChoice
from catalog_app.models import FeatureCatalog, FeatureSource
from catalog_app.selectors.numbered import NumberedPage, turn_to
from catalog_app.selectors.sources import SourceFilter, list_sources


class Concern(CatalogChoice):
    """What a status does not say of a source."""

    UNSETTLED = "unsettled"
    UNDECLARED = "undeclared"
    UNLISTED = "unlisted"
    UNREACHED = "unreached"

    @property
    def label(self) -> str:
        return _LABELS[self.value]

    @property
    def condition(self) -> Q:
        return _CONDITIONS[self.value]


_LABELS = {
    "unsettled": "Licence not settled",
    "undeclared": "No licence declared",
    "unlisted": "Repository not whitelisted",
    "unreached": "Not reached by the last scan",
}
_CONDITIONS = {
    "unsettled": Q(declared_license="") & ~Q(declared_text=""),
    "undeclared": Q(declared_license="", declared_text=""),
    "unlisted": Q(repo__is_whitelisted=False),
    "unreached": Q(unreachable_since__isnull=False),
}


def list_sources_page(
    catalog: FeatureCatalog, wanted: SourceFilter, *, concern: Concern | None, number: int
) -> NumberedPage[FeatureSource]:
    """By repository, then feature, with both and `is_usable`. Two queries."""
    sources = list_sources(catalog, wanted)
    if concern is not None:
        sources = sources.filter(concern.condition)
    ordered = sources.order_by("repo__repo_id", "feature__slug", "pk")
    return turn_to(ordered, number=number, total=sources.count())
