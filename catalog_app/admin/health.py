"""The health page: what wants a curator, each number a way to the rows behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog_app.choices import SourceStatus
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo
from catalog_app.selectors.catalogs import get_catalog, list_catalogs
from catalog_app.selectors.health import CatalogHealth, measure_health

_DOUBTFUL = frozenset({SourceStatus.STALE, SourceStatus.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Tile:
    """`mood` colours a number that is not 0: good, doubtful, bad or none."""

    label: str
    number: int
    url: str
    mood: str = ""

    @property
    def look(self) -> str:
        return f"is-{self.mood}" if self.mood and self.number else ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    tiles: tuple[Tile, ...]


def show_health(request: HttpRequest) -> HttpResponse:
    catalogs = list_catalogs()
    chosen = request.GET.get("catalog") or (catalogs[0].slug if catalogs else "")
    context = {**admin.site.each_context(request), "title": "Health of the catalog", "catalogs": catalogs}
    if chosen:
        catalog = get_catalog(chosen)
        health = measure_health(catalog)
        context |= {
            "catalog": catalog,
            "health": health,
            "groups": list(_groups(catalog, health)),
            "shared_repos": [
                (repo, _list(SourceRepo, q=repo.url_key.rpartition("/")[2])) for repo in health.shared_repos
            ],
        }
    return TemplateResponse(request, "admin/catalog_app/health.html", context)


def _groups(catalog: FeatureCatalog, health: CatalogHealth) -> Iterator[Group]:
    def features(**filters: str) -> str:
        return _list(Feature, catalog__id__exact=str(catalog.pk), **filters)

    def sources(**filters: str) -> str:
        return _list(FeatureSource, feature__catalog__id__exact=str(catalog.pk), **filters)

    yield Group(
        "Features",
        (
            Tile("Features", health.features, features()),
            Tile(
                "With a usable source",
                health.features - health.features_without_usable_source,
                features(usable="yes"),
                "good",
            ),
            Tile(
                "Without a usable source",
                health.features_without_usable_source,
                features(usable="no"),
                "doubtful",
            ),
            Tile("Without any source", health.features_without_source, features(status="none"), "bad"),
        ),
    )
    yield Group(
        "Sources by status",
        (
            Tile("Sources", health.sources, sources()),
            Tile("Usable", health.usable_sources, sources(usable="yes"), "good"),
            *(
                Tile(status.label, health.statuses[status], sources(status=status.value), _mood(status))
                for status in SourceStatus
            ),
            Tile("Not reached by the last scan", health.unreachable_now, sources(reachable="no"), "doubtful"),
        ),
    )
    yield Group(
        "Licences and trust",
        (
            *(
                Tile(f"Licence {decision.label.lower()}", count, sources(decision=decision.value), mood)
                for (decision, count), mood in zip(
                    health.decisions.items(), ("good", "doubtful", "bad"), strict=True
                )
            ),
            Tile("Licence text not settled", health.unsettled_licenses, sources(license="unsettled"), "bad"),
            Tile("No licence declared", health.undeclared_licenses, sources(license="missing"), "bad"),
            Tile("Repository not whitelisted", health.not_whitelisted, sources(whitelisted="no"), "doubtful"),
        ),
    )


def _mood(status: SourceStatus) -> str:
    if status is SourceStatus.VERIFIED:
        return "good"
    if status is SourceStatus.DECLARED:
        return ""
    return "doubtful" if status in _DOUBTFUL else "bad"


def _list(model: type[Model], **filters: str) -> str:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{url}?{urlencode(filters)}" if filters else url
