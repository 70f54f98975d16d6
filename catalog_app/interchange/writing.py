"""Content to the two files of a catalog. The same content always gives the same bytes. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    CombinationEntry,
    Extra,
    FeatureEntry,
    Json,
    RepoEntry,
    SourceEntry,
    StackEntry,
)
from catalog_app.interchange.repositories import default_facts, fill, join_repos, own_by_license
from catalog_app.interchange.yaml_text import to_yaml

E = TypeVar("E", FeatureEntry, StackEntry, CombinationEntry)

FEATURES_FILE = "feature_catalog.yaml"
STACKS_FILE = "stack_profiles.yaml"


def write_catalog(content: CatalogContent) -> dict[str, str]:
    """A whole catalog as texts by file name. What has its default is left out, entries are in the order of
    their slugs, and what Autopack does not know in the order of its keys."""
    features: dict[str, Json] = {
        **write_facts(replace(content.facts, stacks_extra={})),
        **_present("repositories", _write_repos(content)),
        "features": {entry.slug: write_feature(entry) for entry in _by_slug(content.features)},
        **_present(
            "feature_combinations",
            {entry.slug: write_combination(entry) for entry in _by_slug(content.combinations)},
        ),
    }
    stacks: dict[str, Json] = {
        **_sorted_mapping(content.facts.stacks_extra),
        "profiles": {entry.slug: write_stack(entry) for entry in _by_slug(content.stacks)},
    }
    return {FEATURES_FILE: to_yaml(features), STACKS_FILE: to_yaml(stacks)}


def write_facts(facts: CatalogFacts) -> dict[str, Json]:
    """The catalog's own; what is beside the stacks is under `profiles`, which no unknown key can be."""
    return {
        **_present("title", facts.title),
        **_present("description", facts.description),
        **_present("quality_thresholds", _sorted(facts.quality_thresholds)),
        **_present("license_compatibility", _sorted(facts.license_compatibility)),
        **_present("project_type_mapping", _sorted(facts.project_type_mapping)),
        **_sorted_mapping(facts.extra),
        **_present("profiles", _sorted(facts.stacks_extra)),
    }


def write_feature(entry: FeatureEntry) -> dict[str, Json]:
    """As it stands below its slug; the values are plain, for JSON as well."""
    return {
        "title": entry.title,
        **_present("description", entry.description),
        **_present("category", entry.category),
        "complexity": entry.complexity.value,
        **_present("aliases", list(entry.aliases)),
        **_present("phrases", list(entry.request_phrases)),
        **_present("tags", list(entry.tags)),
        **_present("requires", list(entry.requires)),
        **_present("conflicts", list(entry.conflicts)),
        **_present("compatible_stacks", list(entry.compatible_stacks)),
        **_present("notes", entry.notes),
        **_sorted_mapping(entry.extra),
        **_present("repos", [write_source(source) for source in entry.sources]),
    }


def write_source(entry: SourceEntry) -> dict[str, Json]:
    return {
        "id": entry.repo_id,
        **_present("repo_url", entry.repo_url),
        **({"path": entry.paths[0]} if len(entry.paths) == 1 else _present("paths", list(entry.paths))),
        **_present("license", entry.license_text),
        **({} if entry.judgement is None else {"quality_score": _number(entry.judgement)}),
        **_present("quality_note", entry.judgement_note),
        **_present("pinned_commit", entry.pinned_commit),
        **_present("compatible_stacks", list(entry.compatible_stacks)),
        **_present("notes", entry.notes),
        **_sorted_mapping(entry.extra),
    }


def write_stack(entry: StackEntry) -> dict[str, Json]:
    extra = _sorted_mapping(entry.extra)
    said = extra.pop("preferred_repos", None)
    said_of_preferred = said if isinstance(said, Mapping) else {}
    return {
        "title": entry.title,
        **_present("description", entry.description),
        **_present("project_types", list(entry.project_types)),
        **_present("backend", entry.backend),
        **_present("db", entry.db),
        **_present("vector_db", entry.vector_db),
        **_present("frontend", entry.frontend),
        **_present("stack", _sorted(entry.slots)),
        **_present(
            "preferred_repos",
            [{"id": i, **_mapping(said_of_preferred.get(i))} for i in entry.preferred_repos],
        ),
        "ci_profile": entry.ci_profile.value,
        "budget_multiplier": _number(entry.budget_multiplier),
        **_present("notes", entry.notes),
        **extra,
    }


def write_combination(entry: CombinationEntry) -> dict[str, Json]:
    return {
        "title": entry.title,
        **_present("description", entry.description),
        **_present("features", list(entry.features)),
        **_present("compatible_stacks", list(entry.compatible_stacks)),
        **_sorted_mapping(entry.extra),
    }


def write_repo(entry: RepoEntry) -> dict[str, Json]:
    """All that is known, defaults as well."""
    return {**_facts_of(entry, entry.url), **_sorted_mapping(entry.extra)}


def _write_repos(content: CatalogContent) -> dict[str, Json]:
    """Facts that are not what would be taken for granted; the address only where no source has it."""
    own = own_by_license(content.features)
    with_address = {s.repo_id for f in content.features for s in f.sources if s.repo_url}
    joined, _ = join_repos(content)
    written: dict[str, Json] = {}
    for repo_id in sorted(joined):
        usual = default_facts(repo_id, is_own=repo_id in own)
        facts = _write_repo(fill(joined[repo_id], usual), usual, has_address=repo_id in with_address)
        if facts:
            written[repo_id] = facts
    return written


def _write_repo(repo: RepoEntry, usual: RepoEntry, *, has_address: bool) -> dict[str, Json]:
    url, usual_facts = "" if has_address else repo.url, _facts_of(usual, usual.url)
    said = {key: value for key, value in _facts_of(repo, url).items() if value != usual_facts[key]}
    return {**said, **_sorted_mapping(repo.extra)}


def _facts_of(repo: RepoEntry, url: str | None) -> dict[str, Json]:
    return {
        "repo_url": url,
        "fetch_from": repo.fetch_from,
        "default_branch": repo.default_branch,
        "ownership": str(repo.ownership),
        "visibility": str(repo.visibility),
        "whitelisted": repo.is_whitelisted,
        "notes": repo.notes,
    }


def _by_slug(entries: Iterable[E]) -> list[E]:
    return sorted(entries, key=lambda entry: entry.slug)


def _present(key: str, value: Json) -> dict[str, Json]:
    """The pair, unless there is nothing to say."""
    return {key: value} if value else {}


def _number(value: Decimal) -> Json:
    return float(value)


def _mapping(value: Json) -> dict[str, Json]:
    return _sorted_mapping(value) if isinstance(value, Mapping) else {}


def _sorted_mapping(value: Extra | None) -> dict[str, Json]:
    return {key: _sorted(inner) for key, inner in sorted((value or {}).items())}


def _sorted(value: Json) -> Json:
    """Mappings in the order of their keys at every level: the database keeps no other."""
    if isinstance(value, Mapping):
        return _sorted_mapping(value)
    if isinstance(value, list | tuple):
        return [_sorted(inner) for inner in value]
    return value
