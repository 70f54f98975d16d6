"""What stands over a whole catalog: making one, and the policy that decides over its sources."""

from django.db import IntegrityError, transaction

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.errors import InvalidCatalog
from catalog_app.interchange.mapping import NAME, NAME_RULE, title_of
from catalog_app.models import FeatureCatalog, LicensePolicy
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.services.policies import get_default_policy, hold_policy, redecide
from catalog_app.services.recording import ensure_reason, record_changed, record_created
from catalog_app.services.sealing import changing


def get_or_create_catalog(slug: str = DEFAULT_CATALOG, *, actor: Actor, reason: str = "") -> FeatureCatalog:
    """The catalog of that name; where there is none, a new one under the default policy.

    Raises Refused (`invalid_name`).
    """
    catalogs = FeatureCatalog.objects.select_related("license_policy")
    found = catalogs.filter(slug=slug).first()
    if found is not None:
        return found
    if not NAME.fullmatch(slug):
        raise Refused(f"{slug!r} is no name of a catalog: use {NAME_RULE}.", code="invalid_name")
    try:
        return create_catalog(slug, f"{title_of(slug)} catalog", actor=actor, reason=reason)
    except InvalidCatalog:
        # Somebody else made it at the same moment.
        return catalogs.get(slug=slug)


def create_catalog(
    slug: str, title: str, *, policy: LicensePolicy | None = None, actor: Actor, reason: str = ""
) -> FeatureCatalog:
    """An empty catalog, under the default policy unless told otherwise.

    Raises InvalidCatalog (`catalog_exists`).
    """
    with transaction.atomic():
        row = FeatureCatalog(
            slug=slug, title=title.strip(), license_policy=policy or get_default_policy(actor=actor)
        )
        try:
            with transaction.atomic():
                (created,) = record_created([row], actor=actor, reason=reason.strip())
        except IntegrityError as error:
            raise InvalidCatalog(
                f"There is a catalog {slug!r} already.",
                code="catalog_exists",
                errors=[{"code": "catalog_exists", "detail": "This slug is taken.", "field": "slug"}],
            ) from error
        with changing([created]):
            pass
    created.refresh_from_db()
    return created


def set_license_policy(
    catalog: FeatureCatalog, policy: LicensePolicy, *, actor: Actor, reason: str
) -> FeatureCatalog:
    """Put a catalog under another policy, which decides all of its sources anew. Raises ReasonRequired."""
    with changing([catalog]) as changes:
        locked = FeatureCatalog.objects.select_for_update(no_key=True).get(pk=catalog.pk)
        if locked.license_policy_id == policy.pk:
            return locked
        why = ensure_reason(reason, "license_policy")
        locked.license_policy = policy
        record_changed([locked], ["license_policy"], actor=actor, reason=why)
        redecided = redecide(hold_policy(policy), actor=actor, reason=f"Policy {policy.slug}: {why}")
        changes.touch(source.feature_id for source in redecided)
    return locked
