"""Whole documents to content: feature_catalog.yaml, stack_profiles.yaml, or both in one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from autopack.documents import describe_kind
from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    CombinationEntry,
    EntryProblem,
    Extra,
    FeatureEntry,
    Json,
    Origin,
    RepoEntry,
    Section,
    Severity,
    StackEntry,
)
from catalog_app.interchange.mapping import WrittenMapping, as_entries
from catalog_app.interchange.reading_features import read_combination, read_feature, read_repo
from catalog_app.interchange.reading_stacks import read_stack

_SECTION_KEYS: Mapping[Section, tuple[str, ...]] = {
    Section.REPOSITORIES: ("repositories",),
    Section.FEATURES: ("features",),
    Section.COMBINATIONS: ("feature_combinations", "combinations"),
    Section.STACKS: ("profiles", "stack_profiles"),
}
_FACT_KEYS = ("title", "description", "quality_thresholds", "license_compatibility", "project_type_mapping")


def read_document(value: object, *, document: str = "") -> tuple[CatalogContent, list[EntryProblem]]:
    """What one document says, and every problem of it. With errors, the content has what is free of them."""
    problems: list[EntryProblem] = []
    root = Origin(document)
    if not isinstance(value, Mapping):
        message = f"must be a mapping with features or profiles, not {describe_kind(value)}"
        problems.append(EntryProblem(Severity.ERROR, "wrong_kind", root, message))
        return CatalogContent(frozenset()), problems
    written = WrittenMapping(value, root, problems)
    sections = {section: _find_section(written, keys) for section, keys in _SECTION_KEYS.items()}
    named = {section for section, found in sections.items() if found is not None}
    features, repos_beside_sources = _read_features(sections[Section.FEATURES], problems)
    content = CatalogContent(
        sections=frozenset(named | ({Section.CATALOG} if written.has(*_FACT_KEYS) else set())),
        facts=_read_facts(written, is_of_stacks=named == {Section.STACKS}),
        repos=(*_read_repos(sections[Section.REPOSITORIES], problems), *repos_beside_sources),
        features=tuple(features),
        combinations=tuple(_read_combinations(sections[Section.COMBINATIONS], problems)),
        stacks=tuple(_read_stacks(sections[Section.STACKS], problems)),
    )
    if not content.sections and not problems:
        problems.append(
            EntryProblem(Severity.ERROR, "says_nothing", root, "has neither features nor profiles in it")
        )
    return content, problems


def merge_contents(contents: Sequence[CatalogContent]) -> tuple[CatalogContent, list[EntryProblem]]:
    """Several documents as one. What two of them say is an error that names both places."""
    problems: list[EntryProblem] = []
    merged = CatalogContent(
        sections=frozenset().union(*(content.sections for content in contents)),
        facts=_merge_facts([content.facts for content in contents], problems),
        repos=tuple(repo for content in contents for repo in content.repos),
        features=tuple(entry for content in contents for entry in content.features),
        combinations=tuple(entry for content in contents for entry in content.combinations),
        stacks=tuple(entry for content in contents for entry in content.stacks),
    )
    for entries in (merged.features, merged.combinations, merged.stacks):
        _refuse_repeated([(entry.slug, entry.origin) for entry in entries], problems)
    stated = [r for r in merged.repos if r.origin.steps[:1] == ("repositories",)]
    _refuse_repeated([(repo.repo_id, repo.origin) for repo in stated], problems)
    return merged, problems


def _find_section(written: WrittenMapping, keys: tuple[str, ...]) -> tuple[object, Origin] | None:
    key, value = written.find(*keys)
    if value is not None:
        return value, written.origin.inner(key)
    if written.has(*keys):
        key = next(key for key in keys if written.has(key))
        written.error("missing", key, "has nothing in it; write {} if there are to be none")
    return None


def _read_facts(written: WrittenMapping, *, is_of_stacks: bool) -> CatalogFacts:
    title = written.optional_text("title", max_length=200)
    description = written.optional_text("description")
    thresholds = _read_thresholds(written)
    compatibility = written.plain_mapping("license_compatibility")
    mapping = written.plain_mapping("project_type_mapping")
    extra = written.rest()
    return CatalogFacts(
        title=title,
        description=description,
        quality_thresholds=thresholds,
        license_compatibility=compatibility,
        project_type_mapping=mapping,
        extra={} if is_of_stacks else extra,
        stacks_extra=extra if is_of_stacks else {},
        origin=written.origin,
    )


def _read_thresholds(written: WrittenMapping) -> Extra | None:
    inner = written.mapping("quality_thresholds")
    if inner is None:
        return {} if written.has("quality_thresholds") else None
    named = {name: inner.number(name, least=Decimal(0), most=Decimal(1)) for name in ("minimum", "preferred")}
    kept: dict[str, Json] = {name: float(number) for name, number in named.items() if number is not None}
    return {**kept, **inner.rest()}


def _read_repos(found: tuple[object, Origin] | None, problems: list[EntryProblem]) -> list[RepoEntry]:
    return [
        read_repo(name, entry, origin, problems)
        for name, entry, origin in _entries(found, problems, "id", "repo_id")
    ]


def _read_features(
    found: tuple[object, Origin] | None, problems: list[EntryProblem]
) -> tuple[list[FeatureEntry], list[RepoEntry]]:
    features, repos = [], []
    for name, entry, origin in _entries(found, problems, "slug", "id"):
        feature, said_of_repos = read_feature(name, entry, origin, problems)
        features.append(feature)
        repos += said_of_repos
    return features, repos


def _read_combinations(
    found: tuple[object, Origin] | None, problems: list[EntryProblem]
) -> list[CombinationEntry]:
    if found is not None and isinstance(found[0], Mapping):
        # A list of slugs alone is a combination, too.
        short = {name: {"features": e} if isinstance(e, list | tuple) else e for name, e in found[0].items()}
        found = short, found[1]
    return [
        read_combination(name, entry, origin, problems)
        for name, entry, origin in _entries(found, problems, "slug", "id")
    ]


def _read_stacks(found: tuple[object, Origin] | None, problems: list[EntryProblem]) -> list[StackEntry]:
    return [
        read_stack(name, entry, origin, problems)
        for name, entry, origin in _entries(found, problems, "slug", "id")
    ]


def _entries(
    found: tuple[object, Origin] | None, problems: list[EntryProblem], *name_keys: str
) -> Iterable[tuple[str, Mapping[object, object], Origin]]:
    return [] if found is None else as_entries(*found, problems, name_keys=name_keys)


def _merge_facts(all_facts: Sequence[CatalogFacts], problems: list[EntryProblem]) -> CatalogFacts:
    said: dict[str, tuple[object, Origin]] = {}
    extras: dict[str, dict[str, Json]] = {"extra": {}, "stacks_extra": {}}
    for facts in all_facts:
        values = {name: getattr(facts, name) for name in _FACT_KEYS if getattr(facts, name) is not None}
        for label, kept in extras.items():
            kept.update(getattr(facts, label))
            values.update({f"{label}.{name}": value for name, value in getattr(facts, label).items()})
        for name, value in values.items():
            here = facts.origin.inner(name.rpartition(".")[2])
            first, other = said.setdefault(name, (value, here))
            if first != value:
                message = "is said differently in another file"
                problems.append(EntryProblem(Severity.ERROR, "said_twice", here, message, other=other))
    known = {name: said[name][0] for name in _FACT_KEYS if name in said}
    return CatalogFacts(**known, **extras)  # type: ignore[arg-type]  # the names are its fields


def _refuse_repeated(named: Sequence[tuple[str, Origin]], problems: list[EntryProblem]) -> None:
    first: dict[str, Origin] = {}
    for name, origin in named:
        if name in first:
            message = f"{name} is here a second time"
            problems.append(EntryProblem(Severity.ERROR, "same_name", origin, message, other=first[name]))
        first.setdefault(name, origin)
