"""A proposal on its way to the catalog: what a curator says otherwise, and both as plain JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from catalog_app.choices import Complexity
from catalog_app.curation.proposals import Duplicate, Proposal
from catalog_app.interchange.entries import Json


@dataclass(frozen=True, slots=True)
class Edits:
    """None: as it is proposed. `feature` is the slug of a feature of the catalog that the repository becomes
    a further source of; of the rest, only paths and licence matter then. Empty: a feature of its own."""

    slug: str | None = None
    title: str | None = None
    description: str | None = None
    category: str | None = None
    complexity: Complexity | None = None
    aliases: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    license: str | None = None
    feature: str | None = None

    def over(self, earlier: "Edits") -> "Edits":
        """Both, where these say nothing the earlier ones."""
        return replace(earlier, **_said(self))


FIELDS = tuple(field.name for field in fields(Edits))


def revise(proposal: Proposal, edits: Edits) -> Proposal:
    return replace(proposal, **{name: value for name, value in _said(edits).items() if name != "feature"})


def prune(edits: Edits, proposal: Proposal) -> Edits:
    """Without what is proposed anyway."""
    same = [name for name, value in _said(edits).items() if value == getattr(proposal, name, "")]
    return replace(edits, **dict.fromkeys(same))


def proposal_as_json(proposal: Proposal) -> dict[str, Json]:
    return {field.name: _plain(getattr(proposal, field.name)) for field in fields(Proposal)}


def proposal_from_json(stored: Mapping[str, Json]) -> Proposal:
    """What `proposal_as_json` made; of an empty one, an empty proposal."""
    return Proposal(**{"slug": "", "title": "", **_typed(stored)})


def edits_as_json(edits: Edits) -> dict[str, Json]:
    return {name: _plain(value) for name, value in _said(edits).items()}


def edits_from_json(stored: Mapping[str, Json]) -> Edits:
    return Edits(**_typed(stored))


def duplicate_as_json(duplicate: Duplicate) -> dict[str, Json]:
    return {field.name: getattr(duplicate, field.name) for field in fields(Duplicate)}


def _said(edits: Edits) -> dict[str, Any]:
    # Any: values of several types, by the names of their fields.
    return {name: value for name in FIELDS if (value := getattr(edits, name)) is not None}


def _plain(value: object) -> Json:
    return list(value) if isinstance(value, tuple) else str(value)


def _typed(stored: Mapping[str, Json]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in stored.items():
        if name == "complexity":
            typed[name] = Complexity(str(value))
        else:
            typed[name] = tuple(str(item) for item in value) if isinstance(value, list) else value
    return typed
