"""What a catalog's content says of repositories, from wherever it says it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace

from catalog_app.choices import Ownership, Visibility
from catalog_app.interchange.entries import (
    CatalogContent,
    EntryProblem,
    FeatureEntry,
    RepoEntry,
    Section,
    Severity,
)
from catalog_app.verification.places import url_key

PRIVATE_LICENSE = "LicenseRef-Private"
_FACTS = tuple(f.name for f in fields(RepoEntry) if f.name not in ("repo_id", "origin"))


def is_stated(repo: RepoEntry) -> bool:
    """Whether the section of repositories says it: then what it leaves out has the default."""
    return repo.origin.steps[:1] == ("repositories",)


def join_repos(content: CatalogContent) -> tuple[dict[str, RepoEntry], list[EntryProblem]]:
    """Every repository that the content speaks of, with all that it says of it; the section of repositories
    goes first, then the first source. What contradicts that is a warning."""
    joined: dict[str, RepoEntry] = {}
    problems: list[EntryProblem] = []
    for said in sorted(content.repos, key=lambda repo: not is_stated(repo)):
        _join_one(joined, said, problems)
    for feature in content.features:
        for source in feature.sources:
            origin = source.origin.inner("repo_url")
            _join_one(joined, RepoEntry(source.repo_id, url=source.repo_url, origin=origin), problems)
    return joined, problems


def own_by_license(features: Iterable[FeatureEntry]) -> frozenset[str]:
    """Ids of repositories that a source declares to be private: of one's own, where nothing else is said."""
    return frozenset(
        source.repo_id for entry in features for source in entry.sources if source.license == PRIVATE_LICENSE
    )


def settle_repos(
    said: CatalogContent,
    known: Mapping[str, RepoEntry],
    *,
    own: Collection[str],
    used: Collection[str] = (),
    is_whole: bool,
) -> dict[str, RepoEntry]:
    """All facts of each repository that the content is about, as they are after the change.

    `known` are facts as they are, `own` ids of private repositories by their licence. A whole catalog with a
    section of repositories restates all that it uses (`used` besides those it names): facts that are not in
    the section have their default. Where it has none, facts that nobody mentions stay, but for the whitelist
    of a repository that has another address.
    """
    joined, _ = join_repos(said)
    is_restated = is_whole and Section.REPOSITORIES in said.sections
    for repo_id in used if is_restated else ():
        joined.setdefault(repo_id, RepoEntry(repo_id))
    settled = {}
    for repo_id, entry in joined.items():
        usual = default_facts(repo_id, is_own=repo_id in own)
        before = known.get(repo_id)
        if before is None:
            settled[repo_id] = fill(entry, usual)
        elif is_restated:
            settled[repo_id] = fill(entry, replace(usual, url=before.url))
        else:
            settled[repo_id] = fill(entry, _at_address(before, entry.url))
    return settled


def _at_address(known: RepoEntry, url: str | None) -> RepoEntry:
    """What is still so where it moves to another address: that it is trusted has to be said again."""
    has_moved = url is not None and url_key(url) != url_key(known.url or "")
    return replace(known, is_whitelisted=False) if has_moved else known


def default_facts(repo_id: str, *, is_own: bool) -> RepoEntry:
    """What is so of a repository of which nothing is said."""
    return RepoEntry(
        repo_id,
        url="",
        fetch_from="",
        default_branch="",
        ownership=Ownership.OWN if is_own else Ownership.THIRD_PARTY,
        visibility=Visibility.PRIVATE if is_own else Visibility.PUBLIC,
        is_whitelisted=False,
        notes="",
        extra={},
    )


def fill(said: RepoEntry, known: RepoEntry) -> RepoEntry:
    """What was said, and of the rest what is known."""
    silent = [name for name in _FACTS if getattr(said, name) is None]
    return replace(said, **{name: getattr(known, name) for name in silent})


def _join_one(joined: dict[str, RepoEntry], said: RepoEntry, problems: list[EntryProblem]) -> None:
    known = joined.setdefault(said.repo_id, said)
    if known is said:
        return
    for name in _FACTS:
        before, now = getattr(known, name), getattr(said, name)
        if before is None or now is None or before == now:
            continue
        if name == "url" and url_key(before) == url_key(now):
            continue
        origin = said.origin if name == "url" else said.origin.inner(name)
        message = f"{said.repo_id} has another {name}, {before!r}, elsewhere, which counts"
        problems.append(EntryProblem(Severity.WARNING, "contradicts", origin, message, other=known.origin))
    joined[said.repo_id] = fill(known, said)
