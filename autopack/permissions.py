"""Who may do what (DESIGN §7). Any role reads; writing needs one of the roles named here.

REST views name one of these classes in `permission_classes`; everything else calls `ensure_role` or
decorates a page with `page`.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ClassVar, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from autopack.actors import PLANNERS, Actor, Role
from autopack.authentication import get_actor
from autopack.errors import Forbidden

if TYPE_CHECKING:
    # DRF's views read these classes from the settings while they are imported themselves.
    from rest_framework.views import APIView

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def ensure_role(actor: Actor, *roles: Role) -> None:
    """Raises Forbidden (`missing_role`) unless the actor has one of the roles."""
    if actor.has_role(*roles):
        return
    needed = [role.value for role in roles]
    held = sorted(role.value for role in actor.roles)
    raise Forbidden(
        f"This needs the role {' or '.join(needed)}; {actor.name} has {', '.join(held) or 'none'}.",
        code="missing_role",
        needed=needed,
        held=held,
    )


class HasAnyRole(BasePermission):
    """The default: somebody known, with whatever role. `roles` are those that may also write."""

    roles: ClassVar[tuple[Role, ...]] = tuple(Role)

    def has_permission(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002
        if not getattr(request.user, "is_authenticated", False):
            return False
        ensure_role(get_actor(request), *(Role if request.method in SAFE_METHODS else self.roles))
        return True


class StartsRuns(HasAnyRole):
    """Making plans, keeping templates, starting runs."""

    roles = PLANNERS


class OperatesRuns(HasAnyRole):
    """Cancelling, promoting, correcting status."""

    roles = (Role.OPERATOR,)


class Builds(HasAnyRole):
    """Claiming, submitting results and issues, asking for an audit."""

    roles = (Role.BUILDER,)


class Audits(HasAnyRole):
    """Submitting verdicts."""

    roles = (Role.AUDITOR,)


class Verifies(HasAnyRole):
    """Reporting CI results from outside."""

    roles = (Role.VERIFIER,)


class Curates(HasAnyRole):
    """Writing the catalog."""

    roles = (Role.CURATOR,)


class CuratesDrafts(Curates):
    """What is no part of a catalog yet: nobody but curators sees it."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        ensure_role(get_actor(request), *self.roles)
        return True


def page(*roles: Role) -> Callable[[Page[P]], Page[P]]:
    """Decorate a page: signed in, with any role to read and one of `roles` to write.

    Without roles the page takes no writes. Strangers are sent to the sign-in page; a missing role raises
    Forbidden, which the error middleware answers.
    """

    def decorate(view: Page[P]) -> Page[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            ensure_role(get_actor(request), *(Role if request.method in SAFE_METHODS else roles))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
