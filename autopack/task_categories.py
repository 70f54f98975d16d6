"""Kinds of work that a phase may be (v7 §6), by the names that v7 gives them. A phase may have any other
category too. Pure."""

from collections.abc import Mapping
from typing import Final

REUSE: Final = "external_feature_reuse"
INTAKE: Final = "external_code_intake"
SCHEMA: Final = "schema_change"
SECURITY: Final = "security_auth"
SCAFFOLDING: Final = "feature_scaffolding"
TESTS: Final = "tests"
DOCS: Final = "docs"

TAKING_CODE: Final = frozenset({REUSE, INTAKE})
"""What brings code of others in."""

HIGH_RISK: Final[Mapping[str, str]] = {
    "cross_cutting_refactor": "orchestrator_review",
    "index_registry_maintenance": "orchestrator_review",
    SCHEMA: "schema_review",
    "bulk_operation": "orchestrator_review",
    SECURITY: "security_review",
    REUSE: "license_and_security_review",
    INTAKE: "external_code_review",
}
"""v7 §6: high complexity and strict CI, whatever else is said; each with the auditor profile for it."""
