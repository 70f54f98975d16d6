"""Plans made from templates: the same, or the same with a delta."""

from collections.abc import Iterator
from dataclasses import dataclass

from autopack.actors import Actor
from autopack.models import Project
from catalog_app.briefing.types import Veto, Wish
from catalog_app.models import FeatureCatalog, StackProfile, TemplateVersion
from catalog_app.planning.applying import apply_changes
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.document import read_document
from catalog_app.planning.drift import CatalogChange, find_drift
from catalog_app.planning.types import PlanDocument
from catalog_app.selectors.snapshots import list_known_slugs
from catalog_app.services.planning import (
    Drafted,
    draft_plan,
    ensure_known_features,
    ensure_read,
    ensure_something_wanted,
)
from catalog_app.services.plans import Saved, create_plan
from catalog_app.services.template_rows import ensure_not_archived
from catalog_app.services.templates import catalog_of, request_of


@dataclass(frozen=True, slots=True)
class Instance:
    """A plan made from a template, kept nowhere. `before` is the plan that the template was when it was kept,
    `drift` what the catalog says otherwise since then."""

    version: TemplateVersion
    before: PlanDocument
    drafted: Drafted
    changes: PlanChanges
    drift: tuple[CatalogChange, ...]


def preview_instance(
    version: TemplateVersion,
    changes: PlanChanges | None = None,
    *,
    catalog: FeatureCatalog | None = None,
    project: Project | None = None,
) -> Instance:
    """The template's plan with these changes on the catalog as it is now. Nothing is written.

    Without changes, and with nothing changed in the catalog, it is the template's plan byte for byte. Catalog
    and project are the template's unless said. Raises InvalidPlanRequest with everything that cannot be
    changed like this.
    """
    changes = changes or PlanChanges()
    catalog = catalog or catalog_of(version)
    project = project or version.template.project
    before, request = read_document(version.document_text), request_of(version)
    ensure_known_features(catalog, dict(_named(changes)))
    changed, problems = apply_changes(request, changes, features=before.features)
    ensure_read(problems)
    ensure_something_wanted(changed)
    unchanged = draft_plan(request, catalog=catalog, project=project)
    return Instance(
        version=version,
        before=before,
        drafted=unchanged if changed == request else draft_plan(changed, catalog=catalog, project=project),
        changes=changes,
        drift=find_drift(
            before, unchanged.plan, slugs=list_known_slugs(catalog), stacks=_list_stacks(catalog)
        ),
    )


def plan_from_template(
    version: TemplateVersion,
    changes: PlanChanges | None = None,
    *,
    plan_id: str = "",
    catalog: FeatureCatalog | None = None,
    project: Project | None = None,
    note: str = "",
    actor: Actor,
) -> Saved:
    """Keep what `preview_instance` shows as a plan. With a `plan_id` it is safe to repeat.

    Raises TemplateArchived, and what `preview_instance` and `create_plan` raise.
    """
    ensure_not_archived(version.template)
    instance = preview_instance(version, changes, catalog=catalog, project=project)
    return create_plan(
        instance.drafted.request,
        catalog=instance.drafted.catalog,
        project=instance.drafted.project,
        plan_id=plan_id,
        note=note,
        template_version=version,
        actor=actor,
    )


def _named(changes: PlanChanges) -> Iterator[tuple[str, Wish | Veto]]:
    """Everything that names a feature of the catalog, by JSON pointer."""
    for index, wish in enumerate(changes.add):
        yield f"/add/{index}/slug", wish
    for index, (_, wish) in enumerate(changes.replace):
        yield f"/replace/{index}/with/slug", wish
    for index, veto in enumerate(changes.vetoes):
        yield f"/vetoes/{index}/slug", veto


def _list_stacks(catalog: FeatureCatalog) -> frozenset[str]:
    rows = StackProfile.objects.active().filter(catalog=catalog)
    return frozenset(rows.values_list("slug", flat=True))
