"""Security headers."""

import pytest
from django.test import Client

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
