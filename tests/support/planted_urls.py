"""A URLconf of views that do one thing each, for tests of what stands around all views."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.exceptions import NotAcceptable, Throttled
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from autopack.actors import Actor, Role
from autopack.authentication import get_actor
from autopack.errors import AutopackError, Forbidden, NotFound, Refused, TooFast, WrongState
from autopack.permissions import Builds, page
from autopack.selectors import list_projects


def _described(actor: Actor) -> dict[str, object]:
    return {
        "identity": actor.identity,
        "roles": sorted(actor.roles),
        "projects": sorted(actor.project_ids) if actor.project_ids is not None else None,
    }


class StepSerializer(serializers.Serializer[object]):
    name = serializers.CharField(max_length=5)
    size = serializers.IntegerField(min_value=1)


class BodySerializer(serializers.Serializer[object]):
    run_id = serializers.CharField()
    steps = StepSerializer(many=True)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if attrs["run_id"] == "whole":
            raise serializers.ValidationError("Never this one.", code="unwanted")
        return attrs


class WhoAmI(APIView):
    """Any role reads."""

    def get(self, request: Request) -> Response:
        return Response(_described(get_actor(request)))


class BuildersOnly(APIView):
    permission_classes = [Builds]

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response(_described(get_actor(request)))


class Projects(APIView):
    def get(self, request: Request) -> Response:
        return Response([project.project_id for project in list_projects(get_actor(request))])


class Bodies(APIView):
    permission_classes: list[type[BasePermission]] = [AllowAny]

    def get(self, request: Request) -> Response:
        StepSerializer(data=request.query_params).is_valid(raise_exception=True)
        return Response({})

    def post(self, request: Request) -> Response:
        BodySerializer(data=request.data).is_valid(raise_exception=True)
        return Response({})


class Failing(APIView):
    permission_classes: list[type[BasePermission]] = [AllowAny]

    def get(self, request: Request, kind: str) -> Response:
        raise _error(kind)


def _error(kind: str) -> Exception:
    if kind == "unstorable":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 100000::smallint")
    errors: dict[str, Exception] = {
        "not-found": NotFound("There is no run 'x'.", code="unknown_run"),
        "refused": Refused(
            "Two reasons.",
            errors=[{"code": "path_escapes", "detail": "goes out", "path": "../x", "line": 3}],
        ),
        "wrong-state": WrongState("It is over.", state="DONE_SUCCESS", allowed=[], retry_after_seconds=7),
        "too-fast": TooFast("Slower.", retry_after_seconds=0.2),
        "forbidden": Forbidden("Not you."),
        "root": AutopackError("secret internals"),
        "defect": ZeroDivisionError("secret internals"),
        "http404": Http404("No Run matches the given query."),
        "django-forbidden": PermissionDenied("secret internals"),
        "half-a-character": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        "suspicious": SuspiciousOperation("secret internals"),
        "throttled": Throttled(wait=12),
        "database-away": OperationalError("secret internals"),
        "not-acceptable": NotAcceptable(),
    }
    return errors[kind]


def failing_page(request: HttpRequest, kind: str) -> HttpResponse:
    raise _error(kind)


@page(Role.OPERATOR)
def operators_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} by {get_actor(request).name}")


def open_page(request: HttpRequest, **parts: object) -> HttpResponse:
    """Answers everybody: what the walk of the URLconf must find."""
    return HttpResponse("anybody")


def writable_page(request: HttpRequest) -> HttpResponse:
    """Guards reading alone."""
    return HttpResponse(status=200 if request.method == "DELETE" else 403)


admin.autodiscover()
planted = [
    path("api/who", WhoAmI.as_view(), name="who"),
    path("api/builders", BuildersOnly.as_view(), name="builders"),
    path("api/projects", Projects.as_view(), name="projects"),
    path("operators", operators_page, name="operators"),
]
urlpatterns = [
    path("accounts/login/", auth_views.LoginView.as_view(), name="login"),
    path("admin/", admin.site.urls),
    path("", include(planted)),
    path("api/bodies", Bodies.as_view(), name="bodies"),
    path("api/failing/<str:kind>", Failing.as_view(), name="failing"),
    path("failing/<str:kind>", failing_page, name="failing-page"),
    path("deep/<int:number>/", include([path("<slug:name>/<uuid:key>", open_page, name="open")])),
    path("writable", writable_page, name="writable"),
]
handler400 = "autopack.problems.bad_request"
handler403 = "autopack.problems.permission_denied"
handler404 = "autopack.problems.page_not_found"
handler500 = "autopack.problems.server_error"
