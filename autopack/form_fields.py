"""Form fields that every app's admin may use."""

import json
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget


class IndentedJSONField(forms.JSONField):
    """JSON as a person reads and writes it."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        is_typed_text = isinstance(value, str) or value is None
        return value if is_typed_text else json.dumps(value, indent=2, ensure_ascii=False)
