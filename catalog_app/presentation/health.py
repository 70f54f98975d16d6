"""The health of a catalog: every number with its colour and the list behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.browsing import Reuse
from catalog_app.selectors.health import CatalogHealth, DanglingReference
from catalog_app.selectors.source_lists import Concern


@dataclass(frozen=True, slots=True)
class Figure:
    """`colour` is that of the number while it is not 0."""

    label: str
    count: int
    url: str
    colour: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class FigureGroup:
    title: str
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Reference:
    """`url` leads to what holds the reference; empty for combinations, which have no page."""

    found: DanglingReference
    url: str


def describe_figures(catalog: FeatureCatalog, health: CatalogHealth) -> list[FigureGroup]:
    features = reverse("catalog:feature-list", args=[catalog.slug])
    sources = reverse("catalog:source-list", args=[catalog.slug])
    usable = health.features - health.features_without_usable_source
    concerns = {
        Concern.UNSETTLED: (health.unsettled_licenses, "orange"),
        Concern.UNDECLARED: (health.undeclared_licenses, "orange"),
        Concern.UNLISTED: (health.not_whitelisted, ""),
        Concern.UNREACHED: (health.unreachable_now, "orange"),
    }
    return [
        FigureGroup(
            "Features",
            [
                Figure("Features", health.features, features),
                Figure("With a usable source", usable, _with(features, reuse=Reuse.USABLE.value), "green"),
                Figure(
                    "Without a usable source",
                    health.features_without_usable_source,
                    _with(features, reuse=Reuse.UNUSABLE.value),
                    "yellow",
                ),
                Figure(
                    "Without any source",
                    health.features_without_source,
                    _with(features, reuse=Reuse.NO_SOURCE.value),
                    "orange",
                ),
            ],
        ),
        FigureGroup(
            "Sources by verification",
            [
                Figure(
                    status.words,
                    health.statuses[status],
                    _with(sources, status=status.value),
                    "" if status is SourceStatus.DECLARED else status.colour,
                    status.icon,
                )
                for status in SourceStatus
            ],
        ),
        FigureGroup(
            "Licences and trust",
            [
                *(
                    Figure(
                        f"Licence {decision.words_inside}",
                        health.decisions[decision],
                        _with(sources, decision=decision.value),
                        decision.colour,
                        decision.icon,
                    )
                    for decision in LicenseDecision
                ),
                *(
                    Figure(concern.label, count, _with(sources, concern=concern.value), colour)
                    for concern, (count, colour) in concerns.items()
                ),
            ],
        ),
    ]


def describe_references(catalog: FeatureCatalog, references: Iterable[DanglingReference]) -> list[Reference]:
    names = {"feature": "catalog:feature", "stack": "catalog:stack"}
    return [
        Reference(found, reverse(names[found.kind], args=[catalog.slug, found.slug]))
        if found.kind in names
        else Reference(found, "")
        for found in references
    ]


def _with(url: str, **query: str) -> str:
    return f"{url}?{urlencode(query)}"
