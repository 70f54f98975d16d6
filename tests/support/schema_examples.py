"""What the API's own document is asked with."""

from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as conformance

ASKED = [
    checks.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]


def examples(count: int) -> settings:
    """The same requests in every run, as many for each operation."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
