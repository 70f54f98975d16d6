"""The OpenAPI document against the catalog that answers: what a client may send gets a documented answer."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from catalog_app.models import FeatureSource
from tests.support import catalog_factories as make
from tests.support.schema_examples import ASKED, examples

CATALOG = "/api/v1/catalog/"
EXAMPLES = 8
SLUGS = {
    "features": "login",
    "combinations": "base",
    "stacks": "rag",
    "policy": "default",
    "catalogs": "main",
}


@pytest.fixture
def key(transactional_db: None, source: FeatureSource) -> str:
    """A key with every role, and a catalog to ask about."""
    make.ScanFactory.create(source=source)
    return create_key("all", roles=list(Role), actor=system_actor("test")).plaintext


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of schemathesis about its own dependencies
@pytest.mark.parametrize("methods", [{"get"}, {"put", "patch"}, {"post"}], ids=["get", "put", "post"])
def test_whatever_the_document_allows_is_answered_as_it_says(
    key: str, source: FeatureSource, methods: set[str]
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/?format=json", get_wsgi_application(), headers=headers
    )
    found = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    operations = [
        operation
        for operation in found
        if operation.path.startswith(CATALOG) and operation.method.lower() in methods
    ]
    assert len(operations) > 8
    candidate = make.CandidateFactory.create(state="failed")
    ids: dict[str, Any] = {
        "source_id": source.pk,
        "scan_id": source.last_scan_id,
        "repo_id": "lib",
        "run_id": candidate.run_id,
        "candidate_id": candidate.pk,
    }
    for operation in operations:
        kind = operation.path.removeprefix(CATALOG).partition("/{")[0].rpartition("/")[2]
        _ask(operation, {**ids, "slug": SLUGS.get(kind)}, headers)


def _ask(operation: APIOperation[Any, Any, Any, Any], here: dict[str, Any], headers: dict[str, str]) -> None:
    @examples(EXAMPLES)
    @given(case=operation.as_strategy(), is_here=st.booleans())
    def ask(case: Case[Any], is_here: bool) -> None:
        if is_here:
            case.path_parameters.update({name: here[name] for name in case.path_parameters or {}})
        case.call_and_validate(headers=headers, checks=ASKED)

    ask()
