"""Every route of a URLconf, and how each one answers somebody without credentials."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.test import Client
from django.urls import URLPattern, URLResolver, converters, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SIGN_IN = ("/accounts/login/", "/admin/login/")

_SAMPLES: dict[type, str] = {
    converters.IntConverter: "1",
    converters.StringConverter: "x",
    converters.SlugConverter: "x",
    converters.UUIDConverter: "00000000-0000-4000-8000-000000000000",
    converters.PathConverter: "x/y",
}
_ACCEPTS = ("*/*", "application/json", "text/html,*/*;q=0.8")


@dataclass(frozen=True, slots=True)
class Route:
    """`path` has its converters filled; `pattern` is how the URLconf spells it."""

    path: str
    pattern: str
    name: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A request that was answered although nobody asked who sent it."""

    route: Route
    method: str
    accept: str
    status: int


def list_routes(urlconf: str | None = None) -> list[Route]:
    """Every leaf of a URLconf, the includes followed."""
    return list(_leaves(get_resolver(urlconf).url_patterns, "/", "/", ""))


def find_openings(client: Client, routes: Sequence[Route]) -> list[Opening]:
    """Ask for every route by every method, as a script and as a browser.

    Closed is: 401, 403, or a redirect to the sign-in page. 405 and 406 are closed too, but only on a route
    that refuses another request: a view that answered 405 to everything would prove nothing. A 404 or 400
    is open: something was looked up before the question who wants to know.
    """
    openings = []
    for route in routes:
        statuses = {
            (method, accept): _ask(client, route, method, accept) for method in METHODS for accept in _ACCEPTS
        }
        is_guarded = 401 in statuses.values()
        openings += [
            Opening(route, method, accept, status)
            for (method, accept), status in statuses.items()
            if status != 401 and not (status in (405, 406) and is_guarded)
        ]
    return openings


def _ask(client: Client, route: Route, method: str, accept: str) -> int:
    """The status, with every form of "who are you?" as 401."""
    body = None if method in ("GET", "HEAD") else "{}"
    response = client.generic(
        method, route.path, body or "", content_type="application/json", headers={"Accept": accept}
    )
    location = urlsplit(response.headers.get("Location", "")).path
    is_refused = response.status_code in (401, 403) or (response.status_code == 302 and location in SIGN_IN)
    return 401 if is_refused else response.status_code


def _leaves(
    patterns: Sequence[URLPattern | URLResolver], path: str, pattern: str, namespace: str
) -> Iterator[Route]:
    for entry in patterns:
        inner_path, inner_pattern = path + _fill(entry), pattern + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _leaves(entry.url_patterns, inner_path, inner_pattern, inner)
        else:
            yield Route(inner_path, inner_pattern, f"{namespace}{entry.name or entry.lookup_str}")


def _fill(entry: URLPattern | URLResolver) -> str:
    """A path that the pattern matches. Fails loudly on a converter it has no sample for."""
    pattern = entry.pattern
    if isinstance(pattern, RoutePattern):
        filled = str(pattern)
        for name, converter in pattern.converters.items():
            sample = _SAMPLES[type(converter)]
            for spelling in (f"<{name}>", *(f"<{kind}:{name}>" for kind in converters.get_converters())):
                filled = filled.replace(spelling, sample)
        return filled
    if isinstance(pattern, RegexPattern):
        expression = pattern.regex.pattern
        template, parameters = normalize(expression)[0]
        return template % {name: _first_alternative(expression, name) for name in parameters}
    raise TypeError(f"no path for a {type(pattern).__name__}")


def _first_alternative(expression: str, group: str) -> str:
    """The first word of a group like `(?P<app>auth|runs)`, or a letter where anything goes."""
    words = re.search(rf"\(\?P<{group}>(\w+)[|)]", expression)
    return words[1] if words else "x"
