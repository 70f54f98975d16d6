"""Who may open a page, and what a page that polls itself needs from its request."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from autopack.actors import Actor, Role
from autopack.authentication import get_actor
from autopack.numbers import parse_count
from autopack.permissions import page

P = ParamSpec("P")


class PageRequest(HttpRequest):
    """A request of somebody signed in, after django-htmx has looked at it."""

    htmx: HtmxDetails


View = Callable[Concatenate[PageRequest, Actor, P], HttpResponseBase]
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def dashboard_page(*roles: Role) -> Callable[[View[P]], Page[P]]:
    """Decorate a page of the dashboard, which gets its actor after the request.

    Any role reads, `roles` write. A page that polls after its session ended goes to the sign-in page as a
    whole, instead of showing it inside itself.
    """

    def decorate(view: View[P]) -> Page[P]:
        @page(*roles)
        def signed_in(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = view(cast(PageRequest, request), get_actor(request), *args, **kwargs)
            patch_vary_headers(response, ["HX-Request"])
            response.headers.setdefault("Cache-Control", "no-cache")
            return response

        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated and cast(PageRequest, request).htmx:
                return HttpResponseClientRedirect(resolve_url("login"))
            return signed_in(request, *args, **kwargs)

        return guarded

    return decorate


def is_unchanged(request: PageRequest, version: str) -> bool:
    """A poll by somebody who has seen `version` already. Answer it with `unchanged()`."""
    return bool(request.htmx) and request.GET.get("seen") == version


def unchanged() -> HttpResponse:
    """htmx leaves the page as it is and goes on polling."""
    return HttpResponse(status=204)


def render_live(request: PageRequest, name: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page `<name>.html`, or to htmx only its live part `<name>_live.html`; `name` as `runs_app/run`.

    Going back in the browser's history asks by htmx too, and for the whole page.
    """
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    template = f"{name}_live.html" if is_fragment else f"{name}.html"
    return render(request, template, {**context, "is_fragment": is_fragment})


def read_number(request: HttpRequest, name: str) -> int | None:
    """A count from the query string; None if there is none or it is no number that a row could have."""
    return parse_count(request.GET.get(name, ""))
