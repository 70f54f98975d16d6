"""Static files, security headers, and answers for errors of pages that DRF does not see."""

from collections.abc import Callable
from contextlib import closing

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from autopack.problems import describe, respond

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# The admin theme evaluates expressions of its templates (Alpine) and carries inline styles.
_ADMIN = _STRICT | {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
# Swagger UI sets styles inline; its start script is served as a file (the "split" view).
_SWAGGER = _STRICT | {"style-src": "'self' 'unsafe-inline'"}


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


_POLICIES = (("/admin/", _policy(_ADMIN)), ("/api/docs/", _policy(_SWAGGER)))
_DEFAULT_POLICY = _policy(_STRICT)


class ContentSecurityPolicyMiddleware:
    """A strict policy everywhere, relaxed for exactly two third-party interfaces."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        policy = next((p for prefix, p in _POLICIES if request.path.startswith(prefix)), _DEFAULT_POLICY)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise says no types
    """WhiteNoise, answering with whole files. It streams them piece by piece, which ASGI cannot do: Django
    would gather the pieces and log a warning for every file."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        streamed = WhiteNoiseMiddleware.serve(static_file, request)
        with closing(streamed):
            whole = HttpResponse(b"".join(streamed), status=streamed.status_code)
        whole.headers = streamed.headers
        return whole


class ErrorMiddleware:
    """Answers the errors that services raise inside pages, as `autopack.problems` does for REST."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        problem = describe(exception)
        return None if problem is None else respond(request, problem)
