"""Filters of the lists. None of them offers thousands of choices: what there may be many of is searched."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureSource, StackProfile

Choices = Iterable[tuple[str, str]]


class CatalogFilter(DropdownFilter):  # type: ignore[misc]  # Unfold has no types
    """A dropdown over `list_choices`; `narrow` applies the chosen value."""

    def list_choices(self) -> Choices:
        raise NotImplementedError

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return list(self.list_choices())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = self.value()
        known = {value for value, _ in self.lookup_choices}
        return self.narrow(queryset, chosen) if chosen in known else queryset


class YesNoFilter(CatalogFilter):
    def list_choices(self) -> Choices:
        return [("yes", "Yes"), ("no", "No")]


class RetiredFilter(CatalogFilter):
    """What is retired is out of the way unless it is asked for."""

    title = "retired"
    parameter_name = "retired"
    all_option = None

    def list_choices(self) -> Choices:
        return [("", "Active"), ("yes", "Retired"), ("all", "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() == "all":
            return queryset
        return queryset.filter(retired_at__isnull=self.value() != "yes")


class SourceRetiredFilter(RetiredFilter):
    """A source is out with its feature."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() == "all":
            return queryset
        is_active = Q(retired_at=None, feature__retired_at=None)
        return queryset.exclude(is_active) if self.value() == "yes" else queryset.filter(is_active)


class CategoryFilter(CatalogFilter):
    title = "category"
    parameter_name = "category"

    def list_choices(self) -> Choices:
        names = Feature.objects.exclude(category="").order_by("category").values_list("category", flat=True)
        return [(name, name) for name in names.distinct()]

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(category=value)


class StackFilter(CatalogFilter):
    """Rows that name the stack. A row that names none fits any; it is not listed here."""

    title = "stack"
    parameter_name = "stack"

    def list_choices(self) -> Choices:
        slugs = StackProfile.objects.active().order_by("slug").values_list("slug", flat=True)
        return [(slug, slug) for slug in slugs.distinct()]

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(compatible_stacks__contains=[value])


class StatusFilter(CatalogFilter):
    title = "status"
    parameter_name = "status"

    def list_choices(self) -> Choices:
        return SourceStatus.pairs()

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(status=value)


class DecisionFilter(CatalogFilter):
    title = "licence decision"
    parameter_name = "decision"

    def list_choices(self) -> Choices:
        return LicenseDecision.pairs()

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(license_decision=value)


class StalenessFilter(CatalogFilter):
    """By the last time a scan verified the source."""

    title = "last verified"
    parameter_name = "verified"

    def list_choices(self) -> Choices:
        return [
            ("month", "Within a month"),
            ("half-year", "One to six months ago"),
            ("older", "More than six months ago"),
            ("never", "Never"),
        ]

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        now = timezone.now()
        month, half_year = now - timedelta(days=30), now - timedelta(days=182)
        match value:
            case "month":
                return rows.filter(verified_at__gte=month)
            case "half-year":
                return rows.filter(verified_at__lt=month, verified_at__gte=half_year)
            case "older":
                return rows.filter(verified_at__lt=half_year)
            case _:
                return rows.filter(verified_at=None)


class WhitelistedFilter(YesNoFilter):
    title = "whitelisted"
    parameter_name = "whitelisted"

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(repo__is_whitelisted=value == "yes")


class SettledFilter(CatalogFilter):
    """Whether the licence as it was written means something definite."""

    title = "licence text"
    parameter_name = "license"

    def list_choices(self) -> Choices:
        return [("settled", "Settled"), ("unsettled", "Not settled"), ("missing", "Not declared")]

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        match value:
            case "settled":
                return rows.exclude(declared_license="")
            case "unsettled":
                return rows.filter(declared_license="").exclude(declared_text="")
            case _:
                return rows.filter(declared_license="", declared_text="")


class ReachableFilter(YesNoFilter):
    title = "reachable"
    parameter_name = "reachable"

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(unreachable_since__isnull=value == "yes")


class UsableFilter(YesNoFilter):
    """For sources themselves."""

    title = "usable"
    parameter_name = "usable"

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        usable = FeatureSource.objects.usable()
        return rows.filter(pk__in=usable) if value == "yes" else rows.exclude(pk__in=usable.values("pk"))


class OfSources:
    """Makes a filter of sources one of features: those with an active source that it leaves."""

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        sources = FeatureSource.objects.filter(feature=OuterRef("pk"), retired_at=None)
        return rows.filter(Exists(super().narrow(sources, value)))  # type: ignore[misc]  # the filter beside it


class FeatureStatusFilter(OfSources, StatusFilter):
    title = "source status"

    def list_choices(self) -> Choices:
        return [*super().list_choices(), ("none", "No source at all")]

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "none":
            return rows.filter(~Exists(FeatureSource.objects.filter(feature=OuterRef("pk"), retired_at=None)))
        return super().narrow(rows, value)


class FeatureDecisionFilter(OfSources, DecisionFilter):
    pass


class FeatureStalenessFilter(OfSources, StalenessFilter):
    pass


class FeatureWhitelistedFilter(OfSources, WhitelistedFilter):
    title = "whitelisted source"


class HasUsableSourceFilter(YesNoFilter):
    title = "usable source"
    parameter_name = "usable"

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        usable = Exists(FeatureSource.objects.usable().filter(feature=OuterRef("pk")))
        return rows.filter(usable) if value == "yes" else rows.filter(~usable)
