"""Features: the list with its facets, and one feature."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from autopack.actors import Actor, Role
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
from catalog_app.selectors import browsing, catalogs, features, outcomes, relations, sources, stacks
from catalog_app.selectors.browsing import FeatureFilter, FeatureOrder, Reuse
from catalog_app.views.parameters import read_choice, read_choices, read_text, read_texts
from catalog_app.views.steps import list_feature_steps, list_source_steps


@dashboard_page()
def index(request: PageRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """The catalog that is meant when none is named."""
    found = catalogs.list_catalogs()
    if not found:
        return render(request, "catalog_app/no_catalog.html")
    return redirect("catalog:feature-list", catalog_slug=found[0].slug)


@dashboard_page()
def feature_list(request: PageRequest, actor: Actor, catalog_slug: str) -> HttpResponse:
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
        "rows": describe_rows(page.items),
        "orders": describe_orders(chosen),
        "has_usable": catalogs.has_usable(catalog),
        "may_curate": actor.has_role(Role.CURATOR),
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
        "reuse": outcomes.count_reuse(feature),
        "cards": [
            (card, list_source_steps(card.source, is_live=card.live is not None))
            for card in describe_sources(every, scans=sources.read_last_scans(every), live=live)
        ],
        "stacks": stacks.read_stack_titles(catalog),
        "is_live": bool(live),
        "version": version,
        "may_curate": actor.has_role(Role.CURATOR),
        "steps": list_feature_steps(feature),
    }
    return render_live(request, "catalog_app/feature", context)


def read_filter(request: HttpRequest) -> FeatureFilter:
    return FeatureFilter(
        text=read_text(request, "q"),
        categories=read_texts(request, "category"),
        stack=read_text(request, "stack"),
        decisions=read_choices(request, "decision", LicenseDecision),
        statuses=read_choices(request, "status", SourceStatus),
        reuse=read_choice(request, "reuse", Reuse),
        is_with_retired=request.GET.get("retired") == "1",
        order=read_choice(request, "sort", FeatureOrder),
    )
