"""The list of features: what to look for, one page of it, and how many there are of each kind.

A feature is found when one of its sources meets everything that was asked of sources at the same time. Each
list costs the same number of queries however large the catalog is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

from catalog_app.choices import CatalogChoice, Complexity, LicenseDecision, SourceStatus
from catalog_app.models import Feature, FeatureCatalog, FeatureSource
from catalog_app.models.features import FeatureQuerySet, FeatureSourceQuerySet
from catalog_app.selectors.numbered import NumberedPage, turn_to

MOST_WORDS = 8

_STACKS: "ArrayField[list[str], list[str]]" = ArrayField(TextField())
Counts = QuerySet[Any, tuple[str, str, list[str], int]]


class Reuse(CatalogChoice):
    """Whether a plan without anybody in the loop may take the feature from somewhere."""

    USABLE = "usable"
    UNUSABLE = "unusable"
    NO_SOURCE = "no-source"

    @property
    def label(self) -> str:
        return {Reuse.UNUSABLE: "Not usable yet", Reuse.NO_SOURCE: "Without any source"}.get(
            self, super().label
        )


class FeatureOrder(CatalogChoice):
    """`relevance` is for searches; without words it is `title`."""

    RELEVANCE = "relevance"
    TITLE = "title"
    QUALITY = "quality"
    CHANGED = "changed"

    @property
    def label(self) -> str:
        labels = {FeatureOrder.QUALITY: "Best quality", FeatureOrder.CHANGED: "Last changed"}
        return labels.get(self, super().label)


@dataclass(frozen=True, slots=True)
class FeatureFilter:
    """Several values of one kind mean any of them. `order` None is the natural one: relevance, or title.

    `updated_since` takes what was changed since then, or has a source that was.
    """

    text: str = ""
    categories: tuple[str, ...] = ()
    complexities: tuple[Complexity, ...] = ()
    stack: str = ""
    repos: tuple[str, ...] = ()
    decisions: tuple[LicenseDecision, ...] = ()
    statuses: tuple[SourceStatus, ...] = ()
    reuse: Reuse | None = None
    updated_since: datetime | None = None
    is_with_retired: bool = False
    order: FeatureOrder | None = None

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.text.lower().split()[:MOST_WORDS])

    @property
    def effective_order(self) -> FeatureOrder:
        if self.order is None or (self.order is FeatureOrder.RELEVANCE and not self.words):
            return FeatureOrder.RELEVANCE if self.words else FeatureOrder.TITLE
        return self.order

    @property
    def is_narrow(self) -> bool:
        return self != FeatureFilter(is_with_retired=self.is_with_retired, order=self.order)


@dataclass(frozen=True, slots=True)
class Facets:
    """How many features there would be for each value, everything else being as chosen. `total` is how many
    there are now; `retired` how many of them are hidden, or shown, because they are retired."""

    total: int = 0
    retired: int = 0
    reuse: Mapping[Reuse, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    stacks: Mapping[str, int] = field(default_factory=dict)


def list_features(catalog: FeatureCatalog, chosen: FeatureFilter) -> FeatureQuerySet:
    """The features that the filter lets through, in no order."""
    features = _list_plain(catalog, chosen)
    if _asks_of_sources(chosen):
        features = features.filter(_has(_list_sources(chosen)))
    return features


def list_features_page(
    catalog: FeatureCatalog, chosen: FeatureFilter, *, number: int, total: int
) -> NumberedPage[Feature]:
    """Two queries. `total` is how many the filter lets through. The features come with `shown_sources`."""
    features = _sort(list_features(catalog, chosen), chosen).prefetch_related(shown_sources())
    return turn_to(features, number=number, total=total)


def shown_sources() -> "Prefetch[str, FeatureSourceQuerySet, str]":
    """The sources of a feature that count, as its `shown_sources`."""
    sources = FeatureSource.objects.filter(retired_at=None).select_related("repo")
    return Prefetch("sources", queryset=sources.order_by("position", "pk"), to_attr="shown_sources")


def count_by_stack(
    catalog: FeatureCatalog, chosen: FeatureFilter, *, stacks: Sequence[str]
) -> Mapping[str, int]:
    """How many features that the filter lets through suit each of the stacks. One query."""
    arms = _count_stacks(catalog, replace(chosen, stack=""))
    by_stack = dict.fromkeys(stacks, 0)
    for _, slug, suited, count in arms[0].union(*arms[1:], all=True):
        _add_to_stacks(by_stack, slug, suited, count)
    return by_stack


def read_facets(catalog: FeatureCatalog, chosen: FeatureFilter, *, stacks: Sequence[str]) -> Facets:
    """Every count in one query. `stacks` are the slugs of the catalog's stack profiles."""
    without_reuse, anything = replace(chosen, reuse=None), replace(chosen, is_with_retired=True)
    arms = [
        _count("retired", list_features(catalog, anything).retired()),
        _count("whichever", list_features(catalog, without_reuse)),
        *(_count(reuse.value, list_features(catalog, replace(chosen, reuse=reuse))) for reuse in Reuse),
        _count("category", list_features(catalog, replace(chosen, categories=())), "category"),
        *_count_stacks(catalog, replace(chosen, stack="")),
        _count_sources("decision", catalog, replace(chosen, decisions=()), "license_decision"),
        _count_sources("status", catalog, replace(chosen, statuses=()), "status"),
    ]
    counts: dict[str, dict[str, int]] = {}
    by_stack = dict.fromkeys(stacks, 0)
    for facet, value, suited, count in arms[0].union(*arms[1:], all=True):
        if facet == "stack":
            _add_to_stacks(by_stack, value, suited, count)
        else:
            counts.setdefault(facet, {})[value] = count
    return Facets(
        total=_single(counts, chosen.reuse.value if chosen.reuse else "whichever"),
        retired=_single(counts, "retired"),
        reuse={reuse: _single(counts, reuse.value) for reuse in Reuse},
        categories=counts.get("category", {}),
        decisions=counts.get("decision", {}),
        statuses=counts.get("status", {}),
        stacks=by_stack,
    )


def _list_plain(catalog: FeatureCatalog, chosen: FeatureFilter) -> FeatureQuerySet:
    """The features that meet what the filter asks of a feature itself, whatever its sources."""
    features = Feature.objects.filter(catalog=catalog)
    for word in chosen.words:
        features = features.filter(search_text__contains=word)
    if not chosen.is_with_retired:
        features = features.active()
    if chosen.categories:
        features = features.filter(category__in=chosen.categories)
    if chosen.complexities:
        features = features.filter(complexity__in=[complexity.value for complexity in chosen.complexities])
    if chosen.stack:
        features = features.filter(_suits(chosen.stack))
    if chosen.reuse is Reuse.UNUSABLE:
        features = features.filter(~_has(FeatureSource.objects.usable()))
    if chosen.updated_since is not None:
        changed = Q(updated_at__gte=chosen.updated_since)
        features = features.filter(changed | Q(_has(FeatureSource.objects.filter(changed))))
    if chosen.reuse is Reuse.NO_SOURCE:
        features = features.filter(~_has(FeatureSource.objects.filter(retired_at=None)))
    return features


def _suits(stack: str) -> Q:
    return Q(compatible_stacks=[]) | Q(compatible_stacks__contains=[stack])


def _has(sources: FeatureSourceQuerySet) -> Exists:
    return Exists(sources.filter(feature=OuterRef("pk")))


def _asks_of_sources(chosen: FeatureFilter) -> bool:
    return bool(
        chosen.stack or chosen.repos or chosen.decisions or chosen.statuses or chosen.reuse is Reuse.USABLE
    )


def _list_sources(chosen: FeatureFilter) -> FeatureSourceQuerySet:
    """The sources that meet what the filter asks of one, whatever their feature."""
    sources = FeatureSource.objects.filter(retired_at=None)
    if chosen.reuse is Reuse.USABLE:
        sources = FeatureSource.objects.usable()
    if chosen.stack:
        sources = sources.filter(_suits(chosen.stack))
    if chosen.repos:
        sources = sources.filter(repo__repo_id__in=chosen.repos)
    if chosen.decisions:
        sources = sources.filter(license_decision__in=[decision.value for decision in chosen.decisions])
    if chosen.statuses:
        sources = sources.filter(status__in=[status.value for status in chosen.statuses])
    return sources


def _sort(features: FeatureQuerySet, chosen: FeatureFilter) -> QuerySet[Feature]:
    match chosen.effective_order:
        case FeatureOrder.RELEVANCE:
            return features.annotate(rank=_rank(chosen)).order_by("rank", "title", "pk")
        case FeatureOrder.QUALITY:
            best = Max("sources__quality_score", filter=Q(sources__retired_at=None))
            return features.annotate(best=best).order_by(F("best").desc(nulls_last=True), "title", "pk")
        case FeatureOrder.CHANGED:
            return features.order_by("-updated_at", "-pk")
        case _:
            return features.order_by("title", "pk")


def _rank(chosen: FeatureFilter) -> Case:
    """0 for the name itself, then names that begin with the words, names that hold them, and the rest."""
    phrase = " ".join(chosen.words)
    slug = "-".join(chosen.words)
    in_title, in_slug = Q(), Q()
    for word in chosen.words:
        in_title &= Q(title__icontains=word)
        in_slug &= Q(slug__icontains=word)
    return Case(
        When(Q(slug__iexact=slug) | Q(title__iexact=phrase), then=0),
        When(Q(slug__istartswith=slug) | Q(title__istartswith=phrase), then=1),
        When(in_title | in_slug, then=2),
        default=3,
        output_field=IntegerField(),
    )


# Every arm of the union has four columns: which facet, which value, stacks of the feature, how many features.


def _count(facet: str, features: FeatureQuerySet, by: str = "") -> Counts:
    return (
        features.order_by()
        .annotate(facet=_text(facet), value=F(by) if by else _text(""), suited=_no_stacks())
        .values("facet", "value", "suited")
        .annotate(features=Count("pk"))
        .values_list("facet", "value", "suited", "features")
    )


def _count_sources(facet: str, catalog: FeatureCatalog, chosen: FeatureFilter, by: str) -> Counts:
    return (
        _list_sources(chosen)
        .filter(feature__in=_list_plain(catalog, chosen))
        .order_by()
        .annotate(facet=_text(facet), value=F(by), suited=_no_stacks())
        .values("facet", "value", "suited")
        .annotate(features=Count("feature", distinct=True))
        .values_list("facet", "value", "suited", "features")
    )


def _count_stacks(catalog: FeatureCatalog, chosen: FeatureFilter) -> Sequence[Counts]:
    """An empty list of stacks means any, of a feature and of a source. So: features with a source for any
    stack (no value), and the others by the stacks that their sources name."""
    sources = _list_sources(chosen)
    for_any = _has(sources.filter(compatible_stacks=[]))
    features = _list_plain(catalog, chosen)
    some = (
        sources.filter(feature__in=features.filter(~for_any))
        .order_by()
        .annotate(
            facet=_text("stack"),
            value=Func(F("compatible_stacks"), function="unnest", output_field=TextField()),
            suited=F("feature__compatible_stacks"),
        )
        .values("facet", "value", "suited")
        .annotate(features=Count("feature", distinct=True))
        .values_list("facet", "value", "suited", "features")
    )
    every = (
        features.filter(for_any)
        .order_by()
        .annotate(facet=_text("stack"), value=_text(""), suited=F("compatible_stacks"))
        .values("facet", "value", "suited")
        .annotate(features=Count("pk"))
        .values_list("facet", "value", "suited", "features")
    )
    return every, some


def _add_to_stacks(by_stack: dict[str, int], slug: str, suited: Sequence[str], count: int) -> None:
    """`slug` is the stack that sources name, or empty for any; `suited` are those that the feature names."""
    for stack in [slug] if slug else by_stack:
        if stack in by_stack and (not suited or stack in suited):
            by_stack[stack] += count


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


def _no_stacks() -> Value:
    return Value([], output_field=_STACKS)


def _single(counts: Mapping[str, Mapping[str, int]], facet: str) -> int:
    return sum(counts.get(facet, {}).values())
