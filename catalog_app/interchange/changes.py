"""What saving some content would change, in the words of the files. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from catalog_app.choices import CatalogChoice
from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    EntryProblem,
    Json,
    Section,
)
from catalog_app.interchange.plain import is_same
from catalog_app.interchange.writing import (
    write_combination,
    write_facts,
    write_feature,
    write_repo,
    write_source,
    write_stack,
)


class Kind(StrEnum):
    """What a change is about, in the order in which people want to read of it."""

    CATALOG = "catalog"
    FEATURE = "feature"
    SOURCE = "source"
    COMBINATION = "combination"
    STACK = "stack"
    REPOSITORY = "repository"


T = TypeVar("T")

Key: TypeAlias = tuple[Kind, str]


class Action(CatalogChoice):
    ADDED = "added"
    CHANGED = "changed"
    RETIRED = "retired"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field` is a key of the files; None where it is not there."""

    field: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class Change:
    """`name` is a slug or an id; of a source, the feature's slug and what it takes from where."""

    kind: Kind
    action: Action
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """`problems` are those of the content as a whole; with an error among them nothing would be changed."""

    changes: tuple[Change, ...] = ()
    problems: tuple[EntryProblem, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def errors(self) -> tuple[EntryProblem, ...]:
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def warnings(self) -> tuple[EntryProblem, ...]:
        return tuple(problem for problem in self.problems if not problem.is_error)

    def of(self, action: Action, kind: Kind | None = None) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.action is action and kind in (None, c.kind))

    @property
    def fields_that_want_a_reason(self) -> tuple[str, ...]:
        """Keys whose change has to be explained: pins, licences, the whitelist, ownership and addresses,
        of what was there before; and what is retired."""
        wanted = [
            change.field
            for entry in self.changes
            if entry.action is not Action.ADDED
            for change in entry.fields
            if change.field in _TRUST_KEYS[entry.kind]
        ]
        if any(c.kind is Kind.REPOSITORY and _is_whitelisting(c) for c in self.of(Action.ADDED)):
            wanted.append("whitelisted")
        if self.of(Action.RETIRED):
            wanted.append("retired")
        return tuple(dict.fromkeys(wanted))


_TRUST_KEYS: Mapping[Kind, frozenset[str]] = {
    **dict.fromkeys(Kind, frozenset()),
    Kind.SOURCE: frozenset({"license", "pinned_commit"}),
    Kind.REPOSITORY: frozenset({"whitelisted", "ownership", "repo_url", "fetch_from"}),
}


def write_entries(content: CatalogContent) -> dict[Key, Mapping[str, Json]]:
    """What the content says of each thing. Addresses are the repositories' own, which are in `repos`."""
    written: dict[Key, Mapping[str, Json]] = {}
    if Section.CATALOG in content.sections:
        written[Kind.CATALOG, ""] = write_facts(content.facts)
    for feature in content.features:
        written[Kind.FEATURE, feature.slug] = write_feature(replace(feature, sources=()))
        for source in feature.sources:
            said = write_source(replace(source, repo_url=None))
            written[Kind.SOURCE, source_name(feature.slug, source.key)] = said
    for combination in content.combinations:
        written[Kind.COMBINATION, combination.slug] = write_combination(combination)
    for stack in content.stacks:
        written[Kind.STACK, stack.slug] = write_stack(stack)
    for repo in content.repos:
        written[Kind.REPOSITORY, repo.repo_id] = write_repo(repo)
    return written


def compare(
    before: Mapping[Key, Mapping[str, Json]],
    after: Mapping[Key, Mapping[str, Json]],
    *,
    retired: Collection[Key],
    vanishing: Collection[Key],
) -> tuple[Change, ...]:
    """What differs between what there is and what is said, in the order of kinds and names.

    `retired` are things that are there but retired; what is said of them brings them back. `vanishing` is to
    be retired.
    """
    changes = [Change(kind, Action.RETIRED, name) for kind, name in vanishing]
    for key, said in after.items():
        kind, name = key
        differences = _differences(before.get(key, {}), said)
        if key not in before:
            changes.append(Change(kind, Action.ADDED, name, differences))
        elif key in retired:
            changes.append(Change(kind, Action.RESTORED, name, differences))
        elif differences:
            changes.append(Change(kind, Action.CHANGED, name, differences))
    order = list(Kind)
    return tuple(sorted(changes, key=lambda change: (order.index(change.kind), change.name)))


def source_name(slug: str, key: tuple[str, tuple[str, ...]]) -> str:
    repo_id, paths = key
    return f"{slug}: {repo_id}" + (f" ({', '.join(paths)})" if paths else "")


def settle_facts(
    said: CatalogFacts, known: CatalogFacts, *, is_whole: bool, sections: Collection[Section]
) -> CatalogFacts:
    """The catalog's own facts after the change. A whole catalog that says anything of itself says all of it;
    a title there always is."""
    is_restated = is_whole and Section.CATALOG in sections
    usual = CatalogFacts(known.title, "", {}, {}, {}) if is_restated else known
    return CatalogFacts(
        title=said.title or known.title,
        description=_said(said.description, usual.description),
        quality_thresholds=_said(said.quality_thresholds, usual.quality_thresholds),
        license_compatibility=_said(said.license_compatibility, usual.license_compatibility),
        project_type_mapping=_said(said.project_type_mapping, usual.project_type_mapping),
        extra={**({} if is_whole and Section.FEATURES in sections else known.extra), **said.extra},
        stacks_extra={
            **({} if is_whole and Section.STACKS in sections else known.stacks_extra),
            **said.stacks_extra,
        },
        origin=said.origin,
    )


def _said(said: T | None, usual: T | None) -> T | None:
    return usual if said is None else said


def _differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(key, before.get(key), after.get(key))
        for key in dict.fromkeys((*after, *before))
        if not is_same(before.get(key), after.get(key))
    )


def _is_whitelisting(change: Change) -> bool:
    return any(field.field == "whitelisted" and field.after is True for field in change.fields)
