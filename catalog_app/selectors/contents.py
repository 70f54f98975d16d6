"""A catalog's rows as what curators say of it, in a constant number of queries."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from catalog_app.choices import CiProfile, Complexity, Ownership, Visibility
from catalog_app.interchange.entries import (
    CatalogContent,
    CatalogFacts,
    CombinationEntry,
    FeatureEntry,
    Json,
    Origin,
    RepoEntry,
    Section,
    SourceEntry,
    StackEntry,
)
from catalog_app.models import (
    Feature,
    FeatureCatalog,
    FeatureCombination,
    FeatureSource,
    PreferredRepo,
    SourceRepo,
    StackProfile,
)


@dataclass(frozen=True, slots=True)
class CatalogRows:
    """Rows of a catalog by their names, the retired ones as well; sources and preferred repositories by the
    key of what they belong to, best first. Sources have their `feature` and `repo`."""

    catalog: FeatureCatalog
    features: Mapping[str, Feature]
    sources: Mapping[int, Sequence[FeatureSource]]
    combinations: Mapping[str, FeatureCombination]
    stacks: Mapping[str, StackProfile]
    preferred: Mapping[int, Sequence[PreferredRepo]]
    repos: Mapping[str, SourceRepo]


@dataclass(frozen=True, slots=True)
class Names:
    """What of a catalog is of interest."""

    features: Collection[str] = ()
    combinations: Collection[str] = ()
    stacks: Collection[str] = ()
    repos: Collection[str] = ()


R = TypeVar("R", FeatureSource, PreferredRepo)


def get_content(catalog: FeatureCatalog) -> CatalogContent:
    """All that is not retired."""
    return content_of(load_rows(catalog))


def load_rows(catalog: FeatureCatalog, names: Names | None = None) -> CatalogRows:
    """All rows of a catalog with all repositories, or those of some names with the repositories in them.

    The catalog's own row is read again, with its policy.
    """
    catalog = FeatureCatalog.objects.select_related("license_policy").get(pk=catalog.pk)
    features = Feature.objects.filter(catalog=catalog)
    combinations = FeatureCombination.objects.filter(catalog=catalog)
    stacks = StackProfile.objects.filter(catalog=catalog)
    repos = SourceRepo.objects.all()
    if names is not None:
        features = features.filter(slug__in=names.features)
        combinations = combinations.filter(slug__in=names.combinations)
        stacks = stacks.filter(slug__in=names.stacks)
    by_pk = {feature.pk: feature for feature in features}
    found = FeatureSource.objects.filter(feature__catalog=catalog)
    if names is not None:
        found = found.filter(feature__in=list(by_pk))
    sources = list(found.order_by("position", "pk"))
    if names is not None:
        repos = repos.filter(repo_id__in=names.repos) | repos.filter(pk__in={s.repo_id for s in sources})
    repos_by_pk = {repo.pk: repo for repo in repos}
    for source in sources:
        source.feature, source.repo = by_pk[source.feature_id], repos_by_pk[source.repo_id]
    stacks_by_pk = {stack.pk: stack for stack in stacks}
    preferred = PreferredRepo.objects.filter(stack__in=list(stacks_by_pk)).order_by("position", "pk")
    return CatalogRows(
        catalog=catalog,
        features={feature.slug: feature for feature in by_pk.values()},
        sources=_grouped(sources, lambda source: source.feature_id),
        combinations={row.slug: row for row in combinations},
        stacks={row.slug: row for row in stacks_by_pk.values()},
        preferred=_grouped(preferred, lambda row: row.stack_id),
        repos={repo.repo_id: repo for repo in repos_by_pk.values()},
    )


def content_of(rows: CatalogRows, *, with_retired: bool = False) -> CatalogContent:
    """The rows as entries: what is in use, or the retired things as well."""

    def wanted(row: Feature | FeatureSource | FeatureCombination | StackProfile) -> bool:
        return with_retired or row.retired_at is None

    features = []
    for feature in filter(wanted, rows.features.values()):
        sources = filter(wanted, rows.sources.get(feature.pk, ()))
        features.append(feature_entry(feature, [source_entry(source) for source in sources]))
    stacks = [
        stack_entry(stack, [row.repo_ref for row in rows.preferred.get(stack.pk, ())])
        for stack in filter(wanted, rows.stacks.values())
    ]
    named = {source.repo_id for entry in features for source in entry.sources}
    named |= {repo_id for stack in stacks for repo_id in stack.preferred_repos}
    return CatalogContent(
        sections=frozenset(Section),
        facts=catalog_facts(rows.catalog),
        repos=tuple(repo_entry(repo) for repo_id, repo in rows.repos.items() if repo_id in named),
        features=tuple(features),
        combinations=tuple(combination_entry(row) for row in filter(wanted, rows.combinations.values())),
        stacks=tuple(stacks),
    )


def catalog_facts(catalog: FeatureCatalog) -> CatalogFacts:
    extra: dict[str, Json] = dict(catalog.extra)
    of_stacks = extra.pop("profiles", None)
    return CatalogFacts(
        title=catalog.title,
        description=catalog.description,
        quality_thresholds=catalog.quality_thresholds,
        license_compatibility=catalog.license_compatibility,
        project_type_mapping=catalog.project_type_mapping,
        extra=extra,
        stacks_extra=of_stacks if isinstance(of_stacks, Mapping) else {},
    )


def feature_entry(feature: Feature, sources: Iterable[SourceEntry]) -> FeatureEntry:
    return FeatureEntry(
        slug=feature.slug,
        title=feature.title,
        description=feature.description,
        category=feature.category,
        complexity=Complexity(feature.complexity),
        aliases=tuple(feature.aliases),
        request_phrases=tuple(feature.request_phrases),
        tags=tuple(feature.tags),
        requires=tuple(feature.requires),
        conflicts=tuple(feature.conflicts),
        compatible_stacks=tuple(feature.compatible_stacks),
        notes=feature.notes,
        sources=tuple(sources),
        extra=feature.extra,
    )


def source_entry(source: FeatureSource) -> SourceEntry:
    """With the address of its `repo`, which is loaded."""
    return SourceEntry(
        repo_id=source.repo.repo_id,
        repo_url=source.repo.url or None,
        paths=tuple(sorted(source.paths)),
        license_text=source.declared_text,
        license=source.declared_license,
        judgement=source.judgement,
        judgement_note=source.judgement_note,
        pinned_commit=source.pinned_commit,
        compatible_stacks=tuple(source.compatible_stacks),
        notes=source.notes,
        extra=source.extra,
    )


def stack_entry(stack: StackProfile, preferred_repos: Iterable[str]) -> StackEntry:
    return StackEntry(
        slug=stack.slug,
        title=stack.title,
        description=stack.description,
        project_types=tuple(stack.project_types),
        backend=stack.backend,
        db=stack.db,
        vector_db=stack.vector_db,
        frontend=stack.frontend,
        slots=stack.slots,
        preferred_repos=tuple(preferred_repos),
        ci_profile=CiProfile(stack.ci_profile),
        budget_multiplier=stack.budget_multiplier,
        notes=stack.notes,
        extra=stack.extra,
    )


def combination_entry(combination: FeatureCombination) -> CombinationEntry:
    return CombinationEntry(
        slug=combination.slug,
        title=combination.title,
        description=combination.description,
        features=tuple(combination.features),
        compatible_stacks=tuple(combination.compatible_stacks),
        extra=combination.extra,
    )


def repo_entry(repo: SourceRepo) -> RepoEntry:
    """All facts, as the section of repositories would say them."""
    return RepoEntry(
        repo_id=repo.repo_id,
        url=repo.url,
        fetch_from=repo.fetch_from,
        default_branch=repo.default_branch,
        ownership=Ownership(repo.ownership),
        visibility=Visibility(repo.visibility),
        is_whitelisted=repo.is_whitelisted,
        notes=repo.notes,
        extra=repo.extra,
        origin=Origin(steps=("repositories", repo.repo_id)),
    )


def _grouped(rows: Iterable[R], owner: Callable[[R], int]) -> dict[int, list[R]]:
    grouped: dict[int, list[R]] = {}
    for row in rows:
        grouped.setdefault(owner(row), []).append(row)
    return grouped
