"""API keys. Only a hash of the secret is stored."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from autopack.actors import Role
from autopack.choices import KeyState
from autopack.models.projects import Project

ROLE_CHOICES = [(role.value, role.value) for role in Role]


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self, now: datetime) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def expired(self, now: datetime) -> "ApiKeyQuerySet":
        return self.filter(revoked_at=None, expires_at__lte=now)

    def revoked(self) -> "ApiKeyQuerySet":
        return self.filter(revoked_at__isnull=False)


class ApiKey(models.Model):
    """Key text is `ap_<prefix>_<secret>`; `prefix` is shown and finds the row, `secret_hash` proves it.

    An empty `projects` means every project. Keys are revoked, never deleted: events name them.
    """

    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=8, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    roles = ArrayField(models.CharField(max_length=20, choices=ROLE_CHOICES))
    projects = models.ManyToManyField(
        Project,
        through="ApiKeyProject",
        blank=True,
        related_name="api_keys",
        help_text="None: every project.",
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=200, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="apikey_prefix_pattern", condition=Q(prefix__regex=r"^[a-z0-9]{8}$")),
            models.CheckConstraint(
                name="apikey_secret_hash_pattern",
                condition=Q(("secret_hash__regex", r"^[0-9a-f]{64}$")),
            ),
            models.CheckConstraint(
                name="apikey_roles_known",
                condition=Q(roles__len__gt=0, roles__contained_by=sorted(role.value for role in Role)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def state_at(self, now: datetime) -> KeyState:
        if self.revoked_at is not None:
            return KeyState.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return KeyState.EXPIRED
        return KeyState.ACTIVE

    @property
    def state(self) -> KeyState:
        return self.state_at(timezone.now())

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles)


class ApiKeyProject(models.Model):
    """A project that a key is limited to.

    Protected: were the row to go with its project, a key limited to that project would see every project.
    """

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE)
    project = models.ForeignKey(Project, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api_key", "project"], name="apikey_project_once"),
        ]

    def __str__(self) -> str:
        return f"{self.api_key_id} in {self.project_id}"
