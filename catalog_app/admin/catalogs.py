"""Catalogs and licence policies in the admin."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.decorators import display

from autopack.authentication import get_actor
from catalog_app.admin.badges import code
from catalog_app.admin.catalog_form import CatalogForm
from catalog_app.admin.exchange import export_page, import_page
from catalog_app.admin.health import show_health
from catalog_app.admin.policy_form import PolicyForm
from catalog_app.admin.said import save_document
from catalog_app.admin.serving import ServedModelAdmin
from catalog_app.models import Feature, FeatureCatalog, LicensePolicy
from catalog_app.services.governing import create_catalog, set_license_policy
from catalog_app.services.policies import save_policy


@admin.register(FeatureCatalog)
class CatalogAdmin(ServedModelAdmin):
    form = CatalogForm
    list_display = ["named", "license_policy", "feature_count", "version", "state", "updated_at"]
    list_select_related = ["license_policy"]
    search_fields = ["slug", "title", "description"]
    actions_list = ["exchange"]
    autocomplete_fields = ["license_policy"]
    fieldsets = [
        (None, {"fields": ["slug", "title", "description", "license_policy"]}),
        (
            "For plans",
            {"fields": ["quality_thresholds", "license_compatibility", "project_type_mapping", "extra"]},
        ),
        ("State", {"fields": ["version", "digest", "updated_at"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: FeatureCatalog | None = None) -> list[str]:  # noqa: ARG002
        state = ["version", "digest", "updated_at"]
        return state if obj is None else ["slug", *state]

    def serve(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> FeatureCatalog:  # noqa: ARG002
        said, actor, reason = form.cleaned_data, get_actor(request), form.said_reason
        if change:
            catalog = FeatureCatalog.objects.get(pk=form.instance.pk)
            set_license_policy(catalog, said["license_policy"], actor=actor, reason=reason)
        else:
            catalog = create_catalog(
                said["slug"], said["title"], policy=said["license_policy"], actor=actor, reason=reason
            )
        save_document(request, catalog, form.written(), reason=reason)
        return catalog

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeatureCatalog]:
        rows: QuerySet[FeatureCatalog] = super().get_queryset(request)
        active = Feature.objects.active().filter(catalog=OuterRef("pk")).order_by().values("catalog")
        counted = Subquery(active.annotate(count=Count("pk")).values("count"))
        return rows.annotate(active_count=Coalesce(counted, 0))

    def get_urls(self) -> list[URLPattern]:
        views = {"health": show_health, "import": import_page, "export": export_page}
        pages = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"catalog_app_{name}")
            for name, view in views.items()
        ]
        return [*pages, *super().get_urls()]

    @display(description="catalog", ordering="slug", header=True)  # type: ignore[untyped-decorator]
    def named(self, catalog: FeatureCatalog) -> list[Any]:
        return [catalog.title, catalog.slug]

    @display(description="features", ordering="active_count")  # type: ignore[untyped-decorator]
    def feature_count(self, catalog: FeatureCatalog) -> int:
        return catalog.active_count  # type: ignore[attr-defined,no-any-return]  # annotated above

    @display(description="digest")  # type: ignore[untyped-decorator]
    def state(self, catalog: FeatureCatalog) -> SafeString:
        return code(catalog.digest[:12], title=catalog.digest)


@admin.register(LicensePolicy)
class PolicyAdmin(ServedModelAdmin):
    form = PolicyForm
    list_display = ["named", "project", "allowed_count", "review_count", "denied_count", "updated_at"]
    list_select_related = ["project"]
    search_fields = ["slug", "title"]
    fieldsets = [
        (None, {"fields": ["slug", "title", "project", "own_repositories"]}),
        ("Terms", {"fields": ["allowed", "review", "denied", "allowed_as_dependency"]}),
        ("Notes", {"fields": ["notes"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: LicensePolicy | None = None) -> list[str]:  # noqa: ARG002
        return [] if obj is None else ["slug", "project"]

    def serve(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> LicensePolicy:  # noqa: ARG002
        policy = LicensePolicy.objects.get(pk=form.instance.pk) if change else None
        return save_policy(policy, form.entry(), actor=get_actor(request), reason=form.said_reason)

    @display(description="policy", ordering="slug", header=True)  # type: ignore[untyped-decorator]
    def named(self, policy: LicensePolicy) -> list[Any]:
        return [policy.title, policy.slug]

    @display(description="allowed")  # type: ignore[untyped-decorator]
    def allowed_count(self, policy: LicensePolicy) -> str:
        return _terms(policy.allowed)

    @display(description="for review")  # type: ignore[untyped-decorator]
    def review_count(self, policy: LicensePolicy) -> str:
        return _terms(policy.review)

    @display(description="denied")  # type: ignore[untyped-decorator]
    def denied_count(self, policy: LicensePolicy) -> str:
        return _terms(policy.denied)


def _terms(terms: list[str]) -> str:
    return "1 term" if len(terms) == 1 else f"{len(terms)} terms"
