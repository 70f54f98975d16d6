"""The catalog's addresses, below `/api/v1/catalog/` alone: v7 clients know no catalog."""

from django.urls import path

from catalog_app.api import catalogs, decisions, features, licenses, repositories, sources, stacks

app_name = "catalog_api"

urlpatterns = [
    path("catalogs", catalogs.ListCatalogs.as_view(), name="catalogs"),
    path("catalogs/<str:slug>", catalogs.GetCatalog.as_view(), name="catalog"),
    path("health", catalogs.GetHealth.as_view(), name="health"),
    path("features", features.ListFeatures.as_view(), name="features"),
    path("features/<str:slug>", features.GetFeature.as_view(), name="feature"),
    path("combinations", stacks.ListCombinations.as_view(), name="combinations"),
    path("combinations/<str:slug>", stacks.GetCombination.as_view(), name="combination"),
    path("stacks", stacks.ListStacks.as_view(), name="stacks"),
    path("stacks/<str:slug>", stacks.GetStack.as_view(), name="stack"),
    path("sources", sources.ListSources.as_view(), name="sources"),
    path("sources/<int:source_id>", sources.GetSource.as_view(), name="source"),
    path("sources/<int:source_id>/scans", sources.ListScans.as_view(), name="scans"),
    path("scans/<int:scan_id>", sources.GetScan.as_view(), name="scan"),
    path("repositories", repositories.ListRepositories.as_view(), name="repositories"),
    path("repositories/<str:repo_id>", repositories.GetRepository.as_view(), name="repository"),
    path("licenses/policy", licenses.ListPolicies.as_view(), name="policies"),
    path("licenses/policy/<str:slug>", licenses.GetPolicy.as_view(), name="policy"),
    path("licenses/decide", decisions.DecideLicense.as_view(), name="decide"),
]
