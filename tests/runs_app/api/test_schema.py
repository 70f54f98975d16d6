"""The OpenAPI document against the API that answers: anything a client may send gets a documented answer."""

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core.result import Ok

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from tests.support.schema_examples import ASKED, examples
from tests.support.workshop import Workshop

EXAMPLES = 5
HERE: dict[str, Any] = {"run_id": "r1", "phase_id": "p1", "project_id": "shop", "number": 1, "step_run_id": 1}
ELSEWHERE = ("/api/v1/catalog/", "/api/v1/plans", "/api/v1/template")
"""Asked about by tests of its own."""


@pytest.fixture
def key(workshop: Workshop) -> str:
    """A key with every role, and a run with a result to ask about."""
    workshop.start(phases=3)
    workshop.result("p1", workshop.patch_for({"A": "a\n"}))
    return create_key("all", roles=list(Role), actor=system_actor("test")).plaintext


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of schemathesis about its own dependencies
def test_whatever_the_document_allows_is_answered_as_it_says(key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/?format=json", get_wsgi_application(), headers=headers
    )
    found = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    operations = [operation for operation in found if not operation.path.startswith(ELSEWHERE)]
    assert len(operations) > 30
    for operation in operations:

        @examples(EXAMPLES)
        @given(case=operation.as_strategy(), is_here=st.booleans())
        def ask(case: Case[Any], is_here: bool) -> None:
            if is_here:
                known = {name: HERE[name] for name in case.path_parameters or {}}
                case.path_parameters.update(known)
                if isinstance(case.body, dict):
                    case.body |= {name: value for name, value in known.items() if name in case.body}
            if case.headers is not None:
                case.headers.pop("Prefer", None)
            case.call_and_validate(headers=headers, checks=ASKED)

        ask()
