"""The pages of the catalog, mounted under `/dashboard/catalog/`."""

from django.urls import path

from catalog_app.views import actions, features, health, sources, stacks

app_name = "catalog"

urlpatterns = [
    path("", features.index, name="index"),
    path("sources/<int:source_pk>/", sources.source_detail, name="source"),
    path("sources/<int:source_pk>/<slug:step_slug>/", actions.source_step, name="source-step"),
    path("scans/<int:scan_pk>/", sources.scan_detail, name="scan"),
    path("scans/<int:scan_pk>/<slug:step_slug>/", actions.scan_step, name="scan-step"),
    path("<str:catalog_slug>/", features.feature_list, name="feature-list"),
    path("<str:catalog_slug>/features/<str:feature_slug>/", features.feature_detail, name="feature"),
    path(
        "<str:catalog_slug>/features/<str:feature_slug>/<slug:step_slug>/",
        actions.feature_step,
        name="feature-step",
    ),
    path("<str:catalog_slug>/stacks/", stacks.stack_list, name="stack-list"),
    path("<str:catalog_slug>/stacks/<str:stack_slug>/", stacks.stack_detail, name="stack"),
    path("<str:catalog_slug>/sources/", sources.source_list, name="source-list"),
    path("<str:catalog_slug>/health/", health.health, name="health"),
]
