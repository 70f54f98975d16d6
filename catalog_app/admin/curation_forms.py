"""Forms of the curation inbox."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog_app.choices import Complexity
from catalog_app.curation.drafts import Edits
from catalog_app.curation.intake import MAX_REPOSITORIES
from catalog_app.models import FeatureCatalog
from catalog_app.presentation.candidates import CandidateRow

DECIDE_FORM = "decide"
"""The one form of the inbox: fields, boxes and buttons all over the page belong to it."""

_EXAMPLE = """https://github.com/pennersr/django-allauth
https://github.com/pallets/flask from /srv/mirrors/flask.git   # fetched from a mirror
/srv/git/our-login"""


class NewRunForm(forms.Form):
    title = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True, "placeholder": "Sign-in"})
    )
    catalog = forms.ModelChoiceField(
        FeatureCatalog.objects.order_by("title"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
        help_text="Where the accepted ones go.",
    )
    text = forms.CharField(
        label="Repositories",
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14, "spellcheck": "false", "placeholder": _EXAMPLE}),
        help_text=f"One a line, or what GitHub answers to a repository search; at most {MAX_REPOSITORIES}.",
    )


class CandidateForm(forms.Form):
    """What would be accepted, in place. A list is separated by commas."""

    title = forms.CharField(required=False, max_length=200)
    slug = forms.CharField(required=False, max_length=100)
    category = forms.CharField(required=False, max_length=100)
    complexity = forms.ChoiceField(choices=Complexity.pairs())
    license = forms.CharField(required=False, max_length=1000)
    aliases = forms.CharField(required=False, max_length=5000)
    paths = forms.CharField(required=False, max_length=5000)
    description = forms.CharField(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 1}))
    feature = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Any: as Django's.
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"form": DECIDE_FORM, "class": "ap-in"}
        self.fields["title"].required = not self["feature"].value()
        self.fields["slug"].required = not self["feature"].value()

    def edits(self) -> Edits:
        """All of it; what is as proposed is left out when it is kept."""
        said = self.cleaned_data
        return Edits(
            slug=said["slug"],
            title=said["title"],
            description=said["description"],
            category=said["category"],
            complexity=Complexity(said["complexity"]),
            license=said["license"],
            aliases=_split(said["aliases"]),
            paths=_split(said["paths"]),
            feature=said["feature"],
        )


def candidate_form(row: CandidateRow) -> CandidateForm:
    proposal = row.proposal
    form = CandidateForm(
        prefix=str(row.candidate.pk),
        initial={
            "title": proposal.title,
            "slug": proposal.slug,
            "category": proposal.category,
            "complexity": proposal.complexity.value,
            "license": proposal.license,
            "aliases": ", ".join(proposal.aliases),
            "paths": ", ".join(proposal.paths),
            "description": proposal.description,
            "feature": row.target,
        },
    )
    form.fields["category"].widget.attrs["list"] = "categories"
    form.fields["feature"].widget.attrs["list"] = f"likes-{row.candidate.pk}"
    form.fields["paths"].widget.attrs["placeholder"] = "the whole repository"
    form.fields["license"].widget.attrs["placeholder"] = "none"
    form.fields["feature"].widget.attrs["placeholder"] = "a feature of its own"
    return form


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for item in re.split(r"[,\n]", text) if (part := item.strip())))
