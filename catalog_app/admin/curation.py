"""Curation runs in the admin: the list, a page to start one, and the inbox in which all is decided."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from autopack.authentication import get_actor
from autopack.errors import Refused, WrongState
from autopack.numbers import parse_count
from catalog_app.admin import curation_inbox as inbox
from catalog_app.admin.badges import age, badge, choice_badge, joined, subtle
from catalog_app.admin.base import CatalogModelAdmin
from catalog_app.admin.curation_forms import NewRunForm
from catalog_app.choices import CurationState
from catalog_app.models import CurationRun
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import list_catalogs
from catalog_app.selectors.curation import counts_of, get_candidate, get_curation_run, list_curation_runs
from catalog_app.services.curating import cancel_curation_run, retry_candidate, start_curation_run


@admin.register(CurationRun)
class CurationRunAdmin(CatalogModelAdmin):
    list_display = [
        "named",
        "catalog",
        "state_mark",
        "looked_at",
        "undecided",
        "decided",
        "requested",
        "begun",
    ]
    list_filter = [("catalog", AutocompleteSelectFilter), "state", "origin"]
    search_fields = ["title", "requested_by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CurationRun]:  # noqa: ARG002
        return list_curation_runs()

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            guarded: Any = self.admin_site.admin_view(view)
            found: URLPattern = path(route, guarded, name=f"catalog_app_curationrun_{name}")
            return found

        return [
            page("<int:run_id>/cancel/", self.cancel_view, "cancel"),
            page("<int:run_id>/retry/", self.retry_view, "retry"),
            page("<int:run_id>/candidates/<int:candidate_id>/", self.edit_view, "edit"),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """A list is pasted."""
        self._ensure_curator(request)
        catalogs = list_catalogs()
        chosen = next((c for c in catalogs if c.slug == DEFAULT_CATALOG), catalogs[0] if catalogs else None)
        form = NewRunForm(request.POST or None, initial={"catalog": chosen})
        problems: Sequence[Any] = ()
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                run = start_curation_run(
                    said["catalog"], said["text"], title=said["title"], actor=get_actor(request)
                )
            except Refused as refusal:
                problems = refusal.errors
            else:
                count = run.candidates.count()
                what = "1 repository" if count == 1 else f"{count} repositories"
                messages.success(request, f"The worker looks at {what} now. This page follows it.")
                return redirect("admin:catalog_app_curationrun_change", run.pk)
        context = self._context(
            request, title="New curation run", form=form, problems=problems, has_catalog=bool(catalogs)
        )
        return TemplateResponse(request, "admin/catalog_app/curation_new.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The inbox. Its one form decides."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_curation_run(parse_count(object_id) or 0)
        refused = None
        if request.method == "POST":
            self._ensure_curator(request)
            refused = inbox.decide(request, run)
            if refused is None:
                return redirect(request.get_full_path())
            run = get_curation_run(run.pk)
        context = self._context(
            request,
            title=run.title,
            subtitle=None,
            can_curate=self.has_curate_permission(request),
            is_fullwidth=True,
            **inbox.describe(request, run, refused),
        )
        is_update = request.method == "GET" and "live" in request.GET
        name = "curation_update" if is_update else "curation_run"
        return TemplateResponse(request, f"admin/catalog_app/{name}.html", context)

    def edit_view(self, request: HttpRequest, run_id: int, candidate_id: int) -> HttpResponse:
        """What was changed in a row is kept; the answer is what is to be said about it."""
        self._ensure_curator(request)
        candidate = get_candidate(candidate_id)
        if request.method != "POST" or candidate.run_id != run_id:
            return redirect("admin:catalog_app_curationrun_change", run_id)
        context = inbox.edit(request, candidate)
        return TemplateResponse(request, "admin/catalog_app/curation_said.html", context)

    def retry_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        self._ensure_curator(request)
        candidate = get_candidate(parse_count(request.POST.get("retry", "")) or 0)
        if request.method == "POST" and candidate.run_id == run_id:
            try:
                retry_candidate(candidate)
            except WrongState as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, f"The worker looks at {candidate.url} again.")
        return redirect("admin:catalog_app_curationrun_change", run_id)

    def cancel_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        self._ensure_curator(request)
        if request.method == "POST":
            run = get_curation_run(run_id)
            try:
                cancel_curation_run(run, actor=get_actor(request), reason=request.POST.get("reason", ""))
            except (Refused, WrongState) as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, "The run is cancelled. What was accepted stays in the catalog.")
        return redirect("admin:catalog_app_curationrun_change", run_id)

    def history_view(
        self,
        request: HttpRequest,  # noqa: ARG002
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The inbox says who decided what, when and why."""
        return redirect("admin:catalog_app_curationrun_change", object_id)

    @display(description="run", ordering="title", header=True)  # type: ignore[untyped-decorator]
    def named(self, run: CurationRun) -> list[Any]:
        total = counts_of(run).total
        return [run.title, "1 repository" if total == 1 else f"{total} repositories"]

    @display(description="state", ordering="state")  # type: ignore[untyped-decorator]
    def state_mark(self, run: CurationRun) -> SafeString:
        return choice_badge(CurationState(run.state))

    @display(description="looked at")  # type: ignore[untyped-decorator]
    def looked_at(self, run: CurationRun) -> SafeString:
        counts = counts_of(run)
        return subtle(f"{counts.looked_at} of {counts.total}")

    @display(description="to decide")  # type: ignore[untyped-decorator]
    def undecided(self, run: CurationRun) -> SafeString:
        count = counts_of(run).undecided
        return badge(str(count), "info") if count else subtle("0")

    @display(description="decided")  # type: ignore[untyped-decorator]
    def decided(self, run: CurationRun) -> SafeString:
        counts = counts_of(run)
        marks = [
            badge(f"{counts.accepted} accepted", "success") if counts.accepted else None,
            badge(f"{counts.rejected} rejected") if counts.rejected else None,
        ]
        return joined(mark for mark in marks if mark is not None)

    @display(description="started by", ordering="requested_by")  # type: ignore[untyped-decorator]
    def requested(self, run: CurationRun) -> str:
        return run.requested_by.partition(" (")[0]

    @display(description="started", ordering="created_at")  # type: ignore[untyped-decorator]
    def begun(self, run: CurationRun) -> SafeString:
        return age(run.created_at)

    def _ensure_curator(self, request: HttpRequest) -> None:
        if not self.has_curate_permission(request):
            raise PermissionDenied

    def _context(self, request: HttpRequest, **more: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "list_url": reverse("admin:catalog_app_curationrun_changelist"),
            **more,
        }
