"""What a page that polls itself needs from its request."""

from pathlib import Path
from typing import cast

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django_htmx.middleware import HtmxDetails

from autopack.actors import Actor
from autopack.pages import PageRequest, dashboard_page, is_unchanged, read_number, render_live, unchanged


def _request(query: str = "", *, is_htmx: bool = False) -> PageRequest:
    headers = {"HX-Request": "true"} if is_htmx else {}
    request = cast(PageRequest, RequestFactory().get(f"/page/{query}", headers=headers))
    request.htmx = HtmxDetails(request)
    request.user = AnonymousUser()
    return request


@dashboard_page()
def _page(request: PageRequest, actor: Actor) -> HttpResponse:
    return HttpResponse(actor.name)


def test_a_stranger_is_sent_to_the_sign_in_page() -> None:
    response = _page(_request())
    assert response.status_code == 302
    assert response.headers["Location"] == "/accounts/login/?next=/page/"


def test_a_poll_of_a_stranger_takes_the_whole_page_there() -> None:
    response = _page(_request(is_htmx=True))
    assert response.headers["HX-Redirect"] == "/accounts/login/"


def test_what_is_no_count_is_no_number() -> None:
    request = RequestFactory().get("/page/", {"after": "\N{SUPERSCRIPT TWO}"})
    assert read_number(request, "after") is None
    assert read_number(request, "before") is None


def test_a_count_is_read() -> None:
    assert read_number(RequestFactory().get("/page/?after=42"), "after") == 42


@pytest.mark.parametrize(
    ("query", "is_htmx", "expected"),
    [("", True, False), ("?seen=1", True, False), ("?seen=2", False, False), ("?seen=2", True, True)],
)
def test_only_a_poll_that_has_seen_this_version_is_unchanged(
    query: str, is_htmx: bool, expected: bool
) -> None:
    assert is_unchanged(_request(query, is_htmx=is_htmx), "2") is expected
    assert unchanged().status_code == 204


@pytest.mark.parametrize(("is_htmx", "expected"), [(False, "page of x, False"), (True, "part of x, True")])
def test_htmx_gets_the_live_part_alone(tmp_path: Path, is_htmx: bool, expected: str) -> None:
    folder = tmp_path / "shop_app"
    folder.mkdir()
    (folder / "item.html").write_text("page of {{ name }}, {{ is_fragment }}")
    (folder / "item_live.html").write_text("part of {{ name }}, {{ is_fragment }}")
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]):
        response = render_live(_request(is_htmx=is_htmx), "shop_app/item", {"name": "x"})
    assert response.content.decode() == expected
