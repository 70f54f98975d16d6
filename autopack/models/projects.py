"""A project: one repository and the rules for building in it."""

from django.db import models
from django.db.models import Q

from autopack.choices import (
    DEFAULT_PROTECTED_PATHS,
    PROJECT_ID_PATTERN,
    Choice,
    CiKind,
    ProjectSource,
    RepositoryStatus,
    RunScope,
    SafetyProfile,
)


def default_protected_paths() -> list[str]:
    return list(DEFAULT_PROTECTED_PATHS)


def _known(field: str, kind: type[Choice]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"project_{field}_known", condition=Q(**{f"{field}__in": sorted(m.value for m in kind)})
    )


class ProjectQuerySet(models.QuerySet["Project"]):
    def active(self) -> "ProjectQuerySet":
        return self.filter(is_active=True)

    def visible_to(self, project_ids: frozenset[str] | None) -> "ProjectQuerySet":
        """Restrict to an actor's projects; None sees all (see `Actor.project_ids`)."""
        return self if project_ids is None else self.filter(project_id__in=project_ids)


class Project(models.Model):
    """`ci_normal` and `ci_strict` are lists of steps as `runs_app.ci.config` reads them.

    `path_policy` holds what differs from the defaults of `runs_app.gitops.types.PathPolicy`; its keys are
    `allow_symlinks`, `allow_submodules`, `max_patch_bytes`, `max_files`, `max_file_bytes`.
    """

    project_id = models.CharField(
        max_length=100, unique=True, help_text="Letters, digits, dot, underscore, hyphen; it stays for good."
    )
    name = models.CharField(max_length=200)
    repo_path = models.TextField(
        "repository path", help_text="Absolute path of the git repository on the machine that runs Autopack."
    )
    default_branch = models.CharField(
        max_length=255,
        default="main",
        help_text="The protected branch: runs start from its tip.",
    )
    safety_profile = models.CharField(
        max_length=20, choices=SafetyProfile.pairs(), default=SafetyProfile.NORMAL.value
    )
    default_run_scope = models.CharField(
        max_length=20, choices=RunScope.pairs(), default=RunScope.MULTI_TIER.value
    )

    ci_kind = models.CharField("CI", max_length=20, choices=CiKind.pairs(), default=CiKind.LOCAL.value)
    ci_normal = models.JSONField("CI steps, normal profile", default=list, blank=True)
    ci_strict = models.JSONField("CI steps, strict profile", default=list, blank=True)
    protected_paths = models.JSONField(default=default_protected_paths, blank=True)
    path_policy = models.JSONField(default=dict, blank=True)

    is_active = models.BooleanField("active", default=True, help_text="Runs start only in active projects.")
    source = models.CharField(
        max_length=20, choices=ProjectSource.pairs(), default=ProjectSource.ADMIN.value, editable=False
    )

    repository_status = models.CharField(
        max_length=20,
        choices=RepositoryStatus.pairs(),
        default=RepositoryStatus.UNKNOWN.value,
        editable=False,
    )
    repository_problem_code = models.CharField(max_length=60, default="", blank=True, editable=False)
    repository_problem_detail = models.TextField(default="", blank=True, editable=False)
    repository_checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["project_id"]
        constraints = [
            models.CheckConstraint(
                name="project_id_pattern",
                condition=Q(project_id__regex=PROJECT_ID_PATTERN),
                violation_error_message="Use 1 to 100 letters, digits, dots, underscores and hyphens, "
                "with a letter or digit first.",
            ),
            _known("safety_profile", SafetyProfile),
            _known("default_run_scope", RunScope),
            _known("ci_kind", CiKind),
            _known("source", ProjectSource),
            _known("repository_status", RepositoryStatus),
        ]

    def __str__(self) -> str:
        return self.project_id

    @property
    def is_from_file(self) -> bool:
        return self.source == ProjectSource.FILE
