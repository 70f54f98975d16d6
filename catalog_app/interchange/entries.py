"""What curators say of a catalog, as values. Pure.

An entry says everything of its thing: what it leaves out has the default. Only facts of repositories and of
the catalog itself, and pins, know None: nothing was said, what is known stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from catalog_app.choices import CiProfile, Complexity, Ownership, Visibility

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Extra: TypeAlias = Mapping[str, Json]


class Section(StrEnum):
    """Parts of a catalog that a document may speak of. A part that it does not name is left alone."""

    CATALOG = "catalog"
    REPOSITORIES = "repositories"
    FEATURES = "features"
    COMBINATIONS = "feature_combinations"
    STACKS = "profiles"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was read: the document's name and the keys and indexes that lead to it."""

    document: str = ""
    steps: tuple[str | int, ...] = ()

    def inner(self, *steps: str | int) -> "Origin":
        return Origin(self.document, self.steps + steps)

    @property
    def path(self) -> str:
        """As people write it: `features.auth_basic.repos[0].license`."""
        path = ""
        for step in self.steps:
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += f".{step}" if path else step
        return path

    @property
    def pointer(self) -> str:
        """As RFC 6901 writes it: `/features/auth_basic/repos/0/license`."""
        return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in self.steps)


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """The catalog's own; None: not said. `stacks_extra` are unknown keys of a document of stacks alone."""

    title: str | None = None
    description: str | None = None
    quality_thresholds: Extra | None = None
    license_compatibility: Extra | None = None
    project_type_mapping: Extra | None = None
    extra: Extra = field(default_factory=dict)
    stacks_extra: Extra = field(default_factory=dict)
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True)
class RepoEntry:
    """One repository; None: not said. `extra` None likewise."""

    repo_id: str
    url: str | None = None
    fetch_from: str | None = None
    default_branch: str | None = None
    ownership: Ownership | None = None
    visibility: Visibility | None = None
    is_whitelisted: bool | None = None
    notes: str | None = None
    extra: Extra | None = None
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """Where a feature's code is. Known by its repository and paths, which are in order.

    `license_text` is the licence as written, `license` the SPDX expression that it means ("" while that is
    not settled). `pinned_commit` None leaves the pin that there is, "" takes it away.
    """

    repo_id: str
    repo_url: str | None = None
    paths: tuple[str, ...] = ()
    license_text: str = ""
    license: str = ""
    judgement: Decimal | None = None
    judgement_note: str = ""
    pinned_commit: str | None = None
    compatible_stacks: tuple[str, ...] = ()
    notes: str = ""
    extra: Extra = field(default_factory=dict)
    origin: Origin = field(default=Origin(), compare=False)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return (self.repo_id, self.paths)


@dataclass(frozen=True, slots=True)
class FeatureEntry:
    """One feature with all of its sources, best first."""

    slug: str
    title: str
    description: str = ""
    category: str = ""
    complexity: Complexity = Complexity.MEDIUM
    aliases: tuple[str, ...] = ()
    request_phrases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    compatible_stacks: tuple[str, ...] = ()
    notes: str = ""
    sources: tuple[SourceEntry, ...] = ()
    extra: Extra = field(default_factory=dict)
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True)
class StackEntry:
    """One stack profile. `slots` are what it has beyond the four named ones: any plain values."""

    slug: str
    title: str
    description: str = ""
    project_types: tuple[str, ...] = ()
    backend: str = ""
    db: str = ""
    vector_db: str = ""
    frontend: str = ""
    slots: Extra = field(default_factory=dict)
    preferred_repos: tuple[str, ...] = ()
    ci_profile: CiProfile = CiProfile.NORMAL
    budget_multiplier: Decimal = Decimal(1)
    notes: str = ""
    extra: Extra = field(default_factory=dict)
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True)
class CombinationEntry:
    """Features that go together, under one name."""

    slug: str
    title: str
    description: str = ""
    features: tuple[str, ...] = ()
    compatible_stacks: tuple[str, ...] = ()
    extra: Extra = field(default_factory=dict)
    origin: Origin = field(default=Origin(), compare=False)


@dataclass(frozen=True, slots=True)
class CatalogContent:
    """A whole catalog, or the parts of it that are in `sections`.

    `repos` are facts of repositories, from their own section or from beside a source; their addresses mostly
    are at the sources (`repositories.facts_of_repos` puts them together).
    """

    sections: frozenset[Section]
    facts: CatalogFacts = CatalogFacts()
    repos: tuple[RepoEntry, ...] = ()
    features: tuple[FeatureEntry, ...] = ()
    combinations: tuple[CombinationEntry, ...] = ()
    stacks: tuple[StackEntry, ...] = ()


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """What is wrong with what somebody said. An error keeps all of it out; with a warning it is kept.

    `code` is stable. `suggestion` is what to write instead, if that is known; `other` is the place of the
    other thing, where two do not go together.
    """

    severity: Severity
    code: str
    origin: Origin
    message: str
    suggestion: str = ""
    other: Origin | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def detail(self) -> str:
        """Message and suggestion, without the place."""
        return f"{self.message}; suggestion: {self.suggestion}" if self.suggestion else self.message

    def __str__(self) -> str:
        path = self.origin.path
        return f"{path}: {self.detail}" if path else self.detail
