"""Forms of what curators change, with the reason at their end."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from autopack.errors import AutopackError
from catalog_app.admin.refusals import place_refusal

_REASON_HELP = (
    "Required where a pin, a licence or the whitelist changes, or a source is retired. Kept in the history."
)


class ReasonedForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """`refusal` is what the service said to the same form before, if it said no."""

    reason = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), help_text=_REASON_HELP
    )
    refusal: AutopackError | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.refusal is not None:
            self.show_refusal(self.refusal)
        return cleaned

    def show_refusal(self, refusal: AutopackError) -> None:
        place_refusal(self, refusal)

    @property
    def said_reason(self) -> str:
        return str(self.cleaned_data.get("reason", ""))
