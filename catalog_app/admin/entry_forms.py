"""Forms that say what a curator says: what was typed becomes a document, as if it had come in a file, so
that every way into the catalog is read by the same rules. What is refused comes back to its field."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from autopack.errors import AutopackError
from catalog_app.admin.fields import (
    ExtraField,
    NamesField,
    TextsField,
    extra_field,
    slug_field,
    stacks_field,
    text_field,
)
from catalog_app.admin.reasoned import ReasonedForm
from catalog_app.admin.refusals import Step, place_error, starts_with, steps_of
from catalog_app.interchange.entries import Section
from catalog_app.models import (
    Feature,
    FeatureCombination,
    FeatureSource,
    SourceRepo,
    StackProfile,
)

_COMMIT = r"^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"

Written = dict[str, Any]  # Any: whatever a document may hold.


class EntryForm(ReasonedForm):
    """`keys` names the fields whose key in a document is another one, `unwritten` those that are in none.
    `inner` is the key of what stands below the entry and has forms of its own."""

    section: ClassVar[Section]
    keys: ClassVar[Mapping[str, str]] = {}
    unwritten: ClassVar[frozenset[str]] = frozenset({"reason", "catalog", "slug"})
    inner: ClassVar[str] = ""
    name_field: ClassVar[str] = "slug"

    @property
    def name(self) -> str:
        return str(self.cleaned_data.get(self.name_field) or getattr(self.instance, self.name_field))

    def written(self) -> Written:
        """The entry, as a document would have it."""
        return write_fields(self, self.keys, self.unwritten)

    def show_refusal(self, refusal: AutopackError) -> None:
        place = (self.section.value, self.name)
        fields = {key: name for name, key in self.keys.items()}
        for error in refusal.errors or [{"detail": refusal.detail}]:
            steps = steps_of(error)
            rest = steps[2:] if starts_with(steps, place) else ()
            if self.inner and len(rest) > 1 and rest[0] == self.inner:
                continue
            key = str(rest[0]) if rest else str(error.get("field", ""))
            place_error(self, fields.get(key, key), error, below=rest[1:])


def write_fields(form: forms.BaseForm, keys: Mapping[str, str], unwritten: frozenset[str]) -> Written:
    """What was typed by its key, and beside it the further keys that imports brought."""
    names = [name for name in form.fields if name in form.cleaned_data and name not in unwritten]
    values = {name: form.cleaned_data[name] for name in names}
    kept = values.pop("extra", None) or {}
    return {
        **kept,
        **{keys.get(name, name): value for name, value in values.items() if value not in ("", None)},
    }


class FeatureForm(EntryForm):
    section = Section.FEATURES
    keys = {"request_phrases": "phrases"}
    inner = "repos"

    slug = slug_field()
    description = text_field()
    category = forms.CharField(
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="Lower case with hyphens, such as user-management.",
    )
    aliases = TextsField(help_text="Other names that people use for it, one a line.")
    request_phrases = TextsField(
        label="How people ask for it", help_text="A wish or a complaint in their own words, one a line."
    )
    tags = NamesField(help_text="Separated by commas.")
    requires = NamesField(help_text="Slugs of features that it needs, separated by commas.")
    conflicts = NamesField(help_text="Slugs of features that it cannot be combined with.")
    compatible_stacks = stacks_field()
    notes = text_field(rows=2)
    extra = extra_field()

    class Meta:
        model = Feature
        fields = ["catalog", "slug", "title", "description", "category", "complexity"]


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """One source of a feature. A retired one is left out of what the feature says."""

    keys: ClassVar[Mapping[str, str]] = {
        "declared_text": "license",
        "judgement": "quality_score",
        "judgement_note": "quality_note",
        "repo": "id",
    }
    unwritten: ClassVar[frozenset[str]] = frozenset({"id", "feature", "repo", "retire", "position"})

    paths = TextsField(rows=1, help_text="Folders or files, one a line. Empty: the whole repository.")
    declared_text = forms.CharField(
        label="Licence",
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextInputWidget,
        help_text="An SPDX expression, such as MIT or Apache-2.0 OR MIT.",
    )
    pinned_commit = forms.CharField(
        required=False,
        max_length=64,
        validators=[RegexValidator(_COMMIT, "A pin is a full object name: 40 or 64 hexadecimal digits.")],
        widget=UnfoldAdminTextInputWidget,
        help_text="A verification pins. By hand: a full object name, verified anew.",
    )
    compatible_stacks = stacks_field()
    judgement_note = text_field(rows=1)
    notes = text_field(rows=1)
    retire = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Takes it out of plans. It can be restored among the sources.",
    )

    class Meta:
        model = FeatureSource
        fields = ["repo", "position", "judgement"]
        labels = {"repo": "Repository"}
        help_texts = {"judgement": "0 to 1, beside the measured quality."}

    @property
    def is_said(self) -> bool:
        """Whether it is part of what the feature says."""
        is_filled = self.instance.pk is not None or self.has_changed()
        return is_filled and not self.cleaned_data.get("retire", False)

    def written(self) -> Written:
        said = write_fields(self, self.keys, self.unwritten)
        repo: SourceRepo = self.cleaned_data["repo"]
        said |= {"id": repo.repo_id, "repo_url": repo.url}
        if "pinned_commit" in self.changed_data:
            said["pinned_commit"] = self.cleaned_data["pinned_commit"]
        else:
            said.pop("pinned_commit", None)
        return {**self.instance.extra, **said}


class SourceFormSet(PaginationInlineFormSet):  # type: ignore[misc]  # Unfold has no types
    """All sources of a feature that are not retired, best first."""

    def __init__(self, *args: Any, refusal: AutopackError | None = None, **kwargs: Any) -> None:
        self.refusal = refusal
        super().__init__(*args, **kwargs)

    def get_form_error(self) -> str:
        return "This is here twice: the same paths of the same repository."

    def said_forms(self) -> list[SourceForm]:
        forms_said: list[SourceForm] = [form for form in self.forms if form.is_valid() and form.is_said]
        return sorted(forms_said, key=lambda form: form.cleaned_data.get("position") or 0)

    def written(self) -> list[Written]:
        return [form.written() for form in self.said_forms()]

    @property
    def has_retired(self) -> bool:
        return any(form.cleaned_data.get("retire") for form in self.forms)

    def clean(self) -> None:
        super().clean()
        if self.refusal is None:
            return
        fields = {key: name for name, key in SourceForm.keys.items()}
        said = self.said_forms()
        for error in self.refusal.errors:
            steps: tuple[Step, ...] = steps_of(error)
            if len(steps) > 3 and steps[2] == "repos" and int(steps[3]) < len(said):
                key = str(steps[4]) if len(steps) > 4 else ""
                place_error(said[int(steps[3])], fields.get(key, key), error, below=steps[5:])


class StackForm(EntryForm):
    section = Section.STACKS
    keys = {"preferred": "preferred_repos"}

    slug = slug_field()
    description = text_field(rows=2)
    project_types = NamesField(help_text="Labels such as api_service or rag_app, separated by commas.")
    slots = ExtraField(label="Further slots", help_text='Such as {"cache": "redis"}: texts or lists.')
    preferred = TextsField(
        label="Preferred repositories", help_text="Ids of repositories, one a line, best first."
    )
    notes = text_field(rows=2)
    extra = extra_field()

    class Meta:
        model = StackProfile
        fields = [
            "catalog",
            "slug",
            "title",
            "backend",
            "db",
            "vector_db",
            "frontend",
            "ci_profile",
            "budget_multiplier",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "preferred" in self.fields:
            refs = self.instance.preferred_repos.order_by("position").values_list("repo_ref", flat=True)
            self.initial["preferred"] = list(refs)

    def written(self) -> Written:
        said = super().written()
        slots = said.pop("slots", {})
        return {**said, "stack": slots} if slots else said


class CombinationForm(EntryForm):
    section = Section.COMBINATIONS

    slug = slug_field()
    description = text_field(rows=2)
    features = NamesField(help_text="Slugs of features, separated by commas.")
    compatible_stacks = stacks_field()
    extra = extra_field()

    class Meta:
        model = FeatureCombination
        fields = ["catalog", "slug", "title"]


class RepoForm(EntryForm):
    section = Section.REPOSITORIES
    name_field = "repo_id"
    keys = {"url": "repo_url", "is_whitelisted": "whitelisted"}
    unwritten = frozenset({"reason", "repo_id"})

    repo_id = slug_field()
    url = forms.CharField(
        label="Address",
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget,
        help_text="Where it lives for people and plans, such as https://github.com/pallets/flask.",
    )
    fetch_from = forms.CharField(
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextInputWidget,
        help_text=SourceRepo._meta.get_field("fetch_from").help_text,
    )
    notes = text_field(rows=2)
    extra = extra_field()

    class Meta:
        model = SourceRepo
        fields = ["repo_id", "default_branch", "ownership", "visibility", "is_whitelisted"]

    def written(self) -> Written:
        """An address that was emptied is taken away; in a document, none would leave it as it is."""
        return {"repo_url": "", **super().written()}
