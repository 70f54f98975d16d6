"""The one place where errors become HTTP: problem documents (RFC 9457), or a page for a browser.

A document has `type` (`urn:autopack:problem:<code>`), `title`, `status`, `detail`, `instance` (the path asked
for), `code`, and `errors`: every single reason, each with `code` and `detail` and, where they apply, `path`,
`line` and `pointer` (a JSON pointer into the request body). Further members depend on the code.
"""

import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from rest_framework import exceptions as drf
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from autopack import errors
from autopack.authentication import SIGN_IN_HINT

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_DATABASE_RETRY_SECONDS = 1
_CHALLENGE = 'Bearer realm="autopack"'

_STATUS: Mapping[type[errors.AutopackError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.WrongState: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooFast: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ConfigurationError: HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    detail: str
    errors: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.code.replace("_", " ").capitalize()

    def as_json(self, instance: str) -> bytes:
        document = {
            **self.extra,
            "type": f"urn:autopack:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "errors": self.errors,
        }
        # ASCII only: paths of a refused patch may hold bytes that are no UTF-8 (as lone surrogates).
        return json.dumps(document, cls=JSONEncoder).encode()

    def headers(self) -> dict[str, str]:
        headers = {"Cache-Control": "no-store"}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = _CHALLENGE
        retry_after_seconds = self.extra.get("retry_after_seconds")
        if retry_after_seconds is not None:
            headers["Retry-After"] = str(max(1, round(retry_after_seconds)))
        return headers


def describe(error: Exception, *, is_read: bool = False) -> Problem | None:
    """The problem an exception stands for; None for a defect of Autopack itself.

    `is_read` says that the values at fault came from the query string, not from a body.
    """
    if isinstance(error, errors.AutopackError):
        return _describe_ours(error)
    if isinstance(error, drf.ValidationError):
        return _describe_invalid(error, is_read=is_read)
    if isinstance(error, drf.APIException):
        return _describe_drf(error)
    if isinstance(error, Http404):
        return Problem(404, "not_found", "There is nothing here, or it is not for you.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "forbidden", "This is not for you.")
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "too_large", "The body is larger than this server accepts.")
    if isinstance(error, SuspiciousOperation):
        return Problem(400, "malformed", "The request cannot be read.")
    if isinstance(error, DataError | UnicodeEncodeError):
        # PostgreSQL's class 22 blames the value: a NUL in a text, a number out of range. Half of a surrogate
        # pair, which JSON can spell, does not even get there.
        return Problem(
            422,
            "unstorable_value",
            "A value cannot be stored: a NUL or half a character in a text, or too large.",
        )
    if isinstance(error, OperationalError | InterfaceError):
        # It is being restarted, or has no connection left. Everything that writes may be repeated.
        return Problem(
            503,
            "database_unavailable",
            "The database does not answer. Ask again.",
            extra={"retry_after_seconds": _DATABASE_RETRY_SECONDS},
        )
    return None


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A page for a browser outside `/api/`, a problem document for everybody else."""
    if problem.status == HTTPStatus.UNAUTHORIZED and _is_navigation(request):
        return redirect_to_login(request.get_full_path())
    if wants_page(request):
        own = f"{problem.status}.html" if problem.status in (403, 404, 500) else "400.html"
        content = render_to_string(own, {"problem": problem}, request=None)
        return HttpResponse(content, status=problem.status, headers=problem.headers())
    return _document(request, problem)


def wants_page(request: HttpRequest) -> bool:
    """Browsers name text/html; API clients send `*/*` or JSON. `/api/` never answers with error pages."""
    return _is_browser(request) and not request.path.startswith("/api/")


def drf_exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """DRF's EXCEPTION_HANDLER. None lets the exception reach `server_error`."""
    request: Request = context["request"]
    problem = describe(error, is_read=request.method in SAFE_METHODS)
    if problem is None:
        return None
    if isinstance(error, DataError | UnicodeEncodeError):
        logger.warning("a value could not be stored: %s %s: %s", request.method, request.path, error)
    if problem.code == "database_unavailable":
        logger.warning("the database does not answer: %s %s: %s", request.method, request.path, error)
    return respond(request._request, problem)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, describe(exception) or Problem(400, "malformed", "The request cannot be read."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, describe(exception) or Problem(403, "forbidden", "This is not for you."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(request, describe(exception) or Problem(404, "not_found", "There is nothing here."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Says nothing about the cause; the log has it, under the reference and Django's own record after it."""
    reference = secrets.token_hex(4)
    logger.error("error reference %s: %s %s", reference, request.method, request.path)
    detail = f"Autopack failed to answer. The server's log has the cause under the reference {reference}."
    problem = Problem(500, "internal_error", detail, extra={"reference": reference})
    try:
        return respond(request, problem)
    except Exception:
        # Whatever a broken error page raises, an answer is owed.
        logger.exception("error reference %s: no error page either", reference)
        return _document(request, problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Settings' CSRF_FAILURE_VIEW."""
    logger.warning("CSRF check failed: %s %s: %s", request.method, request.path, reason)
    if wants_page(request):
        return HttpResponse(render_to_string("403_csrf.html"), status=403)
    return respond(request, Problem(403, "csrf_failed", "The CSRF token is missing or wrong."))


def _document(request: HttpRequest, problem: Problem) -> HttpResponse:
    return HttpResponse(
        problem.as_json(request.path),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=problem.headers(),
    )


def _is_browser(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers


def _is_navigation(request: HttpRequest) -> bool:
    """A person who opened an address, and can be sent to the sign-in page."""
    return (
        request.method in ("GET", "HEAD")
        and _is_browser(request)
        and "HX-Request" not in request.headers
        and "Authorization" not in request.headers
    )


def _describe_ours(error: errors.AutopackError) -> Problem | None:
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return Problem(_STATUS[kind], error.problem_code, error.detail, error.errors, error.extra)
    return None


def _describe_drf(error: drf.APIException) -> Problem:
    detail, code = str(error.detail), str(getattr(error.detail, "code", error.default_code))
    if isinstance(error, drf.ParseError):
        return Problem(400, "malformed_json" if "JSON" in detail else "malformed", detail)
    if isinstance(error, drf.NotAuthenticated):
        return Problem(401, "not_authenticated", SIGN_IN_HINT)
    if isinstance(error, drf.AuthenticationFailed):
        return Problem(401, code, detail)
    if isinstance(error, drf.PermissionDenied):
        return Problem(403, "csrf_failed" if detail.startswith("CSRF") else "forbidden", detail)
    if isinstance(error, drf.Throttled):
        return Problem(429, "too_fast", detail, extra={"retry_after_seconds": getattr(error, "wait", None)})
    return Problem(error.status_code, code, detail)


def _describe_invalid(error: drf.ValidationError, *, is_read: bool) -> Problem:
    place = "parameter" if is_read else "pointer"
    reasons = tuple(
        {"code": str(getattr(leaf, "code", "invalid")), "detail": str(leaf), place: pointer}
        for pointer, leaf in _leaves(error.detail, "")
    )
    if is_read:
        reasons = tuple({**reason, place: reason[place].lstrip("/")} for reason in reasons)
    where, what = ("query", "invalid_query") if is_read else ("body", "invalid_body")
    first = f"{reasons[0][place] or where}: {reasons[0]['detail']}" if reasons else "it is not acceptable"
    more = f" And {len(reasons) - 1} more." if len(reasons) > 1 else ""
    return Problem(422, what, f"The {where} is not acceptable: {first}{more}", reasons)


def _leaves(detail: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Every message of a validation error with the JSON pointer (RFC 6901) of the value it is about.

    Any: DRF nests lists and mappings of messages freely. A list is either the messages of one value or, for
    a list field, one mapping (empty where all is well) for each element.
    """
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            is_whole = key in ("non_field_errors", "__all__")
            step = "" if is_whole else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _leaves(inner, pointer + step)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            is_element = isinstance(inner, Mapping | list | tuple)
            yield from _leaves(inner, f"{pointer}/{index}" if is_element else pointer)
    else:
        yield pointer, detail
