"""The list of features: its rows, its facets, and the addresses that lead from one choice to another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from catalog_app.choices import CatalogChoice, LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureSource
from catalog_app.presentation.usability import Usability, judge_feature
from catalog_app.selectors.browsing import Facets, FeatureFilter, FeatureOrder, Reuse

SHORT_FACET = 8
"""Values of a facet that are shown before the rest unfolds."""


@dataclass(frozen=True, slots=True)
class StatusCount:
    status: SourceStatus
    count: int


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """`decision` is the mildest that any of its sources has; None without sources."""

    feature: Feature
    usability: Usability
    source_count: int
    decision: LicenseDecision | None
    statuses: Sequence[StatusCount]
    quality: Decimal | None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`query` leads to the list with the value chosen, or no longer chosen."""

    label: str
    count: int
    is_chosen: bool
    query: str
    choice: CatalogChoice | None = None


@dataclass(frozen=True, slots=True)
class OrderOption:
    """`value` is empty for the order that applies when none is asked for."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    name: str
    title: str
    values: Sequence[FacetValue]

    @property
    def shown(self) -> Sequence[FacetValue]:
        """The first ones, and whichever is chosen."""
        return [v for index, v in enumerate(self.values) if index < SHORT_FACET or v.is_chosen]

    @property
    def folded(self) -> Sequence[FacetValue]:
        return [v for index, v in enumerate(self.values) if index >= SHORT_FACET and not v.is_chosen]


def describe_rows(features: Iterable[Feature]) -> list[FeatureRow]:
    """Features with their `shown_sources`."""
    return [_describe_row(feature, feature.shown_sources) for feature in features]  # type: ignore[attr-defined]  # prefetched to this name


def _describe_row(feature: Feature, sources: Sequence[FeatureSource]) -> FeatureRow:
    decisions = [LicenseDecision(source.license_decision) for source in sources]
    statuses = [SourceStatus(source.status) for source in sources]
    scores = [source.quality_score for source in sources if source.quality_score is not None]
    return FeatureRow(
        feature=feature,
        usability=judge_feature(feature, sources),
        source_count=len(sources),
        decision=LicenseDecision.mildest(*decisions) if decisions else None,
        statuses=[StatusCount(s, statuses.count(s)) for s in _STATUS_ORDER if s in statuses],
        quality=max(scores, default=None),
    )


_STATUS_ORDER = (
    SourceStatus.VERIFIED,
    SourceStatus.STALE,
    SourceStatus.DECLARED,
    SourceStatus.MISMATCH,
    SourceStatus.UNKNOWN_LICENSE,
    SourceStatus.PATH_MISSING,
    SourceStatus.UNREACHABLE,
)
"""The most useful first."""


def build_query(chosen: FeatureFilter, **changes: Any) -> str:
    """The query string of a filter, without its defaults: `?q=login&status=verified`, or `?`.

    Any: the fields of a filter, and `page`.
    """
    page = changes.pop("page", None)
    wanted = replace(chosen, **changes)
    pairs: list[tuple[str, str]] = [("q", wanted.text)]
    pairs += [("category", category) for category in wanted.categories]
    pairs.append(("stack", wanted.stack))
    pairs += [("decision", decision.value) for decision in wanted.decisions]
    pairs += [("status", status.value) for status in wanted.statuses]
    pairs.append(("reuse", wanted.reuse.value if wanted.reuse else ""))
    pairs.append(("retired", "1" if wanted.is_with_retired else ""))
    pairs.append(("sort", wanted.order.value if wanted.order else ""))
    pairs.append(("page", str(page) if page and page > 1 else ""))
    return "?" + urlencode([(name, value) for name, value in pairs if value])


def describe_orders(chosen: FeatureFilter) -> list[OrderOption]:
    natural = FeatureOrder.RELEVANCE if chosen.words else FeatureOrder.TITLE
    return [
        OrderOption("" if order is natural else order.value, order.label, order is chosen.effective_order)
        for order in FeatureOrder
        if order is not FeatureOrder.RELEVANCE or chosen.words
    ]


def describe_facets(chosen: FeatureFilter, facets: Facets, *, stacks: Mapping[str, str]) -> list[FacetGroup]:
    """`stacks` are slugs and titles. What nothing is found for is left out, unless it is chosen."""
    groups = [
        FacetGroup("reuse", "Reuse", _reuse_values(chosen, facets.reuse)),
        FacetGroup("category", "Category", _category_values(chosen, facets.categories)),
        FacetGroup("stack", "Stack", _stack_values(chosen, facets.stacks, stacks)),
        FacetGroup(
            "decision",
            "Licence decision",
            [
                FacetValue(
                    decision.words,
                    facets.decisions.get(decision, 0),
                    decision in chosen.decisions,
                    build_query(chosen, decisions=_toggle(chosen.decisions, decision)),
                    decision,
                )
                for decision in LicenseDecision
            ],
        ),
        FacetGroup(
            "status",
            "Verification",
            [
                FacetValue(
                    status.words,
                    facets.statuses.get(status, 0),
                    status in chosen.statuses,
                    build_query(chosen, statuses=_toggle(chosen.statuses, status)),
                    status,
                )
                for status in _STATUS_ORDER
            ],
        ),
    ]
    found = [
        replace(group, values=[value for value in group.values if value.count or value.is_chosen])
        for group in groups
    ]
    return [group for group in found if group.values]


def _reuse_values(chosen: FeatureFilter, counts: Mapping[Reuse, int]) -> list[FacetValue]:
    return [
        FacetValue(
            reuse.words,
            counts.get(reuse, 0),
            chosen.reuse is reuse,
            build_query(chosen, reuse=None if chosen.reuse is reuse else reuse),
        )
        for reuse in Reuse
    ]


def _category_values(chosen: FeatureFilter, counts: Mapping[str, int]) -> list[FacetValue]:
    """The largest first; those that were chosen, also without any."""
    counts = {**dict.fromkeys(chosen.categories, 0), **counts}
    return [
        FacetValue(
            category,
            count,
            category in chosen.categories,
            build_query(chosen, categories=_toggle(chosen.categories, category)),
        )
        for category, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if category
    ]


def _stack_values(
    chosen: FeatureFilter, counts: Mapping[str, int], titles: Mapping[str, str]
) -> list[FacetValue]:
    """By title; the one that was chosen, also if there is no such stack."""
    slugs = dict.fromkeys([*counts, chosen.stack] if chosen.stack else counts)
    return [
        FacetValue(
            titles.get(slug, slug),
            counts.get(slug, 0),
            slug == chosen.stack,
            build_query(chosen, stack="" if slug == chosen.stack else slug),
        )
        for slug in sorted(slugs, key=lambda slug: titles.get(slug, slug).lower())
    ]


def _toggle(values: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    """Any: the values of whichever facet."""
    return tuple(v for v in values if v != value) if value in values else (*values, value)
