"""Repositories in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from catalog_app.admin import decisions
from catalog_app.admin.badges import choice_badge
from catalog_app.admin.entries import EntryAdmin
from catalog_app.admin.entry_forms import RepoForm
from catalog_app.admin.steps import run_step
from catalog_app.choices import Ownership
from catalog_app.models import FeatureSource, SourceRepo


@admin.register(SourceRepo)
class RepoAdmin(EntryAdmin):
    form = RepoForm
    fieldsets = [
        (None, {"fields": ["repo_id", "url", ("fetch_from", "default_branch")]}),
        ("Trust", {"fields": [("ownership", "visibility"), "is_whitelisted", "notes"]}),
        ("Kept from imports", {"fields": ["extra"], "classes": ["collapse"]}),
    ]
    list_display = ["named", "owned", "visibility", "is_whitelisted", "source_count"]
    list_filter = ["is_whitelisted", "ownership", "visibility"]
    search_fields = ["repo_id", "url"]
    search_help_text = "Repository id or address"
    actions = ["whitelist", "unlist"]
    actions_detail = ["whitelist_one", "unlist_one"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceRepo]:
        rows: QuerySet[SourceRepo] = super().get_queryset(request)
        active = FeatureSource.objects.active().filter(repo=OuterRef("pk")).order_by().values("repo")
        counted = Subquery(active.annotate(count=Count("pk")).values("count"))
        return rows.annotate(active_count=Coalesce(counted, 0))

    @display(description="repository", ordering="repo_id", header=True)  # type: ignore[untyped-decorator]
    def named(self, repo: SourceRepo) -> list[Any]:
        return [repo.repo_id, repo.url or "no address"]

    @display(description="ownership", ordering="ownership")  # type: ignore[untyped-decorator]
    def owned(self, repo: SourceRepo) -> SafeString:
        return choice_badge(Ownership(repo.ownership))

    @display(description="sources", ordering="active_count")  # type: ignore[untyped-decorator]
    def source_count(self, repo: SourceRepo) -> int:
        return repo.active_count  # type: ignore[attr-defined,no-any-return]  # annotated above

    def idle_actions(self, row: SourceRepo) -> frozenset[str]:
        return frozenset({"whitelist_one"} if row.is_whitelisted else {"unlist_one"})

    @action(description="Whitelist", permissions=["curate"])  # type: ignore[untyped-decorator]
    def whitelist(self, request: HttpRequest, queryset: QuerySet[SourceRepo]) -> HttpResponse | None:
        return run_step(request, decisions.WHITELIST, queryset)

    @action(description="Take off the whitelist", permissions=["curate"])  # type: ignore[untyped-decorator]
    def unlist(self, request: HttpRequest, queryset: QuerySet[SourceRepo]) -> HttpResponse | None:
        return run_step(request, decisions.UNLIST, queryset)

    @action(description="Whitelist", url_path="whitelist", permissions=["curate"], icon="verified_user")  # type: ignore[untyped-decorator]
    def whitelist_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.WHITELIST, object_id)

    @action(
        description="Take off the whitelist",
        url_path="unlist",
        permissions=["curate"],
        icon="remove_moderator",
    )  # type: ignore[untyped-decorator]
    def unlist_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.UNLIST, object_id)
