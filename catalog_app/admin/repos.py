"""Repositories in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog_app.admin.badges import choice_badge
from catalog_app.admin.base import CatalogModelAdmin
from catalog_app.choices import Ownership
from catalog_app.models import SourceRepo


@admin.register(SourceRepo)
class RepoAdmin(CatalogModelAdmin):
    list_display = ["named", "owned", "visibility", "is_whitelisted", "source_count"]
    list_filter = ["is_whitelisted", "ownership", "visibility"]
    search_fields = ["repo_id", "url"]
    search_help_text = "Repository id or address"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SourceRepo]:
        rows: QuerySet[SourceRepo] = super().get_queryset(request)
        return rows.annotate(
            active_count=Count(
                "sources", filter=Q(sources__retired_at=None, sources__feature__retired_at=None)
            )
        )

    @display(description="repository", ordering="repo_id", header=True)  # type: ignore[untyped-decorator]
    def named(self, repo: SourceRepo) -> list[Any]:
        return [repo.repo_id, repo.url or "no address"]

    @display(description="ownership", ordering="ownership")  # type: ignore[untyped-decorator]
    def owned(self, repo: SourceRepo) -> SafeString:
        return choice_badge(Ownership(repo.ownership))

    @display(description="sources", ordering="active_count")  # type: ignore[untyped-decorator]
    def source_count(self, repo: SourceRepo) -> int:
        return repo.active_count  # type: ignore[attr-defined,no-any-return]  # annotated above
