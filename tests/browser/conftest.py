"""A real Chromium against a live server. Every page is watched: an error on its console fails the test."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.support.chromium import find_chromium, is_needed

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # One process less to draw with, where there is no graphics card anyway.
    "--in-process-gpu",
]
PASSWORD = "a long password"
PATIENCE_MS = 20_000
"""Pages poll every two seconds, and the machine may be busy with other tests."""

expect.set_options(timeout=PATIENCE_MS)
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session", autouse=True)
def _allow_queries_beside_playwright() -> Iterator[None]:
    """Playwright's sync API runs an event loop in this thread, which Django takes for asynchronous code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None:
        if is_needed():
            pytest.fail("There is no Chromium: set CHROMIUM to its path.")
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def console() -> Iterator[list[str]]:
    """What pages complained about: errors, warnings, violations of the security policy."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def open_page(context: BrowserContext, live_server: LiveServer, console: list[str]) -> OpenPage:
    """A page of the live server, watched."""

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            console.append(message.text)

    def make(path: str = "/") -> Page:
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: console.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    return make


@pytest.fixture
def operator(live_server: LiveServer) -> User:
    user = User.objects.create_user("ada", password=PASSWORD)
    user.groups.add(Group.objects.get_or_create(name="operator")[0])
    return user


@pytest.fixture
def signed_in(
    context: BrowserContext, open_page: OpenPage, live_server: LiveServer, operator: User
) -> OpenPage:
    """`open_page` for somebody who is signed in. Tests of the form do it by the form."""
    client = Client()
    client.force_login(operator)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    return open_page
