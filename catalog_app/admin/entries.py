"""Pages of what a document of the catalog speaks of: features, combinations, stacks, repositories."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from autopack.errors import Refused
from catalog_app.admin.entry_forms import EntryForm
from catalog_app.admin.said import save_document
from catalog_app.admin.serving import ServedModelAdmin
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.catalogs import list_catalogs


class EntryAdmin(ServedModelAdmin):
    """The catalog and the name of an entry stay as they were when it was added."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is retired is restored first: to say it again would bring it back without a word."""
        is_retired = getattr(obj, "retired_at", None) is not None
        return super().has_change_permission(request, obj) and not is_retired

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        if obj is None:
            return fields
        fixed = [name for name in ("catalog", "slug", "repo_id") if name in self.form.base_fields]
        return [*fields, *fixed]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        catalogs = list_catalogs()
        if catalogs:
            initial.setdefault("catalog", catalogs[0].pk)
        return initial

    def serve(
        self,
        request: HttpRequest,
        form: EntryForm,  # type: ignore[override]  # the form of this admin
        formsets: Sequence[Any],
        change: bool,  # noqa: ARG002
    ) -> Model:
        written = form.written()
        for formset in formsets:
            written[form.inner] = formset.written()
        document = {form.section.value: {form.name: written}}
        save_document(request, self._catalog(form), document, reason=form.said_reason)
        name = {form.name_field: form.name}
        return self.model._default_manager.get(**name, **self._within(form))  # type: ignore[no-any-return]

    def _catalog(self, form: EntryForm) -> FeatureCatalog:
        """Its own; repositories are everybody's, and are said in the first one."""
        if "catalog" in form.cleaned_data:
            chosen: FeatureCatalog = form.cleaned_data["catalog"]
            return chosen
        if getattr(form.instance, "catalog_id", None):
            own: FeatureCatalog = form.instance.catalog
            return own
        catalogs = list_catalogs()
        if not catalogs:
            raise Refused("There is no catalog yet. Add one first.", code="no_catalog")
        return catalogs[0]

    def _within(self, form: EntryForm) -> dict[str, FeatureCatalog]:
        return {"catalog": self._catalog(form)} if hasattr(form.instance, "catalog_id") else {}
