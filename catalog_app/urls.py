"""The pages of the catalog, mounted under `/dashboard/catalog/`."""

from django.urls import path

from catalog_app.views import features

app_name = "catalog"

urlpatterns = [
    path("", features.index, name="index"),
    path("<str:catalog_slug>/", features.feature_list, name="feature-list"),
    path("<str:catalog_slug>/features/<str:feature_slug>/", features.feature_detail, name="feature"),
]
