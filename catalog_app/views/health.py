"""What of a catalog wants a curator."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import Actor
from autopack.pages import PageRequest, dashboard_page
from catalog_app.presentation.health import describe_figures, describe_references
from catalog_app.selectors import catalogs
from catalog_app.selectors.health import measure_health


@dashboard_page()
def health(request: PageRequest, actor: Actor, catalog_slug: str) -> HttpResponse:  # noqa: ARG001
    catalog = catalogs.get_catalog(catalog_slug)
    measured = measure_health(catalog)
    context = {
        "catalog": catalog,
        "catalogs": catalogs.list_catalogs(),
        "health": measured,
        "groups": describe_figures(catalog, measured),
        "dangling": describe_references(catalog, measured.dangling),
    }
    return render(request, "catalog_app/health.html", context)
