"""The catalog's addresses, below `/api/v1/catalog/` alone: v7 clients know no catalog."""

from django.urls import include, path

from catalog_app.api import (
    catalogs,
    decisions,
    features,
    files,
    licenses,
    lookup,
    repositories,
    scans,
    sources,
    stacks,
)

app_name = "catalog_api"

SOURCE = "sources/<int:source_id>"
REPO = "repositories/<str:repo_id>"

urlpatterns = [
    path("catalogs", catalogs.ListCatalogs.as_view(), name="catalogs"),
    path("catalogs/<str:slug>", catalogs.GetCatalog.as_view(), name="catalog"),
    path("health", catalogs.GetHealth.as_view(), name="health"),
    path("lookup", lookup.LookUpFeatures.as_view(), name="lookup"),
    path("import", files.ImportFiles.as_view(), name="import"),
    path("export", files.ExportFiles.as_view(), name="export"),
    path("features", features.ListFeatures.as_view(), name="features"),
    path("features/<str:slug>", features.OneFeature.as_view(), name="feature"),
    path("features/<str:slug>/retire", features.RetireFeature.as_view(), name="retire-feature"),
    path("features/<str:slug>/restore", features.RestoreFeature.as_view(), name="restore-feature"),
    path("combinations", stacks.ListCombinations.as_view(), name="combinations"),
    path("combinations/<str:slug>", stacks.OneCombination.as_view(), name="combination"),
    path("stacks", stacks.ListStacks.as_view(), name="stacks"),
    path("stacks/<str:slug>", stacks.OneStack.as_view(), name="stack"),
    path("stacks/<str:slug>/retire", stacks.RetireStack.as_view(), name="retire-stack"),
    path("stacks/<str:slug>/restore", stacks.RestoreStack.as_view(), name="restore-stack"),
    path("sources", sources.ListSources.as_view(), name="sources"),
    path(SOURCE, sources.GetSource.as_view(), name="source"),
    path(f"{SOURCE}/verify", scans.VerifySource.as_view(), name="verify"),
    path(f"{SOURCE}/pin", sources.PinSource.as_view(), name="pin"),
    path(f"{SOURCE}/judgement", sources.JudgeSource.as_view(), name="judge"),
    path(f"{SOURCE}/retire", sources.RetireSource.as_view(), name="retire-source"),
    path(f"{SOURCE}/restore", sources.RestoreSource.as_view(), name="restore-source"),
    path(f"{SOURCE}/scans", scans.ListScans.as_view(), name="scans"),
    path("scans/<int:scan_id>", scans.GetScan.as_view(), name="scan"),
    path("scans/<int:scan_id>/cancel", scans.CancelScan.as_view(), name="cancel-scan"),
    path("verify", scans.VerifyMany.as_view(), name="verify-many"),
    path("repositories", repositories.ListRepositories.as_view(), name="repositories"),
    path(REPO, repositories.OneRepository.as_view(), name="repository"),
    path(f"{REPO}/whitelist", repositories.WhitelistRepository.as_view(), name="whitelist"),
    path(f"{REPO}/unlist", repositories.UnlistRepository.as_view(), name="unlist"),
    path("licenses/policy", licenses.ListPolicies.as_view(), name="policies"),
    path("licenses/policy/<str:slug>", licenses.OnePolicy.as_view(), name="policy"),
    path("licenses/decide", decisions.DecideLicense.as_view(), name="decide"),
    path("curation/", include("catalog_app.api.curation_urls")),
]
