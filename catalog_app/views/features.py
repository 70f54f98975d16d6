"""Features: the list with its facets, and one feature."""

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from autopack.actors import Actor, Role
from autopack.choices import Choice
from autopack.pages import (
    PageRequest,
    dashboard_page,
    is_unchanged,
    read_number,
    render_live,
    unchanged,
)
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.presentation.features import build_query, describe_facets, describe_orders, describe_rows
from catalog_app.presentation.sources import describe_sources, version_of
from catalog_app.presentation.usability import judge_feature
from catalog_app.selectors import browsing, catalogs, features, relations, sources, stacks
from catalog_app.selectors.browsing import FeatureFilter, FeatureOrder, Reuse

C = TypeVar("C", bound=Choice)

MOST_VALUES = 50


@dashboard_page()
def index(request: PageRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """The catalog that is meant when none is named."""
    found = catalogs.list_catalogs()
    if not found:
        return render(request, "catalog_app/no_catalog.html")
    return redirect("catalog:feature-list", catalog_slug=found[0].slug)


@dashboard_page()
def feature_list(request: PageRequest, actor: Actor, catalog_slug: str) -> HttpResponse:  # noqa: ARG001
    catalog = catalogs.get_catalog(catalog_slug)
    chosen = read_filter(request)
    titles = stacks.read_stack_titles(catalog)
    facets = browsing.read_facets(catalog, chosen, stacks=list(titles))
    page = browsing.list_features_page(
        catalog, chosen, number=read_number(request, "page") or 1, total=facets.total
    )
    context = {
        "catalog": catalog,
        "catalogs": catalogs.list_catalogs(),
        "chosen": chosen,
        "facets": facets,
        "groups": describe_facets(chosen, facets, stacks=titles),
        "page": page,
        "rows": describe_rows(page),
        "orders": describe_orders(chosen),
        "has_usable": catalogs.has_usable(catalog),
        "newer_query": build_query(chosen, page=page.number - 1),
        "older_query": build_query(chosen, page=page.number + 1),
        "retired_query": build_query(chosen, is_with_retired=not chosen.is_with_retired),
        "clear_query": build_query(FeatureFilter(order=chosen.order)),
    }
    return render_live(request, "catalog_app/feature_list", context)


@dashboard_page()
def feature_detail(request: PageRequest, actor: Actor, catalog_slug: str, feature_slug: str) -> HttpResponse:
    catalog = catalogs.get_catalog(catalog_slug)
    feature = features.get_feature(catalog, feature_slug)
    every = list(feature.sources.all())
    live = sources.find_live_scans(every)
    version = version_of(live.values())
    if live and is_unchanged(request, version):
        return unchanged()
    context = {
        "catalog": catalog,
        "feature": feature,
        "usability": judge_feature(feature, every),
        "relations": relations.read_relations(feature),
        "cards": describe_sources(every, scans=sources.read_last_scans(every), live=live),
        "stacks": stacks.read_stack_titles(catalog),
        "is_live": bool(live),
        "version": version,
        "may_curate": actor.has_role(Role.CURATOR),
    }
    return render_live(request, "catalog_app/feature", context)


def read_filter(request: HttpRequest) -> FeatureFilter:
    """What the address asks for. What it cannot mean is left out."""
    query = request.GET
    return FeatureFilter(
        text=" ".join(query.get("q", "").replace("\0", "").split())[:100],
        categories=_read_texts(request, "category"),
        stack=query.get("stack", "").replace("\0", "")[:100],
        decisions=_read_choices(request, "decision", LicenseDecision),
        statuses=_read_choices(request, "status", SourceStatus),
        reuse=_read_choice(request, "reuse", Reuse),
        is_with_retired=query.get("retired") == "1",
        order=_read_choice(request, "sort", FeatureOrder),
    )


def _read_texts(request: HttpRequest, name: str) -> tuple[str, ...]:
    given = request.GET.getlist(name)[:MOST_VALUES]
    return tuple(dict.fromkeys(text.replace("\0", "")[:100] for text in given if text.strip("\0")))


def _read_choices(request: HttpRequest, name: str, kind: type[C]) -> tuple[C, ...]:
    given = set(request.GET.getlist(name))
    return tuple(member for member in kind if member.value in given)


def _read_choice(request: HttpRequest, name: str, kind: type[C]) -> C | None:
    chosen = _read_choices(request, name, kind)
    return chosen[0] if chosen else None
