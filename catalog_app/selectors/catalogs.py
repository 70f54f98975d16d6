"""Catalogs and licence policies: one by its slug, or all of them."""

from django.db.models import Q, QuerySet

from autopack.actors import Actor
from catalog_app.errors import CatalogNotFound, PolicyNotFound
from catalog_app.models import FeatureCatalog, FeatureSource, LicensePolicy
from catalog_app.models.catalogs import DEFAULT_CATALOG


def list_catalogs() -> list[FeatureCatalog]:
    """By title, the one that everything uses unless told otherwise first."""
    catalogs = FeatureCatalog.objects.select_related("license_policy").order_by("title", "slug")
    return sorted(catalogs, key=lambda catalog: catalog.slug != DEFAULT_CATALOG)


def get_catalog(slug: str = DEFAULT_CATALOG) -> FeatureCatalog:
    """The catalog with its policy. Raises CatalogNotFound."""
    catalog = find_catalog(slug)
    if catalog is None:
        raise CatalogNotFound(f"There is no catalog {slug!r}.")
    return catalog


def find_catalog(slug: str) -> FeatureCatalog | None:
    """The catalog with its policy."""
    return FeatureCatalog.objects.select_related("license_policy").filter(slug=slug).first()


def has_usable(catalog: FeatureCatalog) -> bool:
    """Whether a plan without anybody in the loop could take anything from this catalog."""
    return FeatureSource.objects.usable().filter(feature__catalog=catalog).exists()


def list_policies(actor: Actor) -> QuerySet[LicensePolicy]:
    """Policies for catalogs, and those of the projects that the actor sees."""
    policies = LicensePolicy.objects.select_related("project").order_by("slug")
    if actor.project_ids is not None:
        policies = policies.filter(Q(project=None) | Q(project__project_id__in=actor.project_ids))
    return policies


def get_policy(actor: Actor, slug: str) -> LicensePolicy:
    """Raises PolicyNotFound."""
    policy = list_policies(actor).filter(slug=slug).first()
    if policy is None:
        raise PolicyNotFound(f"There is no licence policy {slug!r}.")
    return policy
