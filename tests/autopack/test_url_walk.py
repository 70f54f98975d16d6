"""DESIGN §7: no route answers without credentials. The walk itself is shown to find what it is for."""

import pytest
from django.test import Client
from django.urls import resolve

from tests.support.url_walk import METHODS, Route, find_openings, list_routes

pytestmark = pytest.mark.django_db

PLANTED = "tests.support.planted_urls"
# Answering strangers is their job: health, signing in, signing out.
EXCEPTED = frozenset({"health", "login", "logout", "admin:login", "admin:logout"})
FEWEST_ROUTES = 100


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_no_route_answers_without_credentials(client: Client) -> None:
    routes = [route for route in list_routes() if route.name not in EXCEPTED]
    assert len(routes) >= FEWEST_ROUTES
    assert find_openings(client, routes) == []


def test_the_walk_knows_every_part_of_the_urlconf() -> None:
    routes = {route.name: route for route in list_routes()}
    parts = {name.rpartition(":")[0] for name in routes}
    assert {"", "admin", "api", "catalog_api", "v7", "runs"} <= parts
    assert routes.keys() >= EXCEPTED
    assert {"schema", "docs", "home", "admin:index", "admin:autopack_apikey_add"} <= routes.keys()


def test_every_path_of_the_walk_leads_to_the_view_it_is_for() -> None:
    """A path filled wrongly would reach nothing, and nothing refuses everybody."""
    for route in list_routes():
        if route.name == "admin:django.contrib.admin.sites.AdminSite.catch_all_view":
            continue
        found = resolve(route.path).view_name
        assert found.rpartition(":")[2] == route.name.rpartition(":")[2], route


@pytest.mark.urls(PLANTED)
def test_the_walk_finds_a_planted_open_view(client: Client) -> None:
    routes = list_routes(PLANTED)
    (planted,) = [route for route in routes if route.name == "open"]
    assert planted == Route(
        path="/deep/1/x/00000000-0000-4000-8000-000000000000",
        pattern="/deep/<int:number>/<slug:name>/<uuid:key>",
        name="open",
    )
    openings = find_openings(client, [planted])
    assert {opening.method for opening in openings} == set(METHODS)
    assert {opening.status for opening in openings} == {200}


@pytest.mark.urls(PLANTED)
def test_the_walk_finds_a_view_that_is_open_to_one_method_alone(client: Client) -> None:
    routes = [route for route in list_routes(PLANTED) if route.name == "writable"]
    assert {opening.method for opening in find_openings(client, routes)} == {"DELETE"}


@pytest.mark.urls(PLANTED)
def test_the_walk_finds_views_that_look_before_they_ask(client: Client) -> None:
    openings = find_openings(client, [r for r in list_routes(PLANTED) if r.name in ("bodies", "failing")])
    assert {opening.status for opening in openings if opening.route.name == "bodies"} >= {422}
    assert {opening.route.name for opening in openings} == {"bodies", "failing"}


@pytest.mark.urls(PLANTED)
def test_the_walk_passes_views_that_ask(client: Client) -> None:
    guarded = {"who", "builders", "projects", "operators"}
    routes = [route for route in list_routes(PLANTED) if route.name in guarded]
    assert len(routes) == len(guarded)
    assert find_openings(client, routes) == []
