"""Security headers, and static files."""

import asyncio
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.support.planted_urls")]


def _policy(client: Client, path: str) -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return dict(directive.split(" ", 1) for directive in header.split("; "))


@pytest.mark.parametrize("path", ["/operators", "/api/who", "/nothing", "/accounts/login/", "/administer/"])
def test_nothing_inline_and_nothing_foreign_is_allowed(client: Client, path: str) -> None:
    policy = _policy(client, path)
    assert "unsafe" not in str(policy)
    assert "http" not in str(policy)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


def test_the_admin_may_evaluate_its_own_templates_but_runs_no_inline_scripts(client: Client) -> None:
    policy = _policy(client, "/admin/login/")
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["default-src"] == "'none'"


def test_swagger_may_style_inline_only(client: Client) -> None:
    policy = _policy(client, "/api/docs/")
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"


def test_pages_are_not_framed_nor_sniffed_nor_named_to_others(client: Client) -> None:
    headers = client.get("/accounts/login/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


async def _read(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        return b"".join([piece async for piece in response])
    assert isinstance(response, HttpResponse)
    return response.content


def test_static_files_are_served_to_asgi_without_a_warning() -> None:
    """Warnings are errors here."""

    async def ask(method: str, **headers: str) -> tuple[HttpResponseBase, bytes]:
        response = await AsyncClient().generic(method, "/static/img/logo.svg", headers=headers)
        return response, await _read(response)

    whole, content = asyncio.run(ask("GET"))
    path = finders.find("img/logo.svg")
    assert path is not None
    assert content == Path(path).read_bytes()
    assert whole.headers["Content-Type"] == "image/svg+xml"
    assert whole.headers["Content-Length"] == str(len(content))
    head, nothing = asyncio.run(ask("HEAD"))
    assert (head.headers["Content-Length"], nothing) == (str(len(content)), b"")
    part, some = asyncio.run(ask("GET", Range="bytes=2-5"))
    assert (part.status_code, some) == (206, content[2:6])
    same, none = asyncio.run(ask("GET", **{"If-None-Match": whole.headers["ETag"]}))
    assert (same.status_code, none) == (304, b"")
