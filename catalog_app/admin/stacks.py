"""Stack profiles in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from catalog_app.admin import decisions, filters
from catalog_app.admin.badges import badge, joined, plain, words
from catalog_app.admin.entries import EntryAdmin
from catalog_app.admin.entry_forms import StackForm
from catalog_app.admin.steps import run_step
from catalog_app.models import StackProfile


@admin.register(StackProfile)
class StackAdmin(EntryAdmin):
    form = StackForm
    fieldsets = [
        (None, {"fields": ["catalog", "slug", "title", "description", "project_types"]}),
        ("Parts", {"fields": [("backend", "db"), ("vector_db", "frontend"), "slots"]}),
        ("For plans", {"fields": ["preferred", ("ci_profile", "budget_multiplier"), "notes"]}),
        ("Kept from imports", {"fields": ["extra"], "classes": ["collapse"]}),
    ]
    list_display = [
        "named",
        "shown_types",
        "parts",
        "ci_profile",
        "budget_multiplier",
        "preferred",
        "state",
    ]
    list_filter = [("catalog", AutocompleteSelectFilter), "ci_profile", filters.RetiredFilter]
    search_fields = ["slug", "title", "description", "backend", "db", "vector_db", "frontend"]
    actions = ["retire", "restore"]
    actions_detail = ["retire_one", "restore_one"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StackProfile]:
        rows: QuerySet[StackProfile] = super().get_queryset(request)
        return rows.select_related("catalog").prefetch_related("preferred_repos")

    @display(description="stack", ordering="slug", header=True)  # type: ignore[untyped-decorator]
    def named(self, stack: StackProfile) -> list[Any]:
        return [stack.title, stack.slug]

    @display(description="project types")  # type: ignore[untyped-decorator]
    def shown_types(self, stack: StackProfile) -> SafeString:
        return words(stack.project_types)

    @display(description="parts")  # type: ignore[untyped-decorator]
    def parts(self, stack: StackProfile) -> SafeString:
        named = (stack.backend, stack.db, stack.vector_db, stack.frontend)
        return words(part for part in named if part)

    @display(description="preferred repositories")  # type: ignore[untyped-decorator]
    def preferred(self, stack: StackProfile) -> SafeString:
        rows = stack.preferred_repos.all()
        return joined(
            plain(row.repo_ref)
            if row.repo_id is not None
            else badge(row.repo_ref, "warning", title="There is no repository of this id.")
            for row in rows
        )

    @display(description="state")  # type: ignore[untyped-decorator]
    def state(self, stack: StackProfile) -> SafeString:
        return badge("Retired") if stack.retired_at else badge("Active", "success")

    @action(description="Retire", permissions=["curate"])  # type: ignore[untyped-decorator]
    def retire(self, request: HttpRequest, queryset: QuerySet[StackProfile]) -> HttpResponse | None:
        return run_step(request, decisions.RETIRE_STACKS, queryset)

    @action(description="Restore", permissions=["curate"])  # type: ignore[untyped-decorator]
    def restore(self, request: HttpRequest, queryset: QuerySet[StackProfile]) -> HttpResponse | None:
        return run_step(request, decisions.RESTORE_STACKS, queryset)

    @action(description="Retire", url_path="retire", permissions=["curate"], icon="archive")  # type: ignore[untyped-decorator]
    def retire_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RETIRE_STACKS, object_id)

    @action(description="Restore", url_path="restore", permissions=["curate"], icon="unarchive")  # type: ignore[untyped-decorator]
    def restore_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step_one(request, decisions.RESTORE_STACKS, object_id)
