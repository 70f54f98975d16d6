"""What a service refuses, beside the fields of a form that it is about."""

from collections.abc import Mapping
from typing import Any

from django import forms

from autopack.errors import AutopackError

REASON_MESSAGE = "Give a reason for this change."


def place_refusal(form: forms.BaseForm, refusal: AutopackError) -> None:
    """Add every reason of the refusal to the form: by its `field`, else to the form as a whole."""
    if not refusal.errors:
        form.add_error(None, refusal.detail)
    for error in refusal.errors:
        place_error(form, error)


def place_error(form: forms.BaseForm, error: Mapping[str, Any]) -> None:
    name = "reason" if error.get("code") == "reason_required" else str(error.get("field", ""))
    detail = str(error["detail"])
    field = name if name in form.fields else None
    if detail not in form.errors.get(field or "__all__", []):
        form.add_error(field, detail)
