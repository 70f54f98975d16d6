"""Single entries of a catalog, as plain values in the shape that files have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from autopack.actors import Actor
from autopack.documents import describe_kind
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.interchange.reading import read_document
from catalog_app.models import FeatureCatalog
from catalog_app.services.saving import apply_content, invalid_catalog, plan_changes


class EntryKind(StrEnum):
    """The section of a document that an entry stands in."""

    FEATURE = "features"
    COMBINATION = "feature_combinations"
    STACK = "profiles"
    REPOSITORY = "repositories"


_NAME_KEYS = ("slug", "id", "repo_id")


def save_entry(
    catalog: FeatureCatalog, kind: EntryKind, name: str, written: object, *, actor: Actor, reason: str = ""
) -> Sequence[EntryProblem]:
    """Make an entry, or replace all that was said of it; one that is retired comes back. Returns warnings.

    Origins of problems lead into `written`. Raises InvalidCatalog with every error; ReasonRequired, as
    `save_content` does.
    """
    if not isinstance(written, Mapping):
        message = f"must be a mapping, not {describe_kind(written)}"
        raise invalid_catalog([EntryProblem(Severity.ERROR, "wrong_kind", Origin(), message)])
    content, problems = read_document({kind.value: {name: written}})
    problems += _other_names(kind, name, written)
    if any(problem.is_error for problem in problems):
        plan = plan_changes(catalog, content, is_complete=False)
    else:
        plan = apply_content(catalog, content, actor=actor, reason=reason, is_complete=False)
    inner = [
        replace(problem, origin=Origin(steps=problem.origin.steps[2:]))
        for problem in dict.fromkeys((*problems, *plan.problems))
    ]
    errors = [problem for problem in inner if problem.is_error]
    if errors:
        raise invalid_catalog(errors)
    return inner


def merge_entry(known: Mapping[str, Json], patch: Mapping[str, Json]) -> dict[str, Json]:
    """What is known with what is said instead (RFC 7396): null takes away, and lists are replaced whole."""
    merged = dict(known)
    for key, value in patch.items():
        before = merged.pop(key, None)
        if isinstance(value, Mapping):
            merged[key] = merge_entry(before if isinstance(before, Mapping) else {}, value)
        elif value is not None:
            merged[key] = value
    return merged


def _other_names(kind: EntryKind, name: str, written: Mapping[object, object]) -> list[EntryProblem]:
    """An entry that calls itself otherwise was sent to the wrong place."""
    return [
        EntryProblem(
            Severity.ERROR,
            "other_name",
            Origin(steps=(kind.value, name, key)),
            f"must be {name}, or left out",
            name,
        )
        for key in _NAME_KEYS
        if written.get(key) not in (None, name)
    ]
