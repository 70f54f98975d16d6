"""Who sends a request: an API key, or a person with a session.

After authentication `request.auth` is the `Actor`; `get_actor` reads it from any kind of request.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.request import Request

from autopack.actors import Actor
from autopack.errors import Unauthenticated
from autopack.services.keys import actor_for_user, authenticate_key

SIGN_IN_HINT = "Send a key as 'Authorization: Bearer <key>', or sign in."
_SCHEMES = ("bearer", "api-key")
_USER_ACTOR = "_autopack_actor"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """What `request.user` is for an API key: somebody signed in who is no row of the user table."""

    actor: Actor

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    def get_username(self) -> str:
        return self.actor.identity


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer ap_…` or `Authorization: Api-Key ap_…`. Raises Unauthenticated."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, credentials = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() not in _SCHEMES:
            return None
        actor = authenticate_key(credentials.strip())
        return KeyHolder(actor), actor

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="autopack"'


class SessionAuthentication(authentication.SessionAuthentication):
    """A person who is signed in, for Swagger UI and the dashboard. Writes need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        return None if found is None else (found[0], _user_actor(found[0]))


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers by subclassing
    target_class = ApiKeyAuthentication
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "description": "An API key, `ap_…`."}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers by subclassing
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def get_actor(request: Request | HttpRequest) -> Actor:
    """The actor of a request that passed authentication. Raises Unauthenticated where there is none."""
    auth = getattr(request, "auth", None)
    if isinstance(auth, Actor):
        return auth
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.is_active:
        return _user_actor(user)
    raise Unauthenticated(SIGN_IN_HINT)


def _user_actor(user: User) -> Actor:
    """Kept on the user object, so that a request asks for the groups once."""
    actor: Actor | None = getattr(user, _USER_ACTOR, None)
    if actor is None:
        actor = actor_for_user(user)
        setattr(user, _USER_ACTOR, actor)
    return actor
