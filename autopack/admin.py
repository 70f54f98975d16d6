"""The admin for projects, API keys and people. Projects and keys are never deleted: events name them.

Unfold has no types; what is ignored below is ignored for that reason.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from autopack.actors import Role
from autopack.authentication import get_actor
from autopack.choices import KeyState, ProjectSource, RepositoryStatus
from autopack.forms import NewApiKeyForm, ProjectForm
from autopack.kept_admin import KeptModelAdmin
from autopack.models import ApiKey, Project
from autopack.models.keys import ApiKeyQuerySet
from autopack.services.keys import create_key, revoke_key
from autopack.services.projects import save_project

# Unfold's names for badge colours.
_STATUS_LABELS = {"Usable": "success", "Unusable": "danger", "Unknown": "info"}
_KEY_LABELS = {"Active": "success", "Expired": "warning", "Revoked": "danger"}


@admin.register(Project)
class ProjectAdmin(KeptModelAdmin):
    form = ProjectForm
    list_display = [
        "project_id",
        "name",
        "repository",
        "repo_path",
        "ci_kind",
        "safety_profile",
        "source",
        "is_active",
    ]
    list_filter = ["is_active", "repository_status", "ci_kind", "safety_profile", "source"]
    search_fields = ["project_id", "name", "repo_path"]
    readonly_fields = ["source", "repository", "repository_problem_detail", "repository_checked_at"]
    fieldsets = [
        (None, {"fields": ["project_id", "name", "repo_path", "default_branch", "is_active"]}),
        ("Runs", {"fields": ["safety_profile", "default_run_scope"]}),
        ("CI", {"fields": ["ci_kind", "ci_normal", "ci_strict"]}),
        ("What patches may touch", {"fields": ["protected_paths", "path_policy"]}),
        (
            "State",
            {"fields": ["source", "repository", "repository_problem_detail", "repository_checked_at"]},
        ),
    ]

    @display(description="repository", ordering="repository_status", label=_STATUS_LABELS)  # type: ignore[untyped-decorator]
    def repository(self, project: Project) -> str:
        return RepositoryStatus(project.repository_status).label

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None else ["project_id", *fields]

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Projects of autopack.yaml are changed there; here they are shown."""
        is_from_file = obj is not None and obj.is_from_file
        return not is_from_file and bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Project, form: ProjectForm, change: bool) -> None:
        project = save_project(
            form.definition(),
            source=ProjectSource(obj.source) if change else ProjectSource.ADMIN,
            actor=get_actor(request),
            is_active=obj.is_active,
        )
        obj.pk = project.pk


class KeyStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return list(KeyState.pairs())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        keys = cast(ApiKeyQuerySet, queryset)
        if self.value() == KeyState.ACTIVE:
            return keys.active(timezone.now())
        if self.value() == KeyState.EXPIRED:
            return keys.expired(timezone.now())
        return keys.revoked() if self.value() == KeyState.REVOKED else keys


class KeyRoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(role.value, role.value) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(roles__contains=[self.value()]) if self.value() else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(KeptModelAdmin):
    """What a key may do is fixed when it is made; to change it, make another and revoke this one."""

    list_display = [
        "name",
        "shown_key",
        "shown_roles",
        "shown_projects",
        "shown_state",
        "last_used_at",
        "expires_at",
    ]
    list_filter = [KeyStateFilter, KeyRoleFilter]
    search_fields = ["name", "prefix", "created_by", "projects__project_id"]
    actions = ["revoke_selected"]
    actions_detail = ["revoke_one"]
    add_fieldsets = [(None, {"fields": ["name", "roles", "limited_to", "expires_at"]})]
    fields = [
        "name",
        "shown_key",
        "shown_state",
        "shown_roles",
        "shown_projects",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "created_at",
        "created_by",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request)
        return keys.prefetch_related("projects")

    def get_form(self, request: HttpRequest, obj: ApiKey | None = None, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewApiKeyForm
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:  # noqa: ARG002
        return [] if obj is None else [name for name in self.fields if name != "name"]

    @admin.display(description="key")
    def shown_key(self, key: ApiKey) -> str:
        return format_html("<code>ap_{}_…</code>", key.prefix)

    @admin.display(description="roles")
    def shown_roles(self, key: ApiKey) -> str:
        return ", ".join(key.roles)

    @admin.display(description="projects")
    def shown_projects(self, key: ApiKey) -> str:
        return ", ".join(project.project_id for project in key.projects.all()) or "every project"

    @display(description="state", label=_KEY_LABELS)  # type: ignore[untyped-decorator]
    def shown_state(self, key: ApiKey) -> str:
        return key.state.label

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=["name"])
            return
        created = create_key(
            obj.name,
            roles=[Role(role) for role in form.cleaned_data["roles"]],
            projects=form.cleaned_data["limited_to"],
            expires_at=form.cleaned_data["expires_at"],
            actor=get_actor(request),
        )
        obj.pk = created.key.pk
        obj.refresh_from_db()
        text = "The key is <code>{}</code>. Copy it now: it is shown this once and cannot be had again."
        messages.warning(request, format_html(text, created.plaintext))

    @action(description="Revoke the selected keys", permissions=["change"])  # type: ignore[untyped-decorator]
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self._ask_to_revoke(request, queryset)
        self._revoke(request, queryset)
        return None

    @action(description="Revoke", url_path="revoke", permissions=["change"])  # type: ignore[untyped-decorator]
    def revoke_one(self, request: HttpRequest, object_id: int) -> HttpResponse:
        key = get_object_or_404(ApiKey, pk=object_id)
        if request.method != "POST":
            return self._ask_to_revoke(request, ApiKey.objects.filter(pk=key.pk))
        self._revoke(request, ApiKey.objects.filter(pk=key.pk))
        return redirect(reverse("admin:autopack_apikey_change", args=[key.pk]))

    def _ask_to_revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "Revoke these keys?",
            "keys": keys,
            "action_name": request.POST.get("action", ""),
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/autopack/apikey/revoke.html", context)

    def _revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = [revoke_key(key, actor=get_actor(request)) for key in keys if key.revoked_at is None]
        for key in revoked:
            self.log_change(request, key, "Revoked.")
        count = "1 key" if len(revoked) == 1 else f"{len(revoked)} keys"
        messages.success(request, f"{count} revoked.")


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg, misc]
    """People. Their roles are the groups named after roles."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    pass
