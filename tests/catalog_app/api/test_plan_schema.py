"""The OpenAPI document against the plans and templates that answer: what it allows is answered as it says."""

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
from catalog_app.briefing.types import Wish
from catalog_app.planning.request import PlanRequest
from catalog_app.services.plans import create_plan
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import create_template_from_plan
from tests.support.planned import make_catalog
from tests.support.schema_examples import ASKED, examples

EXAMPLES = {"/api/v1/plans": 8, "/api/v1/template": 4}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of schemathesis about its own dependencies
def test_whatever_the_document_allows_is_answered_as_it_says(transactional_db: None) -> None:
    actor = system_actor("test")
    request = PlanRequest(title="Desk", wishes=(Wish("login", "login", slug="login"),))
    made = create_plan(request, catalog=make_catalog(), plan_id="desk", actor=actor)
    create_template_from_plan(made.version, TemplateDraft(template_id="desk"), actor=actor)
    headers = {"Authorization": f"Bearer {create_key('all', roles=list(Role), actor=actor).plaintext}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/?format=json", get_wsgi_application(), headers=headers
    )
    found = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    for prefix, count in EXAMPLES.items():
        operations = [operation for operation in found if operation.path.startswith(prefix)]
        assert len(operations) > 10
        for operation in operations:
            _ask(operation, headers, count)


def _ask(operation: Any, headers: dict[str, str], count: int) -> None:
    """Any: schemathesis has four type parameters for it."""

    @examples(count)
    @given(case=operation.as_strategy(), is_here=st.booleans())
    def ask(case: Case[Any], is_here: bool) -> None:
        if is_here and case.path_parameters:
            case.path_parameters.update(dict.fromkeys(case.path_parameters, "desk"))
        case.call_and_validate(headers=headers, checks=ASKED)

    ask()
