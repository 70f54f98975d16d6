"""Clients with a key of one role, and a small catalog to ask about."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from catalog_app.models import FeatureCatalog, FeatureSource
from catalog_app.services.sealing import changing
from tests.support import catalog_factories as make

ClientOf = Callable[..., APIClient]
BASE = "/api/v1/catalog/"


@pytest.fixture
def client_of(db: None) -> ClientOf:
    """The same client for the same roles."""
    clients: dict[frozenset[Role], APIClient] = {}

    def find(*roles: Role) -> APIClient:
        wanted = frozenset(roles)
        if wanted not in clients:
            created = create_key("Cursor", roles=sorted(wanted), actor=system_actor("test"))
            clients[wanted] = APIClient()
            clients[wanted].credentials(HTTP_AUTHORIZATION=f"Bearer {created.plaintext}")
        return clients[wanted]

    return find


@pytest.fixture
def curator_key(db: None) -> str:
    return create_key("Cursor", roles=[Role.CURATOR], actor=system_actor("test")).plaintext


@pytest.fixture
def get(client_of: ClientOf) -> Callable[..., Any]:
    """Ask as a reader. Any: the answer of DRF's test client."""

    def ask(path: str, **headers: str) -> Any:
        return client_of(Role.READER).get(BASE + path, headers=headers)

    return ask


@pytest.fixture
def send(client_of: ClientOf) -> Callable[..., Any]:
    """Write as a curator."""

    def write(method: str, path: str, body: Any = None, **headers: str) -> Any:
        verb = getattr(client_of(Role.CURATOR), method)
        return verb(BASE + path, {} if body is None else body, format="json", headers=headers)

    return write


@pytest.fixture
def catalog(db: None) -> FeatureCatalog:
    """Two features of which `login` can be reused, and `search` cannot yet; a stack, and a combination."""
    catalog: FeatureCatalog = make.CatalogFactory.create()
    login = make.FeatureFactory.create(
        catalog=catalog, slug="login", title="Sign in", category="auth", aliases=["sso"]
    )
    search = make.FeatureFactory.create(
        catalog=catalog, slug="search", category="search", complexity="high", compatible_stacks=["rag"]
    )
    lib = make.RepoFactory.create(repo_id="lib", is_whitelisted=True)
    make.verified_source(feature=login, repo=lib, paths=["auth"])
    make.SourceFactory.create(
        feature=search, repo=make.RepoFactory.create(repo_id="engine"), license_decision="review"
    )
    make.StackFactory.create(catalog=catalog, slug="rag", project_types=["rag_app"])
    make.CombinationFactory.create(catalog=catalog, slug="base", features=["login", "search"])
    seal(catalog)
    return catalog


@pytest.fixture
def source(catalog: FeatureCatalog) -> FeatureSource:
    """The usable source of `login`."""
    return FeatureSource.objects.get(feature__slug="login")


def seal(catalog: FeatureCatalog) -> None:
    with changing([catalog]) as changes:
        changes.touch(catalog.features.all())
    catalog.refresh_from_db()
