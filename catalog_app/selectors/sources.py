"""Sources and scans: one by its id, or the rows of a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.errors import ScanNotFound, SourceNotFound
from catalog_app.models import FeatureCatalog, FeatureSource, SourceScan


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """Which sources are wanted. Empty: any; several values of one kind: any of them. `stacks` takes what
    names one of them or none. None of `is_retired` takes both. `ids` None: any; empty: none."""

    ids: Sequence[int] | None = None
    words: str = ""
    features: Sequence[str] = ()
    repos: Sequence[str] = ()
    stacks: Sequence[str] = ()
    statuses: Sequence[SourceStatus] = ()
    decisions: Sequence[LicenseDecision] = ()
    is_usable: bool | None = None
    is_pinned: bool | None = None
    is_retired: bool | None = False
    updated_since: datetime | None = None


def with_usability(sources: QuerySet[FeatureSource]) -> QuerySet[FeatureSource]:
    """Each source with `is_usable`: what `FeatureSource.objects.usable()` would take."""
    return sources.annotate(is_usable=Exists(FeatureSource.objects.usable().filter(pk=OuterRef("pk"))))


def list_sources(catalog: FeatureCatalog, wanted: SourceFilter) -> QuerySet[FeatureSource]:
    """Sources of a catalog with feature, repository and `is_usable`."""
    sources = FeatureSource.objects.select_related("feature__catalog", "repo").filter(
        feature__catalog=catalog
    )
    return with_usability(filter_sources(sources, wanted))


def filter_sources(sources: QuerySet[FeatureSource], wanted: SourceFilter) -> QuerySet[FeatureSource]:
    if wanted.ids is not None:
        sources = sources.filter(pk__in=wanted.ids)
    for word in wanted.words.split():
        sources = sources.filter(
            Q(repo__repo_id__icontains=word)
            | Q(repo__url__icontains=word)
            | Q(declared_text__icontains=word)
            | Q(effective_license__icontains=word)
            | Q(feature__search_text__contains=word.lower())
        )
    if wanted.features:
        sources = sources.filter(feature__slug__in=wanted.features)
    if wanted.repos:
        sources = sources.filter(repo__repo_id__in=wanted.repos)
    if wanted.stacks:
        stacks = list(wanted.stacks)
        sources = sources.filter(
            Q(compatible_stacks=[]) | Q(compatible_stacks__overlap=stacks),
            Q(feature__compatible_stacks=[]) | Q(feature__compatible_stacks__overlap=stacks),
        )
    if wanted.statuses:
        sources = sources.filter(status__in=[status.value for status in wanted.statuses])
    if wanted.decisions:
        sources = sources.filter(license_decision__in=[decision.value for decision in wanted.decisions])
    if wanted.is_usable is not None:
        usable = FeatureSource.objects.usable().filter(pk=OuterRef("pk"))
        sources = sources.filter(Exists(usable) if wanted.is_usable else ~Exists(usable))
    if wanted.is_pinned is not None:
        sources = sources.exclude(pinned_commit="") if wanted.is_pinned else sources.filter(pinned_commit="")
    if wanted.is_retired is not None:
        active = Q(retired_at=None, feature__retired_at=None)
        sources = sources.filter(~active if wanted.is_retired else active)
    if wanted.updated_since is not None:
        sources = sources.filter(updated_at__gte=wanted.updated_since)
    return sources


def list_waiting_for_scan(catalog: FeatureCatalog, wanted: SourceFilter) -> QuerySet[FeatureSource]:
    """Those of a list that are not being scanned: never verified ones first, then by age.

    Raises SourceNotFound where the filter names ids that the catalog has not.
    """
    if wanted.ids:
        known = FeatureSource.objects.filter(feature__catalog=catalog, pk__in=wanted.ids)
        unknown = sorted({*wanted.ids} - {*known.values_list("pk", flat=True)})
        if unknown:
            listed = ", ".join(map(str, unknown[:10]))
            raise SourceNotFound(f"Catalog {catalog.slug} has no source {listed}.")
    scanned = SourceScan.objects.live().filter(source=OuterRef("pk"))
    sources = list_sources(catalog, wanted).filter(~Exists(scanned))
    return sources.order_by(F("verified_at").asc(nulls_first=True), "pk")


def get_source(source_id: int) -> FeatureSource:
    """The source with feature, catalog, repository, last good scan and `is_usable`. Raises SourceNotFound."""
    sources = FeatureSource.objects.select_related(
        "feature__catalog__license_policy", "repo", "last_scan"
    ).filter(pk=source_id)
    source = with_usability(sources).first()
    if source is None:
        raise SourceNotFound(f"There is no source {source_id}.")
    return source


def find_live_scan(source: FeatureSource) -> SourceScan | None:
    """The scan that waits or runs."""
    return SourceScan.objects.live().filter(source=source).first()


def find_live_scans(sources: Iterable[FeatureSource]) -> Mapping[int, SourceScan]:
    """The scans that wait or run, by the ids of their sources. One query."""
    live = SourceScan.objects.live().filter(source__in=[source.pk for source in sources])
    return {scan.source_id: scan for scan in live}


def read_last_scans(sources: Iterable[FeatureSource]) -> Mapping[int, SourceScan]:
    """The scans that the sources' evidence is from, by their own ids. One query."""
    return SourceScan.objects.in_bulk([s.last_scan_id for s in sources if s.last_scan_id is not None])


def list_scans(source: FeatureSource) -> QuerySet[SourceScan]:
    """A source's scans, newest first."""
    return SourceScan.objects.filter(source=source).order_by("-id")


def get_scan(scan_id: int) -> SourceScan:
    """The scan with its source and catalog. Raises ScanNotFound."""
    scans = SourceScan.objects.select_related("source__feature__catalog", "source__repo")
    scan = scans.filter(pk=scan_id).first()
    if scan is None:
        raise ScanNotFound(f"There is no scan {scan_id}.")
    return scan
