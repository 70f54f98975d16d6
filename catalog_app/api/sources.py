"""Sources and their scans."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import NewestFirst
from catalog_app.api.answers import sources as answers
from catalog_app.api.base import CatalogEndpoint, CatalogListing, CatalogPages
from catalog_app.api.parameters import (
    DECISION,
    IS_RETIRED,
    REPO,
    STATUS,
    UPDATED_SINCE,
    Q,
    Query,
    described_flag,
    described_texts,
)
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.api.tags import make_tag, own_part, progress_of, state_of
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.sources import (
    SourceFilter,
    find_live_scan,
    get_scan,
    get_source,
    list_scans,
    list_sources,
)
from catalog_app.selectors.stacks import list_stack_slugs

STACK = described_texts("stack", "Made for one of these stack profiles, or for any.")
USABLE = described_flag("usable", "Whether a plan may take from it unattended.")


class NewestScans(CatalogPages):
    ordering = NewestFirst.ordering


class ListSources(CatalogListing):
    @described_read(
        answers.SourceAnswer(many=True),
        tag="catalog: sources",
        parameters=[
            CATALOG,
            Q,
            described_texts("feature", "Of one of these features."),
            REPO,
            STACK,
            STATUS,
            DECISION,
            USABLE,
            described_flag("pinned", "Whether it is pinned to a commit."),
            IS_RETIRED,
            UPDATED_SINCE,
        ],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Sources with what is declared, found and decided, oldest first, paged by cursor."""
        catalog = self.catalog()
        wanted = read_source_filter(request, catalog)
        return self.answer_catalog_page(catalog, lambda: list_sources(catalog, wanted), answers.SourceAnswer)


class GetSource(CatalogEndpoint):
    @described_read(answers.SourceDetail, tag="catalog: sources")
    def get(self, request: Request, source_id: int) -> HttpResponseBase:
        """One source with the parts of its quality, and the scan that waits or runs."""
        source = get_source(source_id)
        live = find_live_scan(source)
        tag = make_tag(request, own_part(source), state_of(source.feature.catalog), progress_of(live))
        return self.answer_unless_known(
            tag, lambda: Response(answers.SourceDetail(source, context={"live_scan": live}).data)
        )


class ListScans(CatalogListing):
    pagination_class = NewestScans

    @described_read(answers.ScanAnswer(many=True), tag="catalog: sources")
    def get(self, request: Request, source_id: int) -> HttpResponseBase:  # noqa: ARG002
        """What was found at each look, newest first, paged by cursor."""
        source = get_source(source_id)
        scans = list_scans(source)
        return self.answer_catalog_page(
            source.feature.catalog, lambda: scans, answers.ScanAnswer, shows=progress_of(scans.first())
        )


class GetScan(CatalogEndpoint):
    @described_read(answers.ScanDetail, tag="catalog: sources")
    def get(self, request: Request, scan_id: int) -> HttpResponseBase:
        """One scan: its progress, and with its end the whole evidence."""
        scan = get_scan(scan_id)
        tag = make_tag(request, own_part(scan), state_of(scan.source.feature.catalog))
        return self.answer_unless_known(tag, lambda: Response(answers.ScanDetail(scan).data))


def read_source_filter(request: Request, catalog: FeatureCatalog) -> SourceFilter:
    """Raises Refused for values that do not exist."""
    query = Query(request)
    wanted = SourceFilter(
        words=query.text("q"),
        features=query.texts("feature"),
        repos=query.texts("repo"),
        stacks=read_stacks(query, catalog),
        statuses=query.choices("status", SourceStatus),
        decisions=query.choices("license_decision", LicenseDecision),
        is_usable=query.flag("usable"),
        is_pinned=query.flag("pinned"),
        is_retired=query.retired(),
        updated_since=query.moment("updated_since"),
    )
    query.check()
    return wanted


def read_stacks(query: Query, catalog: FeatureCatalog) -> tuple[str, ...]:
    """Slugs of stack profiles that the catalog has."""
    return query.known("stack", list_stack_slugs(catalog)) if query.texts("stack") else ()
