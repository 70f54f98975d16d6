"""From candidates to entries of the catalog, with every problem that stands in the way. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog_app.curation.drafts import edits_from_json, proposal_from_json, revise
from catalog_app.curation.proposals import Proposal, free_slug, slugify
from catalog_app.interchange.entries import (
    CatalogContent,
    EntryProblem,
    FeatureEntry,
    Origin,
    RepoEntry,
    Section,
    SourceEntry,
)
from catalog_app.interchange.mapping import NAME, NAME_RULE
from catalog_app.interchange.reading_features import read_feature
from catalog_app.models import CurationCandidate, CurationRun, Feature, SourceRepo
from catalog_app.selectors.contents import Names, content_of, load_rows

Problem = dict[str, Any]  # `code`, `candidate` (its id), `field` and `detail`


@dataclass(frozen=True, slots=True)
class Draft:
    """What a candidate would become: a source of a feature, which may be one of the catalog."""

    candidate: CurationCandidate
    feature: str
    source: SourceEntry


@dataclass(frozen=True, slots=True)
class Drafts:
    """With any problem nothing of it should be saved. A feature is whole, whatever it had before."""

    drafts: Sequence[Draft]
    new_features: frozenset[str]
    content: CatalogContent
    problems: Sequence[Problem]


def draft_candidates(run: CurationRun, candidates: Sequence[CurationCandidate]) -> Drafts:
    """What accepting all of these would put into the catalog, as they are proposed and edited."""
    return _Drafting(run, candidates).draft()


class _Drafting:
    def __init__(self, run: CurationRun, candidates: Sequence[CurationCandidate]) -> None:
        self._run = run
        self._candidates = candidates
        self._wanted = {c.pk: proposal_from_json(c.proposal) for c in candidates}
        self._edits = {c.pk: edits_from_json(c.edits) for c in candidates}
        self._problems: list[Problem] = []
        self._features: dict[str, FeatureEntry] = {}
        self._repos: list[RepoEntry] = []

    def draft(self) -> Drafts:
        known = self._read_known()
        repos = _name_repos(self._candidates)
        drafts = []
        for candidate in self._candidates:
            proposal = revise(self._wanted[candidate.pk], self._edits[candidate.pk])
            target = self._edits[candidate.pk].feature or ""
            entry = self._read(candidate, proposal, repos[candidate.pk])
            if target:
                self._add_to_known(candidate, target, entry, known)
            else:
                self._add_new(candidate, entry, known)
            if entry.sources:
                drafts.append(Draft(candidate, target or entry.slug, entry.sources[0]))
        content = CatalogContent(
            frozenset({Section.FEATURES}),
            repos=tuple(self._repos),
            features=tuple(self._features.values()),
        )
        new = frozenset(self._features) - set(known)
        return Drafts(drafts, new, content, self._problems)

    def _read_known(self) -> dict[str, Feature]:
        """Features of the catalog that candidates name, or whose slugs they want."""
        named = {edits.feature for edits in self._edits.values() if edits.feature}
        wanted = {revise(self._wanted[pk], edits).slug for pk, edits in self._edits.items()}
        features = Feature.objects.filter(catalog=self._run.catalog_id, slug__in=named | wanted)
        return {feature.slug: feature for feature in features}

    def _read(self, candidate: CurationCandidate, proposal: Proposal, repo: "_Repo") -> FeatureEntry:
        problems: list[EntryProblem] = []
        written = _as_written(candidate, proposal, repo)
        entry, repos = read_feature(proposal.slug, written, Origin(), problems)
        for problem in problems:
            if problem.is_error:
                self._complain(candidate, problem.code, _field_of(problem.origin), problem.detail)
        self._repos += repos
        return entry

    def _add_new(self, candidate: CurationCandidate, entry: FeatureEntry, known: dict[str, Feature]) -> None:
        slug = entry.slug
        if not NAME.fullmatch(slug):
            self._complain(candidate, "bad_name", "slug", f"{slug!r} is no name: use {NAME_RULE}")
        elif slug in known:
            state = "a retired feature" if known[slug].retired_at else "a feature"
            detail = f"The catalog has {state} {slug}. Take another name, or add this as a source of it."
            self._complain(candidate, "slug_taken", "slug", detail)
        elif slug in self._features:
            self._complain(
                candidate, "slug_taken", "slug", f"Another of these candidates is named {slug}, too."
            )
        else:
            self._features[slug] = entry

    def _add_to_known(
        self, candidate: CurationCandidate, slug: str, entry: FeatureEntry, known: dict[str, Feature]
    ) -> None:
        feature = known.get(slug)
        if feature is None:
            detail = f"The catalog has no feature {slug}."
            self._complain(candidate, "unknown_feature", "feature", detail)
            return
        if feature.retired_at:
            detail = f"Feature {slug} is retired: restore it first."
            self._complain(candidate, "feature_retired", "feature", detail)
            return
        if slug not in self._features:
            rows = load_rows(self._run.catalog, Names(features=[slug]))
            (self._features[slug],) = content_of(rows).features
        whole = self._features[slug]
        for source in entry.sources:
            if any(source.key == other.key for other in whole.sources):
                detail = f"{slug} has {source.repo_id} as a source already, with the same paths."
                self._complain(candidate, "source_exists", "feature", detail)
                return
        self._features[slug] = replace(whole, sources=(*whole.sources, *entry.sources))

    def _complain(self, candidate: CurationCandidate, code: str, field: str, detail: str) -> None:
        self._problems.append(
            {"code": code, "candidate": candidate.pk, "field": field, "detail": detail, "url": candidate.url}
        )


@dataclass(frozen=True, slots=True)
class _Repo:
    repo_id: str
    is_known: bool


def _name_repos(candidates: Sequence[CurationCandidate]) -> dict[int, _Repo]:
    """By candidate: the repository that has its address, else a new one with an id of its own."""
    keys = {candidate.url_key for candidate in candidates}
    repos = SourceRepo.objects.filter(url_key__in=keys).order_by("-pk")
    known = dict(repos.values_list("url_key", "repo_id"))
    taken = set(SourceRepo.objects.values_list("repo_id", flat=True))
    named: dict[int, _Repo] = {}
    for candidate in candidates:
        if candidate.url_key in known:
            named[candidate.pk] = _Repo(known[candidate.url_key], is_known=True)
        else:
            repo_id = free_slug(_repo_id(candidate.url_key), taken)
            taken.add(repo_id)
            named[candidate.pk] = _Repo(repo_id, is_known=False)
    return named


def _repo_id(url_key: str) -> str:
    """Owner and name, or of a local one the folder's name."""
    parts = url_key.removeprefix("file:").strip("/").split("/")
    return slugify(" ".join(parts[-1:] if url_key.startswith("file:") else parts[-2:])) or "repository"


def _as_written(candidate: CurationCandidate, proposal: Proposal, repo: _Repo) -> dict[object, object]:
    """As a curator would write it in YAML. What is known of a repository already stays as it is."""
    place = {} if repo.is_known else {"repo_url": candidate.url, "fetch_from": candidate.fetch_from or None}
    return {
        "title": proposal.title,
        "description": proposal.description,
        "category": proposal.category,
        "complexity": proposal.complexity.value,
        "aliases": list(proposal.aliases),
        "repos": [
            {"id": repo.repo_id, **place, "paths": list(proposal.paths), "license": proposal.license or None}
        ],
    }


def _field_of(origin: Origin) -> str:
    """The field of the proposal that a place of the written feature is about."""
    names = [step for step in origin.steps if isinstance(step, str)]
    name = names[-1] if names else ""
    return {"repo_url": "url", "path": "paths", "id": "url"}.get(name, name)
