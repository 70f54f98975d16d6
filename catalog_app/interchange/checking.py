"""What only shows when a whole catalog is looked at: references, cycles, and facts that do not go together.
Pure.

An error is what a plan could not work with: something required that is not there, or that requires itself.
What merely names something unknown is kept without effect, and a warning.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

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

MOST_SUGGESTIONS = 50
MOST_CIRCLES = 100
_SHOWN_STEPS = 12


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
    slugs = _Known(features)
    return [
        *_check_features(content.features, slugs, frozenset(around.retired_features)),
        *islice(_check_cycles(content.features, features), MOST_CIRCLES),
        *_check_aliases(content.features, features),
        *_check_stacks_named(content, _Known(e.slug for e in (*around.content.stacks, *content.stacks))),
        *_check_combinations(content, slugs),
        *_check_repos(content, around),
    ]


class _Known:
    """Names that can be referred to. Only the first few that are not there get a suggestion: looking for
    one is slow, and so many are no slips of the pen."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._set = frozenset(self._names)
        self._suggestions_left = MOST_SUGGESTIONS

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def near(self, name: str) -> str:
        if self._suggestions_left == 0:
            return ""
        self._suggestions_left -= 1
        found = difflib.get_close_matches(name, self._names, n=1, cutoff=0.75)
        return found[0] if found else ""


def _check_features(
    said: Iterable[FeatureEntry], slugs: _Known, retired: Collection[str]
) -> Iterator[EntryProblem]:
    for entry in said:
        for index, slug in enumerate(entry.requires):
            if slug not in slugs:
                message = f"{slug} is retired" if slug in retired else f"there is no feature {slug}"
                origin = entry.origin.inner("requires", index)
                yield EntryProblem(Severity.ERROR, "unknown_feature", origin, message, slugs.near(slug))
        for index, slug in enumerate(entry.conflicts):
            if slug not in slugs:
                origin = entry.origin.inner("conflicts", index)
                yield _unknown("unknown_feature", origin, f"there is no feature {slug}", slugs.near(slug))


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
        steps = [*circle[start:], *circle[:start], first]
        shown = steps if len(steps) <= _SHOWN_STEPS else [*steps[: _SHOWN_STEPS - 2], "…", *steps[-2:]]
        way = " → ".join(shown)
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
    firsts = {alias: _first(slugs, mine) for alias, slugs in owners.items() if len(slugs) > 1}
    for entry in said:
        for index, alias in enumerate(entry.aliases):
            first = firsts.get(alias.casefold(), entry.slug)
            if first != entry.slug:
                origin = entry.origin.inner("aliases", index)
                message = f"{alias!r} is an alias of {first}, too"
                other = features[first].origin
                yield EntryProblem(Severity.WARNING, "shared_alias", origin, message, other=other)


def _first(names: Iterable[str], said: Collection[str]) -> str:
    """Of several that are the same in something, the one that the others are told of: what stays goes before
    what was said."""
    return min(names, key=lambda name: (name in said, name))


def _check_stacks_named(content: CatalogContent, stacks: _Known) -> Iterator[EntryProblem]:
    for combination in content.combinations:
        yield from _unknown_stacks(combination.compatible_stacks, combination.origin, stacks)
    for feature in content.features:
        yield from _unknown_stacks(feature.compatible_stacks, feature.origin, stacks)
        for source in feature.sources:
            yield from _unknown_stacks(source.compatible_stacks, source.origin, stacks)


def _unknown_stacks(named: Sequence[str], origin: Origin, stacks: _Known) -> Iterator[EntryProblem]:
    for index, slug in enumerate(named):
        if slug not in stacks:
            here = origin.inner("compatible_stacks", index)
            yield _unknown("unknown_stack", here, f"there is no stack profile {slug}", stacks.near(slug))


def _check_combinations(content: CatalogContent, slugs: _Known) -> Iterator[EntryProblem]:
    for entry in content.combinations:
        for index, slug in enumerate(entry.features):
            if slug not in slugs:
                origin = entry.origin.inner("features", index)
                yield _unknown("unknown_feature", origin, f"there is no feature {slug}", slugs.near(slug))


def _check_repos(content: CatalogContent, around: Surroundings) -> Iterator[EntryProblem]:
    joined, contradictions = join_repos(content)
    yield from contradictions
    repos = {**around.repos, **{i: _fill_known(said, around.repos.get(i)) for i, said in joined.items()}}
    yield from _check_addresses(joined, repos)
    yield from _check_ownership(content, repos)
    ids = _Known(repos)
    for stack in content.stacks:
        for index, repo_id in enumerate(stack.preferred_repos):
            if repo_id not in ids:
                origin = stack.origin.inner("preferred_repos", index)
                message = f"no source and no section of repositories has {repo_id}"
                yield _unknown("unknown_repository", origin, message, ids.near(repo_id))


def _check_addresses(
    joined: Mapping[str, RepoEntry], repos: Mapping[str, RepoEntry]
) -> Iterator[EntryProblem]:
    keys = {repo_id: url_key(repo.url or "") for repo_id, repo in repos.items()}
    by_key: dict[str, list[str]] = {}
    for repo_id, key in keys.items():
        if key:
            by_key.setdefault(key, []).append(repo_id)
    firsts = {key: _first(ids, joined) for key, ids in by_key.items() if len(ids) > 1}
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
        first = firsts.get(key, repo_id)
        if first != repo_id:
            message = f"{repo_id} has the address of {first}, so it is the same repository"
            other = joined[first].origin if first in joined else None
            yield EntryProblem(Severity.WARNING, "same_repository", origin, message, first, other)


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
