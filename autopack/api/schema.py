"""The OpenAPI document: which addresses it has, and how every operation may fail."""

from typing import Any


def leave_out_aliases(endpoints: list[tuple[Any, ...]], **_: Any) -> list[tuple[Any, ...]]:
    """The same routes answer without the prefix for v7 clients; one description is enough."""
    return [endpoint for endpoint in endpoints if str(endpoint[0]).startswith("/api/v1/")]


_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Further members depend on the code.",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
    "properties": {
        "type": {"type": "string", "description": "urn:autopack:problem:<code>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do next."},
        "instance": {"type": "string", "description": "The address that was asked."},
        "code": {"type": "string", "description": "Stable: switch on this."},
        "errors": {
            "type": "array",
            "description": "Every single reason.",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "path": {"type": "string", "description": "A file of the patch."},
                    "line": {"type": "integer", "nullable": True, "description": "A line of the patch."},
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "A parameter of the query."},
                    "allowed": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "What would do.",
                    },
                },
            },
        },
        "state": {"type": "string", "description": "With 409: the state that stood in the way."},
        "allowed": {"type": "array", "items": {"type": "string"}, "description": "With 409: what would do."},
        "retry_after_seconds": {"type": "number", "description": "Also in Retry-After."},
    },
    "additionalProperties": True,
}
_PROBLEMS_OF_ALL = {
    "400": "The request cannot be read.",
    "401": "No key, or none that counts.",
    "403": "The key has not the role for this.",
    "404": "There is no such thing, or not for this key.",
    "409": "Not in this state.",
    "422": "The content is not acceptable: every reason.",
    "503": "Something that is needed is away for now.",
}
_PROBLEMS_OF_WRITERS = {"413": "The body is too large.", "415": "The body is not JSON."}
_PROBLEMS_OF_CONDITIONS = {"412": "It is not any more what If-Match names."}
_WRITING = frozenset({"post", "put", "patch"})


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with a problem document; they share one description of it."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    described = _PROBLEMS_OF_ALL | _PROBLEMS_OF_WRITERS | _PROBLEMS_OF_CONDITIONS
    components["responses"] = {
        f"Problem{status}": {
            "description": text,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in described.items()
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status in _possible_problems(method, operation):
                reference = {"$ref": f"#/components/responses/Problem{status}"}
                operation["responses"].setdefault(status, reference)
    return result


def _possible_problems(method: str, operation: dict[str, Any]) -> list[str]:
    is_conditional = any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ()))
    return [
        *_PROBLEMS_OF_ALL,
        *(_PROBLEMS_OF_WRITERS if method in _WRITING else ()),
        *(_PROBLEMS_OF_CONDITIONS if is_conditional else ()),
    ]
