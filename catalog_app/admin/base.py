"""What all pages of the catalog's admin share."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from autopack.actors import Role
from autopack.authentication import get_actor
from autopack.kept_admin import KeptModelAdmin
from catalog_app.admin.steps import Step, run_step
from catalog_app.selectors.history import read_history


class CatalogModelAdmin(KeptModelAdmin):
    """Staff reads; the role curator writes. Nothing is deleted."""

    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    # A count for each choice of each filter would look at every row many times over.
    show_facets = ShowFacets.NEVER
    compressed_fields = True
    warn_unsaved_form = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return request.user.is_active and bool(getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_curate_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.has_curate_permission(request)

    def has_curate_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return self.has_view_permission(request) and get_actor(request).has_role(Role.CURATOR)

    def idle_actions(self, row: Any) -> frozenset[str]:
        """Names of actions that would change nothing of this row."""
        if not hasattr(row, "retired_at"):
            return frozenset()
        return frozenset({"retire_one"} if row.retired_at else {"restore_one"})

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        idle = self.idle_actions(row) if row is not None else frozenset()
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if action.action_name.removeprefix(prefix) not in idle]

    @action(description="Import and export", url_path="exchange", icon="swap_vert")  # type: ignore[untyped-decorator]
    def exchange(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return redirect(reverse("admin:catalog_app_import"))

    def find_or_404(self, request: HttpRequest, object_id: str) -> Any:
        """The row that an address names, which may be anything. Raises Http404."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            raise Http404
        return row

    def step_one(self, request: HttpRequest, step: Step, object_id: str) -> HttpResponse:
        """A decision over one row, from its own page."""
        row = self.find_or_404(request, object_id)
        rows = self.get_queryset(request).filter(pk=row.pk)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        return run_step(request, step, rows) or redirect(back)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who, when, why, and each field before and after."""
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[no-any-return]
        if not self.has_view_permission(request, thing):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {thing}",
            "history": read_history(thing, page=request.GET.get("p")),
            "object": thing,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog_app/history.html", context)


class ReadOnlyCatalogAdmin(CatalogModelAdmin):
    """Rows that services write for reasons of their own, such as evidence."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


def all_words(queryset: QuerySet[Any], field: str, text: str) -> QuerySet[Any]:
    """Rows whose lower-case text column has every word of a search."""
    for word in text.lower().split():
        queryset = queryset.filter(**{f"{field}__contains": word})
    return queryset
