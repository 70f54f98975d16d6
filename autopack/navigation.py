"""The admin's sidebar, as the theme wants it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

# Title, icon (a Material symbol), name of the admin's route.
_GROUPS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Catalog",
        (
            ("Features", "extension", "catalog_app_feature_changelist"),
            ("Sources", "source", "catalog_app_featuresource_changelist"),
            ("Repositories", "folder_data", "catalog_app_sourcerepo_changelist"),
            ("Stacks", "stacks", "catalog_app_stackprofile_changelist"),
            ("Combinations", "hub", "catalog_app_featurecombination_changelist"),
            ("Licence policies", "policy", "catalog_app_licensepolicy_changelist"),
            ("Catalogs", "library_books", "catalog_app_featurecatalog_changelist"),
            ("Scans", "radar", "catalog_app_sourcescan_changelist"),
            ("Curation inbox", "inbox", "catalog_app_curationrun_changelist"),
            ("Health", "ecg_heart", "catalog_app_health"),
            ("Import and export", "swap_vert", "catalog_app_import"),
        ),
    ),
    (
        "Projects and keys",
        (
            ("Projects", "deployed_code", "autopack_project_changelist"),
            ("API keys", "key", "autopack_apikey_changelist"),
        ),
    ),
    (
        "People",
        (
            ("Users", "person", "auth_user_changelist"),
            ("Groups", "group", "auth_group_changelist"),
        ),
    ),
    (
        "Worker",
        (("Jobs", "manufacturing", "procrastinate_procrastinatejob_changelist"),),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's `SIDEBAR.navigation`: dictionaries with whatever members an item needs."""
    listed = _listed_models(request)
    groups: list[dict[str, Any]] = []
    for title, items in _GROUPS:
        shown = [_item(*item) for item in items if _model_of(item[2]) in listed]
        if shown:
            groups.append({"title": title, "separator": bool(groups), "items": shown})
    _mark_active(request.path, [item for group in groups for item in group["items"]])
    return groups


def _mark_active(path: str, items: list[dict[str, Any]]) -> None:
    """The item with the longest address that the page is under, and no other."""
    under = [item["link"] for item in items if path.startswith(item["link"])]
    longest = max(under, key=len, default="")
    for item in items:
        item["active"] = item["link"] == longest


def _model_of(route: str) -> str:
    """Whose permission decides over a route; pages of their own are for whoever sees catalogs."""
    model, _, page = route.rpartition("_")
    return model if page == "changelist" else "catalog_app_featurecatalog"


def _item(title: str, icon: str, route: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{route}")}


def _listed_models(request: HttpRequest) -> set[str]:
    """`app_model` of every list that the person may open."""
    from django.contrib import admin

    return {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_view_permission(request)
    }
