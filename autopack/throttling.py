"""How fast one caller may ask."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from autopack.authentication import get_actor

if TYPE_CHECKING:
    # DRF's views read this class from the settings while they are imported themselves.
    from rest_framework.views import APIView


class ActorRateThrottle(SimpleRateThrottle):
    """So many requests a minute for each key or person, counted by each web process for itself.

    It stops a client that runs wild, not one that works hard: waiting clients use `Prefer: wait`.
    """

    scope = "actor"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:  # noqa: ARG002
        """None, which is no limit, for the few views that strangers may see."""
        if not getattr(request.user, "is_authenticated", False):
            return None
        return f"throttle:{get_actor(request).identity}"
