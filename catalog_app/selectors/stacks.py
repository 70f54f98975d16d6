"""Stack profiles: one by its slug, or the rows of a list."""

from collections.abc import Mapping

from django.db.models import Prefetch, QuerySet

from catalog_app.errors import StackNotFound
from catalog_app.models import FeatureCatalog, PreferredRepo, StackProfile


def list_stacks(
    catalog: FeatureCatalog, *, words: str = "", project_type: str = "", is_retired: bool | None = False
) -> QuerySet[StackProfile]:
    """Stack profiles of a catalog with their preferred repositories; None of `is_retired` takes both."""
    preferred = PreferredRepo.objects.select_related("repo").order_by("position", "pk")
    stacks = (
        StackProfile.objects.filter(catalog=catalog)
        .prefetch_related(Prefetch("preferred_repos", queryset=preferred))
        .order_by("slug")
    )
    for word in words.split():
        stacks = stacks.filter(slug__icontains=word) | stacks.filter(title__icontains=word)
    if project_type:
        stacks = stacks.filter(project_types__contains=[project_type])
    if is_retired is not None:
        stacks = stacks.filter(retired_at__isnull=not is_retired)
    return stacks


def get_stack(catalog: FeatureCatalog, slug: str) -> StackProfile:
    """Raises StackNotFound."""
    stack = list_stacks(catalog, is_retired=None).filter(slug=slug).first()
    if stack is None:
        raise StackNotFound(f"Catalog {catalog.slug} has no stack profile {slug!r}.")
    return stack


def list_stack_slugs(catalog: FeatureCatalog) -> list[str]:
    """The slug of every stack profile, the retired ones too."""
    return list(catalog.stacks.order_by("slug").values_list("slug", flat=True))


def read_stack_titles(catalog: FeatureCatalog) -> Mapping[str, str]:
    """The titles of a catalog's stacks by their slugs, without the retired."""
    stacks = StackProfile.objects.active().filter(catalog=catalog).order_by("title", "slug")
    return dict(stacks.values_list("slug", "title"))
