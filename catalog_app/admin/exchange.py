"""Import and export in the admin. What is applied is what was shown: the same files, on the same catalog."""

import base64
import binascii
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from autopack.actors import Role
from autopack.authentication import get_actor
from autopack.errors import Malformed, Refused
from catalog_app.admin.plans import PlanGroup, describe_plan
from catalog_app.interchange.changes import ChangePlan
from catalog_app.interchange.files import WrittenFile
from catalog_app.models import FeatureCatalog
from catalog_app.selectors.catalogs import get_catalog, list_catalogs
from catalog_app.services.exporting import export_catalog
from catalog_app.services.importing import ImportSummary, import_files, preview_import

PASTED = "pasted.yaml"
_SALT = "catalog_app.import"
_CHANGED_CATALOG = "The catalog has changed since you saw this. This is what would change now."
_CHANGED_FILES = "These are not the files that you saw. This is what they would change."


class SeveralFilesField(forms.FileField):
    """A list of uploads."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminFileFieldWidget(attrs={"accept": ".yaml,.yml"})
        widget.allow_multiple_selected = True
        widget.attrs["multiple"] = True
        super().__init__(**{"widget": widget, "required": False, "allow_empty_file": True, **options})

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(upload, initial) for upload in uploads if upload]


class ImportForm(forms.Form):
    catalog = forms.ModelChoiceField(
        queryset=FeatureCatalog.objects.order_by("slug"),
        to_field_name="slug",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    uploads = SeveralFilesField(
        label="Files", help_text="feature_catalog.yaml, stack_profiles.yaml, or any part of them."
    )
    pasted = forms.CharField(
        label="Or paste YAML",
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 12, "spellcheck": "false", "class": "ap-code"}),
    )
    is_complete = forms.BooleanField(
        label="The files say everything",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text="What a section does not name is retired. Otherwise the files only add and change.",
    )
    reason = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Kept in the history beside the files' names.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("uploads") and not cleaned.get("pasted", "").strip():
            raise forms.ValidationError("Choose a file, or paste what one would hold.", code="nothing")
        return cleaned

    def written_files(self) -> list[WrittenFile]:
        uploaded = [(str(upload.name), upload.read()) for upload in self.cleaned_data["uploads"]]
        pasted = self.cleaned_data["pasted"]
        return [*uploaded, (PASTED, pasted.encode())] if pasted.strip() else uploaded


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to import, carried from page to page."""

    catalog: FeatureCatalog
    files: Sequence[WrittenFile]
    is_complete: bool
    reason: str

    def hidden_files(self) -> Iterator[tuple[str, str]]:
        """Base64 keeps line ends, which forms change."""
        for name, content in self.files:
            yield name, base64.b64encode(content).decode()

    @property
    def fingerprint(self) -> str:
        said = repr((self.catalog.pk, list(self.files), self.is_complete))
        return hashlib.sha256(said.encode()).hexdigest()


class OutOfDate(Exception):
    """What would be applied is not what was shown; the message says why."""


def import_page(request: HttpRequest) -> HttpResponse:
    """Whoever may not import finds the exports here."""
    may_import = get_actor(request).has_role(Role.CURATOR)
    if request.method == "POST" and not may_import:
        raise PermissionDenied
    if request.method == "POST" and "seen" in request.POST:
        return _apply(request)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        order = Order(said["catalog"], form.written_files(), said["is_complete"], said["reason"])
        return _show_preview(request, order)
    context = {
        **admin.site.each_context(request),
        "title": "Import and export",
        "form": form if may_import else None,
        "catalogs": list_catalogs(),
    }
    return TemplateResponse(request, "admin/catalog_app/import.html", context)


def export_page(request: HttpRequest) -> HttpResponse:
    """`?catalog=`, and `&file=` for one of the two; without it both, as a zip."""
    catalog = get_catalog(request.GET.get("catalog", ""))
    texts = export_catalog(catalog)
    wanted = request.GET.get("file", "")
    if wanted and wanted not in texts:
        raise Http404
    if wanted:
        return _download(texts[wanted].encode(), wanted, "application/yaml")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            # Without times, so that the same catalog is the same bytes.
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return _download(packed.getvalue(), f"{catalog.slug}.zip", "application/zip")


def _form(request: HttpRequest) -> ImportForm:
    catalogs = list_catalogs()
    chosen = request.GET.get("catalog") or (catalogs[0].slug if catalogs else "")
    is_sent = request.method == "POST"
    return ImportForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, initial={"catalog": chosen}
    )


def _show_preview(request: HttpRequest, order: Order, warning: str = "") -> HttpResponse:
    summary = preview_import(order.catalog, order.files, is_complete=order.is_complete)
    if warning:
        messages.warning(request, warning)
    context = {
        **admin.site.each_context(request),
        "title": f"Import into {order.catalog.title}",
        "order": order,
        "summary": summary,
        "groups": _groups(summary),
        "seen": signing.dumps(_seen(order, summary.plan), salt=_SALT),
    }
    return TemplateResponse(request, "admin/catalog_app/import_preview.html", context)


def _groups(summary: ImportSummary) -> list[PlanGroup]:
    return list(describe_plan(summary.plan))


def _seen(order: Order, plan: ChangePlan) -> dict[str, Any]:
    """What a preview was of: the files, the catalog's state, and what it showed."""
    return {
        "files": order.fingerprint,
        "version": order.catalog.version,
        "digest": order.catalog.digest,
        "changes": hashlib.sha256(repr(plan.changes).encode()).hexdigest(),
    }


def _apply(request: HttpRequest) -> HttpResponse:
    order = _read_order(request)
    try:
        seen = signing.loads(request.POST["seen"], salt=_SALT)
    except signing.BadSignature:
        seen = {}
    try:
        summary = _import(order, seen, request)
    except OutOfDate as out_of_date:
        return _show_preview(request, order, str(out_of_date))
    except Refused:
        # The problems are those that the preview shows, with their places.
        return _show_preview(request, order)
    messages.success(request, f"Imported: {_count(summary.plan)}.")
    return redirect(reverse("admin:catalog_app_featurecatalog_change", args=[order.catalog.pk]))


def _import(order: Order, seen: dict[str, Any], request: HttpRequest) -> ImportSummary:
    """Import, unless something else than what was seen would come of it: then all of it is rolled back."""
    if seen.get("files") != order.fingerprint:
        raise OutOfDate(_CHANGED_FILES)
    if (seen["version"], seen["digest"]) != (order.catalog.version, order.catalog.digest):
        raise OutOfDate(_CHANGED_CATALOG)
    with transaction.atomic():
        summary = import_files(
            order.catalog,
            order.files,
            actor=get_actor(request),
            reason=order.reason,
            is_complete=order.is_complete,
        )
        if _seen(order, summary.plan) != seen:
            raise OutOfDate(_CHANGED_CATALOG)
    return summary


def _read_order(request: HttpRequest) -> Order:
    names, contents = request.POST.getlist("file_name"), request.POST.getlist("file_content")
    if len(names) != len(contents):
        raise Malformed("Every file needs its name and its content.")
    try:
        decoded = [base64.b64decode(content, validate=True) for content in contents]
    except (binascii.Error, ValueError) as error:
        raise Malformed("The content of a file cannot be read.") from error
    return Order(
        catalog=get_catalog(request.POST.get("catalog", "")),
        files=list(zip(names, decoded, strict=True)),
        is_complete=bool(request.POST.get("is_complete")),
        reason=request.POST.get("reason", ""),
    )


def _count(plan: ChangePlan) -> str:
    counts = [f"{group.count} {group.title.lower()}" for group in describe_plan(plan)]
    return ", ".join(counts) or "nothing to change"


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
