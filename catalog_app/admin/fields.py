"""Form fields for lists of texts and for JSON."""

import re
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from autopack.form_fields import IndentedJSONField
from autopack.models.fields import NAME_PATTERN
from catalog_app.models.catalogs import SLUG_MESSAGE


class TextsField(forms.CharField):
    """A list of texts, one a line."""

    separator = "\n"
    _splitter = re.compile(r"[\r\n]+")

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        # Any: whatever options a field of Django takes.
        options.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": rows}))
        super().__init__(**{"required": False, "strip": True, **options})

    def prepare_value(self, value: Any) -> Any:
        return self.separator.join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """A list of texts, each once and in the order that they were written in."""
        text = super().to_python(value) or ""
        return list(dict.fromkeys(part.strip() for part in self._splitter.split(text) if part.strip()))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Those of texts say nothing of lists; the catalog's readers check what is in them."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial if isinstance(initial, list) else self.to_python(initial)
        return bool(before != self.to_python(data))


class NamesField(TextsField):
    """A list of slugs, separated by commas or lines."""

    separator = ", "
    _splitter = re.compile(r"[,\s]+")

    def __init__(self, *, rows: int = 2, **options: Any) -> None:
        super().__init__(rows=rows, **options)


class ExtraField(IndentedJSONField):
    """A mapping of whatever Autopack does not know."""

    def __init__(self, *, rows: int = 4, **options: Any) -> None:
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
        super().__init__(**{"required": False, "widget": widget, **options})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value) or {}

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not isinstance(value, dict):
            raise forms.ValidationError('This must be a mapping, such as {"key": "value"}.', code="invalid")


def text_field(label: str | None = None, *, rows: int = 3, help_text: str = "") -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


def extra_field() -> ExtraField:
    said = "What imported files said that Autopack does not know. It is exported again."
    return ExtraField(label="Further keys", help_text=said)


def stacks_field() -> NamesField:
    said = "Slugs of stack profiles, separated by commas. Empty: any."
    return NamesField(label="Compatible stacks", help_text=said)


def slug_field() -> forms.CharField:
    return forms.CharField(
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        validators=[RegexValidator(NAME_PATTERN, SLUG_MESSAGE)],
        help_text="A short name that stays, such as oauth-social-login.",
    )
