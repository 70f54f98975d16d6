"""Who gets in: everybody with a role reads every page of the catalog, nobody else any."""

import pytest
from django.test import Client

from autopack.actors import Role
from tests.support.catalog_factories import CatalogFactory, ScanFactory, StackFactory
from tests.support.pages import SignIn

PATHS = [
    "/dashboard/catalog/",
    "/dashboard/catalog/main/",
    "/dashboard/catalog/main/features/login/",
    "/dashboard/catalog/main/stacks/",
    "/dashboard/catalog/main/stacks/web/",
    "/dashboard/catalog/main/sources/",
    "/dashboard/catalog/main/health/",
    "/dashboard/catalog/sources/1/",
    "/dashboard/catalog/scans/1/",
]
STEPS = ["/dashboard/catalog/sources/1/retire/", "/dashboard/catalog/main/features/login/retire/"]


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    ScanFactory.create(pk=1, source__pk=1, source__feature__slug="login")
    StackFactory.create(slug="web")


@pytest.mark.parametrize("path", [*PATHS, *STEPS])
def test_strangers_are_sent_to_the_sign_in_page(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", [*PATHS, *STEPS])
def test_somebody_without_any_role_is_refused(sign_in: SignIn, path: str) -> None:
    assert sign_in().get(path, HTTP_ACCEPT="text/html").status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads(sign_in: SignIn, role: Role) -> None:
    client = sign_in(role)
    for path in [*PATHS, *STEPS]:
        assert client.get(path, follow=True).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_a_step_takes_no_write(editor: Client, path: str) -> None:
    assert editor.post(path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/catalog/other/",
        "/dashboard/catalog/other/features/login/",
        "/dashboard/catalog/main/features/logout/",
    ],
)
def test_what_does_not_exist_is_a_page_that_says_so(reader: Client, path: str) -> None:
    response = reader.get(path, HTTP_ACCEPT="text/html")
    assert response.status_code == 404
    assert b"Back to the overview" in response.content


@pytest.mark.parametrize("path", ["/dashboard/catalog/%00/", "/dashboard/catalog/main/features/%00/"])
def test_a_nul_in_an_address_is_refused(reader: Client, path: str) -> None:
    assert reader.get(path, HTTP_ACCEPT="text/html").status_code == 422


def test_the_navigation_leads_to_the_catalog_and_says_where_one_is(reader: Client) -> None:
    assert b'href="/dashboard/catalog/">' in reader.get("/dashboard/").content
    assert b'href="/dashboard/catalog/" aria-current="page"' in reader.get("/dashboard/catalog/main/").content
    page = reader.get("/dashboard/catalog/main/features/login/").content
    assert b'href="/dashboard/catalog/" aria-current="true"' in page


def test_without_a_name_it_is_the_main_catalog(reader: Client) -> None:
    CatalogFactory.create(slug="a", title="A first one")
    assert reader.get("/dashboard/catalog/").headers["Location"] == "/dashboard/catalog/main/"
