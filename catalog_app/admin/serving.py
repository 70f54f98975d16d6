"""Forms that are saved by a service: what it refuses comes back to the form, whole and beside its fields."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from autopack.errors import AutopackError, Refused, WrongState
from catalog_app.admin.base import CatalogModelAdmin
from catalog_app.admin.reasoned import ReasonedForm

_REFUSAL = "_catalog_refusal"


class ServedModelAdmin(CatalogModelAdmin):
    """`serve` calls the service and returns the row that is there now. Nothing else is saved."""

    change_form_after_template = "admin/catalog_app/reason.html"

    def serve(self, request: HttpRequest, form: ReasonedForm, formsets: Sequence[Any], change: bool) -> Model:
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Once more with the refusal, when the service refuses: its transaction has been rolled back."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]
        except (Refused, WrongState) as refusal:
            setattr(request, _REFUSAL, refusal)
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.BaseForm]:
        form: type[forms.BaseForm] = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": refusal_of(request)})

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return {**kwargs, "refusal": refusal_of(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Everything is saved at once by `save_related`, which knows the inlines."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        saved = self.serve(request, form, formsets, change)
        form.instance.pk = saved.pk
        form.instance.refresh_from_db()

    def construct_change_message(
        self,
        request: HttpRequest,  # noqa: ARG002
        form: Any,
        formsets: Any,  # noqa: ARG002
        add: bool = False,
    ) -> str:
        return form.said_reason or ("Added." if add else "Changed.")


def refusal_of(request: HttpRequest) -> AutopackError | None:
    refusal: AutopackError | None = getattr(request, _REFUSAL, None)
    return refusal
