"""Repositories: one by its id, or the rows of a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from catalog_app.choices import Ownership, Visibility
from catalog_app.errors import RepoNotFound
from catalog_app.models import FeatureCatalog, FeatureSource, SourceRepo


@dataclass(frozen=True, slots=True)
class RepoFilter:
    """Which repositories are wanted; empty or None: any. `is_used` asks for sources in the catalog."""

    words: str = ""
    ownership: Ownership | None = None
    visibility: Visibility | None = None
    is_whitelisted: bool | None = None
    is_used: bool | None = None
    updated_since: datetime | None = None


def list_repos(catalog: FeatureCatalog, wanted: RepoFilter) -> QuerySet[SourceRepo]:
    """Repositories with `source_count` and `usable_count`: their active sources in this catalog."""
    repos: QuerySet[Any] = _with_counts(catalog)  # Any: annotated
    for word in wanted.words.split():
        repos = repos.filter(Q(repo_id__icontains=word) | Q(url__icontains=word))
    if wanted.ownership is not None:
        repos = repos.filter(ownership=wanted.ownership.value)
    if wanted.visibility is not None:
        repos = repos.filter(visibility=wanted.visibility.value)
    if wanted.is_whitelisted is not None:
        repos = repos.filter(is_whitelisted=wanted.is_whitelisted)
    if wanted.is_used is not None:
        repos = repos.filter(source_count__gt=0) if wanted.is_used else repos.filter(source_count=0)
    if wanted.updated_since is not None:
        repos = repos.filter(updated_at__gte=wanted.updated_since)
    return repos


def get_repo(catalog: FeatureCatalog, repo_id: str) -> SourceRepo:
    """One repository, with what it counts for in this catalog. Raises RepoNotFound."""
    repo = _with_counts(catalog).filter(repo_id=repo_id).first()
    if repo is None:
        raise RepoNotFound(f"There is no repository {repo_id!r}.")
    return repo


def count_sources(catalog: FeatureCatalog, repo_ids: Iterable[int]) -> Mapping[int, int]:
    """How many active sources of this catalog are in these repositories. One query."""
    sources = FeatureSource.objects.active().filter(feature__catalog=catalog, repo__in=list(repo_ids))
    counted = sources.order_by().values("repo_id").annotate(number=Count("pk"))
    return {row["repo_id"]: row["number"] for row in counted}


def _with_counts(catalog: FeatureCatalog) -> QuerySet[SourceRepo]:
    here = FeatureSource.objects.filter(repo=OuterRef("pk"), feature__catalog=catalog)
    return SourceRepo.objects.annotate(
        source_count=_count(here.active()), usable_count=_count(here.usable())
    ).order_by("repo_id")


def _count(sources: QuerySet[FeatureSource]) -> Coalesce:
    counted = sources.order_by().values("repo").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
