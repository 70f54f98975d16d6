"""What only shows when a whole catalog is looked at: references, cycles, and facts that do not go together.
Pure.

An error is what a plan could not work with: something required that is not there, or that requires itself.
What merely names something unknown is kept without effect, and a warning.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog_app.choices import Ownership
from catalog_app.interchange.entries import (
    CatalogContent,
    EntryProblem,
    FeatureEntry,
    Origin,
    RepoEntry,
    Severity,
)
from catalog_app.interchange.repositories import fill, join_repos, own_by_license
from catalog_app.verification.places import url_key


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is besides what was said, and stays: `content` of the same catalog, repositories of all
    catalogs (by id), and slugs of retired features, which can be named but not required."""

    content: CatalogContent = field(default_factory=lambda: CatalogContent(frozenset()))
    repos: Mapping[str, RepoEntry] = field(default_factory=dict)
    retired_features: Collection[str] = ()


def check_content(content: CatalogContent, around: Surroundings | None = None) -> list[EntryProblem]:
    """Every problem of what was said, seen together with what stays; what stays is not complained of."""
    around = around or Surroundings()
    features = {entry.slug: entry for entry in (*around.content.features, *content.features)}
    stacks = {entry.slug for entry in (*around.content.stacks, *content.stacks)}
    return [
        *_check_features(content.features, features, around.retired_features),
        *_check_cycles(content.features, features),
        *_check_aliases(content.features, features),
        *_check_stacks_named(content, stacks),
        *_check_combinations(content, features),
        *_check_repos(content, around),
    ]


def _check_features(
    said: Iterable[FeatureEntry], features: Mapping[str, FeatureEntry], retired: Collection[str]
) -> Iterator[EntryProblem]:
    for entry in said:
        for slug in entry.requires:
            if slug in features:
                continue
            message = f"{slug} is retired" if slug in retired else f"there is no feature {slug}"
            origin = entry.origin.inner("requires", entry.requires.index(slug))
            yield EntryProblem(Severity.ERROR, "unknown_feature", origin, message, _near(slug, features))
        for slug in entry.conflicts:
            if slug not in features:
                origin = entry.origin.inner("conflicts", entry.conflicts.index(slug))
                yield _unknown(
                    "unknown_feature", origin, f"there is no feature {slug}", _near(slug, features)
                )


def _check_cycles(
    said: Sequence[FeatureEntry], features: Mapping[str, FeatureEntry]
) -> Iterator[EntryProblem]:
    """One problem for each circle of requirements that is found, at the first of it that was said."""
    mine = {entry.slug: entry for entry in said}
    for circle in _find_circles(sorted(mine), features):
        first = min((slug for slug in circle if slug in mine), default=None)
        if first is None or len(circle) == 1:
            continue
        start = circle.index(first)
        way = " → ".join([*circle[start:], *circle[:start], first])
        origin = mine[first].origin.inner("requires")
        yield EntryProblem(Severity.ERROR, "requires_cycle", origin, f"requires itself: {way}")


def _find_circles(starts: Iterable[str], features: Mapping[str, FeatureEntry]) -> Iterator[list[str]]:
    """Follows requirements from each start, everything once, and says when they lead back."""
    done: set[str] = set()
    for start in starts:
        way = {} if start in done else {start: iter(features[start].requires)}
        while way:
            last = next(reversed(way))
            slug = next(way[last], None)
            if slug is None:
                del way[last]
                done.add(last)
            elif slug in way:
                steps = list(way)
                yield steps[steps.index(slug) :]
            elif slug in features and slug not in done:
                way[slug] = iter(features[slug].requires)


def _check_aliases(
    said: Sequence[FeatureEntry], features: Mapping[str, FeatureEntry]
) -> Iterator[EntryProblem]:
    mine = {entry.slug for entry in said}
    owners: dict[str, list[str]] = {}
    for slug, entry in features.items():
        for alias in entry.aliases:
            owners.setdefault(alias.casefold(), []).append(slug)
    for entry in said:
        for index, alias in enumerate(entry.aliases):
            # Of two that were said, the second is the one to look at.
            owned_by = owners[alias.casefold()]
            earlier = sorted(slug for slug in owned_by if slug < entry.slug or slug not in mine)
            if earlier:
                origin = entry.origin.inner("aliases", index)
                yield EntryProblem(
                    Severity.WARNING,
                    "shared_alias",
                    origin,
                    f"{alias!r} is an alias of {earlier[0]}, too",
                    other=features[earlier[0]].origin,
                )


def _check_stacks_named(content: CatalogContent, stacks: Collection[str]) -> Iterator[EntryProblem]:
    for combination in content.combinations:
        yield from _unknown_stacks(combination.compatible_stacks, combination.origin, stacks)
    for feature in content.features:
        yield from _unknown_stacks(feature.compatible_stacks, feature.origin, stacks)
        for source in feature.sources:
            yield from _unknown_stacks(source.compatible_stacks, source.origin, stacks)


def _unknown_stacks(named: Sequence[str], origin: Origin, stacks: Collection[str]) -> Iterator[EntryProblem]:
    for index, slug in enumerate(named):
        if slug not in stacks:
            here = origin.inner("compatible_stacks", index)
            yield _unknown("unknown_stack", here, f"there is no stack profile {slug}", _near(slug, stacks))


def _check_combinations(
    content: CatalogContent, features: Mapping[str, FeatureEntry]
) -> Iterator[EntryProblem]:
    for entry in content.combinations:
        for index, slug in enumerate(entry.features):
            if slug not in features:
                origin = entry.origin.inner("features", index)
                yield _unknown(
                    "unknown_feature", origin, f"there is no feature {slug}", _near(slug, features)
                )


def _check_repos(content: CatalogContent, around: Surroundings) -> Iterator[EntryProblem]:
    joined, contradictions = join_repos(content)
    yield from contradictions
    repos = {**around.repos, **{i: _fill_known(said, around.repos.get(i)) for i, said in joined.items()}}
    yield from _check_addresses(joined, repos)
    yield from _check_ownership(content, repos)
    for stack in content.stacks:
        for index, repo_id in enumerate(stack.preferred_repos):
            if repo_id not in repos:
                origin = stack.origin.inner("preferred_repos", index)
                message = f"no source and no section of repositories has {repo_id}"
                yield _unknown("unknown_repository", origin, message, _near(repo_id, repos))


def _check_addresses(
    joined: Mapping[str, RepoEntry], repos: Mapping[str, RepoEntry]
) -> Iterator[EntryProblem]:
    keys = {repo_id: url_key(repo.url or "") for repo_id, repo in repos.items()}
    by_key: dict[str, list[str]] = {}
    for repo_id, key in keys.items():
        if key:
            by_key.setdefault(key, []).append(repo_id)
    for repo_id in joined:
        repo, key = repos[repo_id], keys[repo_id]
        origin = joined[repo_id].origin
        if repo.is_whitelisted and not key and not repo.fetch_from:
            message = f"{repo_id} has no real address, so it cannot be whitelisted"
            yield EntryProblem(Severity.ERROR, "whitelisted_without_address", origin, message)
        elif not key and repo.url:
            message = f"{repo.url} is no address of a repository yet"
            yield EntryProblem(Severity.WARNING, "placeholder_url", origin, message)
        elif not key and not repo.fetch_from:
            message = f"nothing says where {repo_id} is"
            yield EntryProblem(Severity.WARNING, "no_address", origin, message)
        named_so = by_key.get(key, ())
        others = sorted(i for i in named_so if i != repo_id and (i < repo_id or i not in joined))
        if others:
            message = f"{repo_id} has the address of {others[0]}, so it is the same repository"
            other = joined[others[0]].origin if others[0] in joined else None
            yield EntryProblem(Severity.WARNING, "same_repository", origin, message, others[0], other)


def _check_ownership(content: CatalogContent, repos: Mapping[str, RepoEntry]) -> Iterator[EntryProblem]:
    private = own_by_license(content.features)
    for feature in content.features:
        for source in feature.sources:
            is_foreign = repos[source.repo_id].ownership is Ownership.THIRD_PARTY
            if source.repo_id in private and is_foreign:
                message = f"{source.repo_id} is somebody else's, so its licence cannot be private"
                origin = source.origin.inner("license")
                yield EntryProblem(Severity.WARNING, "private_third_party", origin, message, "ownership: own")


def _fill_known(said: RepoEntry, known: RepoEntry | None) -> RepoEntry:
    return said if known is None else replace(fill(said, known), origin=said.origin)


def _unknown(code: str, origin: Origin, message: str, suggestion: str) -> EntryProblem:
    return EntryProblem(Severity.WARNING, code, origin, message, suggestion)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    return near[0] if near else ""
