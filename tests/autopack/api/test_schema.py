"""The OpenAPI document leaves out aliases and says how operations may fail."""

from typing import Any

from autopack.api.schema import document_problems, leave_out_aliases


def test_addresses_without_the_prefix_are_left_out() -> None:
    endpoints = [("/api/v1/runs/",), ("/runs/",), ("/health",)]
    assert leave_out_aliases(endpoints) == [("/api/v1/runs/",)]


def test_every_operation_may_answer_with_a_problem() -> None:
    given: dict[str, Any] = {
        "paths": {"/api/v1/x": {"get": {"responses": {"404": "its own"}}, "post": {"responses": {}}}}
    }
    document = document_problems(given)
    asked, posted = (document["paths"]["/api/v1/x"][method]["responses"] for method in ("get", "post"))
    assert asked["404"] == "its own"
    assert "413" not in asked
    assert posted["413"] == {"$ref": "#/components/responses/Problem413"}
    assert document["components"]["schemas"]["Problem"]["required"][0] == "type"
    assert "Problem413" in document["components"]["responses"]
