"""Forms of the admin for projects and keys. Messages stand beside the field they are about."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from autopack import project_rules
from autopack.actors import Role
from autopack.choices import CiKind, RunScope, SafetyProfile
from autopack.documents import Problem
from autopack.form_fields import IndentedJSONField
from autopack.models import ApiKey, Project
from autopack.project_rules import ProjectDefinition

T = TypeVar("T")

_STEPS_HELP = (
    'A list such as [{"name": "tests", "run": ["make", "test"], "timeout": "5m", "retries": 1, '
    '"junit": "build/junit.xml"}]; "shell" instead of "run" takes a script.'
)


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    ci_normal = IndentedJSONField(label="CI steps, normal profile", required=False, help_text=_STEPS_HELP)
    ci_strict = IndentedJSONField(
        label="CI steps, strict profile", required=False, help_text="Without steps, the normal ones are run."
    )
    protected_paths = IndentedJSONField(
        required=False,
        help_text="Patterns as in a .gitignore that no patch may touch. Empty: CI definitions.",
    )
    path_policy = IndentedJSONField(
        required=False,
        help_text="May hold allow_symlinks, allow_submodules, max_patch_bytes, max_files, max_file_bytes.",
    )

    class Meta:
        model = Project
        fields = [
            "project_id",
            "name",
            "repo_path",
            "default_branch",
            "safety_profile",
            "default_run_scope",
            "ci_kind",
            "ci_normal",
            "ci_strict",
            "protected_paths",
            "path_policy",
            "is_active",
        ]
        widgets = {"repo_path": UnfoldAdminTextInputWidget}

    def clean_project_id(self) -> str:
        project_id: str = self.cleaned_data["project_id"]
        for complaint in project_rules.complaints_about_id(project_id):
            raise ValidationError(f"{complaint[0].upper()}{complaint[1:]}.")
        return project_id

    def clean_repo_path(self) -> str:
        path: str = self.cleaned_data["repo_path"]
        if not Path(path).is_absolute():
            raise ValidationError("This must be an absolute path.")
        return path

    def clean_default_branch(self) -> str:
        branch, problems = project_rules.read_branch(self.cleaned_data["default_branch"], "")
        return _checked(branch, problems)

    def clean_ci_normal(self) -> list[dict[str, Any]]:
        return _checked(*project_rules.read_steps(self.cleaned_data["ci_normal"], ""))

    def clean_ci_strict(self) -> list[dict[str, Any]]:
        return _checked(*project_rules.read_steps(self.cleaned_data["ci_strict"], ""))

    def clean_protected_paths(self) -> list[str]:
        return _checked(*project_rules.read_protected_paths(self.cleaned_data["protected_paths"], ""))

    def clean_path_policy(self) -> dict[str, Any]:
        return _checked(*project_rules.read_path_policy(self.cleaned_data["path_policy"], ""))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = CiKind(cleaned.get("ci_kind", CiKind.LOCAL))
        for name in ("ci_normal", "ci_strict"):
            if kind is not CiKind.LOCAL and cleaned.get(name):
                self.add_error(name, f"This {project_rules.steps_without_effect(kind)}.")
        return cleaned

    def definition(self) -> ProjectDefinition:
        """What the form says, once it is valid."""
        project = self.instance
        return ProjectDefinition(
            project_id=project.project_id,
            name=project.name,
            repo_path=project.repo_path,
            default_branch=project.default_branch,
            safety_profile=SafetyProfile(project.safety_profile),
            default_run_scope=RunScope(project.default_run_scope),
            ci_kind=CiKind(project.ci_kind),
            ci_normal=project.ci_normal,
            ci_strict=project.ci_strict,
            protected_paths=project.protected_paths,
            path_policy=project.path_policy,
        )


class NewApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    roles = forms.MultipleChoiceField(
        choices=[(role.value, role.value) for role in Role],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Any role reads. Give only what the holder needs.",
    )
    limited_to = forms.ModelMultipleChoiceField(
        label="Projects",
        queryset=Project.objects.all(),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="None chosen: every project, also those that come later.",
    )
    expires_at = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, help_text="UTC. Empty: never."
    )

    class Meta:
        model = ApiKey
        fields = ["name", "roles", "expires_at"]

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise ValidationError("This is in the past.")
        return expires_at


def _checked(value: T, problems: Iterable[Problem]) -> T:
    messages = [f"{problem.path.lstrip('.')}: {problem.message}".lstrip(": ") for problem in problems]
    if messages:
        raise ValidationError(messages)
    return value
