"""The form of licence policies."""

from catalog_app.admin.fields import TextsField, text_field
from catalog_app.admin.reasoned import ReasonedForm
from catalog_app.choices import LicenseDecision
from catalog_app.models import LicensePolicy
from catalog_app.services.policies import PolicyEntry

_TERMS = "SPDX expressions, patterns (GPL-*) or categories (category:permissive), one a line."


class PolicyForm(ReasonedForm):
    allowed = TextsField(rows=6, help_text=f"May be reused unattended. {_TERMS}")
    review = TextsField(rows=4, help_text="A curator decides; never reused unattended.")
    denied = TextsField(rows=6, help_text="Never reused, like whatever no list names, and no licence at all.")
    allowed_as_dependency = TextsField(
        rows=3, help_text="May be installed as a dependency, although copying needs review or is denied."
    )
    notes = text_field(rows=2)

    class Meta:
        model = LicensePolicy
        fields = ["slug", "title", "project", "own_repositories"]

    def entry(self) -> PolicyEntry:
        said = self.cleaned_data
        return PolicyEntry(
            slug=said.get("slug") or self.instance.slug,
            title=said["title"],
            allowed=said["allowed"],
            review=said["review"],
            denied=said["denied"],
            allowed_as_dependency=said["allowed_as_dependency"],
            own_repositories=LicenseDecision(said["own_repositories"]),
            notes=said["notes"],
            project=said.get("project"),
        )
