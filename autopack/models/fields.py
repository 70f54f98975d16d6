"""Fields and constraints that several tables share."""

from django.db import models

from autopack.choices import Choice

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
"""DESIGN §4: run, phase and repository ids; `..` and a `.lock` end are refused by the service as well."""


def choice_field(
    kind: type[Choice], default: Choice, label: str | None = None
) -> "models.CharField[str, str]":
    return models.CharField(label, max_length=40, choices=kind.pairs(), default=default.value)


def choice_constraint(table: str, field: str, kind: type[Choice]) -> models.CheckConstraint:
    """The database itself knows which values a state may have."""
    return models.CheckConstraint(
        name=f"{table}_{field}_known",
        condition=models.Q(**{f"{field}__in": sorted(member.value for member in kind)}),
    )


def pattern_constraint(table: str, field: str, pattern: str, message: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{table}_{field}_pattern",
        condition=models.Q(**{f"{field}__regex": pattern}),
        violation_error_message=message,
    )


def object_id_field() -> "models.CharField[str, str]":
    """A full git object name; empty where there is none yet."""
    return models.CharField(max_length=64, default="", blank=True)
