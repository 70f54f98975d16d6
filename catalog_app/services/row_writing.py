"""Rows as settled content has them, in bulk. Only `saving` calls this, under its locks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from autopack.actors import Actor
from catalog_app.interchange.changes import Key, Kind, source_name
from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    CombinationEntry,
    FeatureEntry,
    RepoEntry,
    SourceEntry,
    StackEntry,
)
from catalog_app.interchange.plain import is_same
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    PreferredRepo,
    SourceRepo,
    StackProfile,
)
from catalog_app.selectors.contents import CatalogRows
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.evidence import EVIDENCE_FIELDS, reconsider
from catalog_app.services.recording import record_changed, record_created
from catalog_app.services.sealing import Changes
from catalog_app.verification.places import url_key

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Settled:
    """Content that leaves nothing open: every pin is known, `facts` and `repos` are as they will be, and
    `vanishing` is what will be retired."""

    content: CatalogContent
    facts: CatalogFacts
    repos: Mapping[str, RepoEntry]
    vanishing: frozenset[Key]


def write_rows(rows: CatalogRows, settled: Settled, *, actor: Actor, reason: str, changes: Changes) -> None:
    """Insert and update whatever differs, each row once and with its history; digests follow in `changes`."""
    writer = _Writer(rows, settled, actor, reason, changes)
    writer.write_catalog()
    repos = writer.write_repos()
    features = writer.write_features()
    writer.write_sources(features, repos)
    writer.write_combinations()
    writer.write_stacks(repos)


class _ChangedRows(Generic[M]):
    """Rows of one table that differ from what is stored, and the fields in which any of them does."""

    def __init__(self) -> None:
        self.rows: dict[int, M] = {}
        self.fields: set[str] = set()

    def set(self, row: M, values: Mapping[str, Any]) -> set[str]:
        """Give the row these values; returns the names of those that it did not have."""
        changed = {name for name, value in values.items() if not is_same(getattr(row, name), value)}
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            self.add(row, changed)
        return changed

    def add(self, row: M, fields: Iterable[str]) -> None:
        self.rows[row.pk] = row
        self.fields.update(fields)


class _Writer:
    def __init__(
        self, rows: CatalogRows, settled: Settled, actor: Actor, reason: str, changes: Changes
    ) -> None:
        self._rows = rows
        self._settled = settled
        self._actor = actor
        self._reason = reason
        self._changes = changes
        self._now = timezone.now()
        self._reowned: list[SourceRepo] = []

    def write_catalog(self) -> None:
        facts = self._settled.facts
        extra = {**facts.extra, "profiles": facts.stacks_extra} if facts.stacks_extra else facts.extra
        changed: _ChangedRows[FeatureCatalog] = _ChangedRows()
        changed.set(
            self._rows.catalog,
            {
                "title": facts.title,
                "description": facts.description,
                "quality_thresholds": facts.quality_thresholds,
                "license_compatibility": facts.license_compatibility,
                "project_type_mapping": facts.project_type_mapping,
                "extra": extra,
            },
        )
        self._record(changed)

    def write_repos(self) -> dict[str, SourceRepo]:
        """All repositories by id, the new ones as well."""
        changed: _ChangedRows[SourceRepo] = _ChangedRows()
        new = []
        for repo_id, entry in self._settled.repos.items():
            values = _repo_values(entry)
            known = self._rows.repos.get(repo_id)
            if known is None:
                new.append(SourceRepo(repo_id=repo_id, **values))
            elif "ownership" in changed.set(known, values):
                self._reowned.append(known)
        self._record(changed)
        self._changes.touch_repos(changed.rows.values())
        created = {repo.repo_id: repo for repo in self._create(new)}
        if created:
            _find_preferred(created)
        return {**self._rows.repos, **created}

    def write_features(self) -> dict[str, Feature]:
        """The features of the content by slug, the new ones as well."""
        changed: _ChangedRows[Feature] = _ChangedRows()
        new = []
        known = self._rows.features
        for entry in self._settled.content.features:
            values = _feature_values(entry)
            if entry.slug in known:
                changed.set(known[entry.slug], values)
            else:
                new.append(Feature(catalog=self._rows.catalog, slug=entry.slug, **values))
        for slug in self._vanishing(Kind.FEATURE):
            changed.set(known[slug], {"retired_at": self._now})
        self._record(changed)
        created = {feature.slug: feature for feature in self._create(new)}
        self._changes.touch([*changed.rows.values(), *created.values()])
        return {**known, **created}

    def write_sources(self, features: Mapping[str, Feature], repos: Mapping[str, SourceRepo]) -> None:
        changed: _ChangedRows[FeatureSource] = _ChangedRows()
        new: list[FeatureSource] = []
        judged_anew: list[FeatureSource] = []
        vanishing = set(self._vanishing(Kind.SOURCE))
        for entry in self._settled.content.features:
            feature = features[entry.slug]
            known = {_key(source): source for source in self._rows.sources.get(feature.pk, ())}
            active = [key for key, source in known.items() if source.retired_at is None]
            is_order_new = active != [source.key for source in entry.sources]
            for position, said in enumerate(entry.sources):
                values = _source_values(said) | ({"position": position} if is_order_new else {})
                if said.key not in known:
                    repo = repos[said.repo_id]
                    new.append(self._new_source(feature, repo, said, {"position": position, **values}))
                    continue
                source = known[said.key]
                names = changed.set(source, values)
                if "pinned_commit" in names:
                    changed.set(source, {"pinned_at": self._now if said.pinned_commit else None})
                    # Without a pin, its last scan would pin it again.
                    source.last_scan = source.last_scan if said.pinned_commit else None
                if names & {"pinned_commit", "declared_license"}:
                    judged_anew.append(source)
            for key in active:
                if source_name(entry.slug, key) in vanishing:
                    changed.set(known[key], {"retired_at": self._now})
        self._judge(changed, new, judged_anew)
        self._record(changed)
        created = self._create(new)
        self._changes.touch(source.feature_id for source in (*changed.rows.values(), *created))

    def write_combinations(self) -> None:
        changed: _ChangedRows[FeatureCombination] = _ChangedRows()
        new = []
        known = self._rows.combinations
        for entry in self._settled.content.combinations:
            values = _combination_values(entry)
            if entry.slug in known:
                changed.set(known[entry.slug], values)
            else:
                new.append(FeatureCombination(catalog=self._rows.catalog, slug=entry.slug, **values))
        for slug in self._vanishing(Kind.COMBINATION):
            changed.set(known[slug], {"retired_at": self._now})
        self._record(changed)
        self._create(new)

    def write_stacks(self, repos: Mapping[str, SourceRepo]) -> None:
        changed: _ChangedRows[StackProfile] = _ChangedRows()
        new, preferred = [], {}
        known = self._rows.stacks
        for entry in self._settled.content.stacks:
            values = _stack_values(entry)
            if entry.slug not in known:
                new.append(StackProfile(catalog=self._rows.catalog, slug=entry.slug, **values))
                preferred[entry.slug] = entry.preferred_repos
                continue
            stack = known[entry.slug]
            changed.set(stack, values)
            before = tuple(row.repo_ref for row in self._rows.preferred.get(stack.pk, ()))
            if before != entry.preferred_repos:
                # They have no history of their own: the profile's says when they changed.
                changed.add(stack, ())
                preferred[entry.slug] = entry.preferred_repos
        for slug in self._vanishing(Kind.STACK):
            changed.set(known[slug], {"retired_at": self._now})
        self._record(changed)
        stacks = {**known, **{stack.slug: stack for stack in self._create(new)}}
        PreferredRepo.objects.filter(stack__in=[stacks[slug] for slug in preferred]).delete()
        PreferredRepo.objects.bulk_create(
            PreferredRepo(stack=stacks[slug], repo_ref=ref, repo=repos.get(ref), position=position)
            for slug, refs in preferred.items()
            for position, ref in enumerate(refs)
        )

    def _new_source(
        self, feature: Feature, repo: SourceRepo, said: SourceEntry, values: Mapping[str, Any]
    ) -> FeatureSource:
        pinned_at = self._now if said.pinned_commit else None
        return FeatureSource(
            feature=feature, repo=repo, paths=list(said.paths), pinned_at=pinned_at, **values
        )

    def _judge(
        self,
        changed: _ChangedRows[FeatureSource],
        new: Sequence[FeatureSource],
        judged_anew: Sequence[FeatureSource],
    ) -> None:
        """Statuses after the evidence, and decisions by the policies; of other catalogs' sources as well,
        where a repository has another owner now."""
        reconsider(judged_anew)
        reconsider(source for source in new if source.pinned_commit)
        for source in judged_anew:
            changed.add(source, EVIDENCE_FIELDS)
        mine = {source.pk: source for sources in self._rows.sources.values() for source in sources}
        concerned = {source.pk: source for source in judged_anew}
        reowned = {repo.pk for repo in self._reowned}
        concerned |= {pk: source for pk, source in mine.items() if source.repo_id in reowned}
        terms = terms_of(self._rows.catalog.license_policy)
        decide_sources(new, terms)
        decided = decide_sources(concerned.values(), terms)
        if reowned:
            others = FeatureSource.objects.select_for_update(of=("self",)).filter(repo__in=reowned)
            others = others.exclude(pk__in=mine).select_related("repo", "feature__catalog__license_policy")
            for source in others:
                decided += decide_sources([source], terms_of(source.feature.catalog.license_policy))
        for source in decided:
            changed.add(source, DECISION_FIELDS)

    def _vanishing(self, kind: Kind) -> list[str]:
        return sorted(name for of_kind, name in self._settled.vanishing if of_kind is kind)

    def _create(self, rows: Sequence[M]) -> list[M]:
        return record_created(rows, actor=self._actor, reason=self._reason)

    def _record(self, changed: _ChangedRows[M]) -> None:
        rows, fields = list(changed.rows.values()), sorted(changed.fields)
        record_changed(rows, fields, actor=self._actor, reason=self._reason)


def _find_preferred(created: Mapping[str, SourceRepo]) -> None:
    """Stacks of any catalog that waited for these repositories have them now."""
    repo = SourceRepo.objects.filter(repo_id=OuterRef("repo_ref")).values("pk")[:1]
    PreferredRepo.objects.filter(repo=None, repo_ref__in=list(created)).update(repo=Subquery(repo))


def _key(source: FeatureSource) -> tuple[str, tuple[str, ...]]:
    return (source.repo.repo_id, tuple(sorted(source.paths)))


def _repo_values(entry: RepoEntry) -> dict[str, Any]:
    url = entry.url or ""
    return {
        "url": url,
        "url_key": url_key(url),
        "fetch_from": entry.fetch_from,
        "default_branch": entry.default_branch,
        "ownership": str(entry.ownership),
        "visibility": str(entry.visibility),
        "is_whitelisted": entry.is_whitelisted,
        "notes": entry.notes,
        "extra": entry.extra,
    }


def _feature_values(entry: FeatureEntry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "description": entry.description,
        "category": entry.category,
        "complexity": entry.complexity.value,
        "aliases": list(entry.aliases),
        "request_phrases": list(entry.request_phrases),
        "requires": list(entry.requires),
        "conflicts": list(entry.conflicts),
        "tags": list(entry.tags),
        "compatible_stacks": list(entry.compatible_stacks),
        "notes": entry.notes,
        "extra": entry.extra,
        "retired_at": None,
    }


def _source_values(entry: SourceEntry) -> dict[str, Any]:
    return {
        "declared_text": entry.license_text,
        "declared_license": entry.license,
        "compatible_stacks": list(entry.compatible_stacks),
        "notes": entry.notes,
        "extra": entry.extra,
        "judgement": entry.judgement,
        "judgement_note": entry.judgement_note,
        "pinned_commit": entry.pinned_commit,
        "retired_at": None,
    }


def _combination_values(entry: CombinationEntry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "description": entry.description,
        "features": list(entry.features),
        "compatible_stacks": list(entry.compatible_stacks),
        "extra": entry.extra,
        "retired_at": None,
    }


def _stack_values(entry: StackEntry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "description": entry.description,
        "project_types": list(entry.project_types),
        "backend": entry.backend,
        "db": entry.db,
        "vector_db": entry.vector_db,
        "frontend": entry.frontend,
        "slots": entry.slots,
        "ci_profile": entry.ci_profile.value,
        "budget_multiplier": entry.budget_multiplier,
        "notes": entry.notes,
        "extra": entry.extra,
        "retired_at": None,
    }
