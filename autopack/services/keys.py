"""Making, revoking and checking API keys; what a signed-in person may do."""

import hashlib
import hmac
import logging
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef, Q
from django.utils import timezone

from autopack.actors import Actor, ActorKind, Role
from autopack.choices import KeyState
from autopack.errors import Refused, Unauthenticated
from autopack.models import ApiKey, ApiKeyProject, Project

logger = logging.getLogger(__name__)

PREFIX_LENGTH = 8
SECRET_LENGTH = 40
LAST_USED_PRECISION = timedelta(minutes=1)

_PREFIX_ALPHABET = string.ascii_lowercase + string.digits
_SECRET_ALPHABET = string.ascii_letters + string.digits
_KEY_TEXT = re.compile(r"ap_([a-z0-9]{8})_[A-Za-z0-9]{20,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """`plaintext` exists here only: it is shown once and cannot be had again."""

    key: ApiKey
    plaintext: str


def create_key(
    name: str,
    *,
    roles: Iterable[Role],
    actor: Actor,
    projects: Iterable[Project] = (),
    expires_at: datetime | None = None,
) -> CreatedKey:
    """Make a key. No projects means every project. Raises Refused (`invalid_key_request`)."""
    asked = frozenset(roles)
    wanted = [role for role in Role if role in asked]
    problems = []
    if not name.strip():
        problems.append({"code": "missing_name", "detail": "A key needs a name."})
    if not wanted:
        problems.append({"code": "missing_roles", "detail": "A key needs at least one role."})
    if expires_at is not None and expires_at <= timezone.now():
        problems.append({"code": "expired", "detail": "The key would have expired already."})
    if problems:
        raise Refused(
            " ".join(problem["detail"] for problem in problems), code="invalid_key_request", errors=problems
        )
    prefix = _random_text(_PREFIX_ALPHABET, PREFIX_LENGTH)
    plaintext = f"ap_{prefix}_{_random_text(_SECRET_ALPHABET, SECRET_LENGTH)}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=name.strip(),
            prefix=prefix,
            secret_hash=hash_key(plaintext),
            roles=[role.value for role in wanted],
            expires_at=expires_at,
            created_by=actor.identity,
        )
        ApiKeyProject.objects.bulk_create(
            ApiKeyProject(api_key=key, project=project) for project in frozenset(projects)
        )
    logger.info("key %s (%s) created by %s", prefix, ", ".join(wanted), actor.identity)
    return CreatedKey(key, plaintext)


def revoke_key(key: ApiKey, *, actor: Actor) -> ApiKey:
    """End a key for good. Revoking a revoked key changes nothing."""
    now = timezone.now()
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        key.revoked_at = now
        logger.info("key %s revoked by %s", key.prefix, actor.identity)
    else:
        key.refresh_from_db(fields=["revoked_at"])
    return key


def authenticate_key(plaintext: str) -> Actor:
    """The actor behind a key text.

    Raises Unauthenticated: `invalid_key` (also for a right prefix with a wrong secret), `revoked_key`,
    `expired_key`. Costs one query, and one update a minute.
    """
    match = _KEY_TEXT.fullmatch(plaintext)
    found = _find_key(match[1]) if match else None
    if found is None or not hmac.compare_digest(found[0].secret_hash, hash_key(plaintext)):
        raise Unauthenticated("This key is not known here.", code="invalid_key")
    key, project_ids = found
    now = timezone.now()
    state = key.state_at(now)
    if state is KeyState.REVOKED:
        raise Unauthenticated("This key has been revoked. Ask for a new one.", code="revoked_key")
    if state is KeyState.EXPIRED:
        raise Unauthenticated(f"This key expired at {key.expires_at:%Y-%m-%d %H:%M} UTC.", code="expired_key")
    _note_use(key, now)
    return Actor(
        kind=ActorKind.KEY,
        identity=f"key:{key.prefix}",
        name=key.name,
        roles=key.role_set,
        project_ids=project_ids or None,
    )


def actor_for_user(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """A person: roles from the groups named after roles; a superuser has all of them."""
    if not isinstance(user, User) or not user.is_active:
        return Actor(ActorKind.USER, "user:anonymous", "anonymous", frozenset())
    if user.is_superuser:
        roles = frozenset(Role)
    else:
        names = user.groups.filter(name__in=[role.value for role in Role]).values_list("name", flat=True)
        roles = frozenset(Role(name) for name in names)
    return Actor(ActorKind.USER, f"user:{user.pk}", user.get_full_name() or user.get_username(), roles)


def hash_key(plaintext: str) -> str:
    """SHA-256, and no slow hash: the secret has 238 random bits, so there is nothing to guess that a slow
    hash would protect, and one would cost every request what it costs an attacker."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


def _find_key(prefix: str) -> tuple[ApiKey, frozenset[str]] | None:
    """A key and the ids of its projects, by one query."""
    project_ids = ApiKeyProject.objects.filter(api_key=OuterRef("pk")).values("project__project_id")
    keys = ApiKey.objects.annotate(limited_to=ArraySubquery(project_ids))
    key: Any = keys.filter(prefix=prefix).first()  # Any: the annotation is no field of the model.
    return (key, frozenset(key.limited_to)) if key else None


def _note_use(key: ApiKey, now: datetime) -> None:
    """At most one write a minute and key: the row just read says whether one is due."""
    due_before = now - LAST_USED_PRECISION
    if key.last_used_at is None or key.last_used_at <= due_before:
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=due_before)
        ApiKey.objects.filter(is_due, pk=key.pk).update(last_used_at=now)


def _random_text(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
