"""Plans made from templates: the same, or the same with a delta."""

from dataclasses import dataclass, replace

from autopack.actors import Actor
from autopack.models import Project
from catalog_app.models import FeatureCatalog, StackProfile, TemplateVersion
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.diff import PlanDiff, diff_documents
from catalog_app.planning.document import read_document
from catalog_app.planning.drift import CatalogChange, find_drift
from catalog_app.planning.said_changes import SaidChanges
from catalog_app.planning.types import PlanDocument
from catalog_app.selectors.snapshots import list_known_slugs
from catalog_app.services.changing import change_request, ensure_clear
from catalog_app.services.keeping import ensure_not_archived
from catalog_app.services.planning import Drafted, draft_plan, request_of
from catalog_app.services.plans import Saved, create_plan
from catalog_app.services.templates import catalog_of


@dataclass(frozen=True, slots=True)
class Instance:
    """A plan made from a template, kept nowhere. `before` is the plan that the template was when it was kept,
    `drift` what the catalog says otherwise since then. `said` is what the words were taken for."""

    version: TemplateVersion
    before: PlanDocument
    drafted: Drafted
    said: SaidChanges
    drift: tuple[CatalogChange, ...]

    @property
    def diff(self) -> PlanDiff:
        """What it has otherwise than the template, by the delta or by the catalog."""
        return diff_documents(self.before, self.drafted.plan)


def preview_instance(
    version: TemplateVersion,
    changes: PlanChanges | None = None,
    *,
    catalog: FeatureCatalog | None = None,
    project: Project | None = None,
) -> Instance:
    """The template's plan with these changes on the catalog as it is now. Nothing is written.

    Without changes, and with nothing changed in the catalog, it is the template's plan byte for byte. Catalog
    and project are the template's unless said. What of the words is unclear is left out. Raises
    InvalidPlanRequest with everything that cannot be changed like this.
    """
    changes = changes or PlanChanges()
    catalog = catalog or catalog_of(version)
    project = project or version.template.project
    before, request = read_document(version.document_text), request_of(version)
    changed, said = change_request(request, before, changes, catalog=catalog)
    unchanged = draft_plan(request, catalog=catalog, project=project)
    return Instance(
        version=version,
        before=before,
        drafted=unchanged if changed == request else draft_plan(changed, catalog=catalog, project=project),
        said=said,
        drift=find_drift(
            before, unchanged.plan, slugs=list_known_slugs(catalog), stacks=_list_stacks(catalog)
        ),
    )


def plan_from_template(
    version: TemplateVersion,
    changes: PlanChanges | None = None,
    *,
    plan_id: str = "",
    form_token: str = "",
    catalog: FeatureCatalog | None = None,
    project: Project | None = None,
    note: str = "",
    actor: Actor,
) -> Saved:
    """Keep what `preview_instance` shows as a plan. With a `plan_id` or `form_token` it is safe to repeat.

    Raises TemplateArchived, DeltaUnclear, and what `preview_instance` and `create_plan` raise.
    """
    ensure_not_archived(version.template)
    instance = preview_instance(version, changes, catalog=catalog, project=project)
    ensure_clear(instance.said)
    saved = create_plan(
        instance.drafted.request,
        catalog=instance.drafted.catalog,
        project=instance.drafted.project,
        plan_id=plan_id,
        form_token=form_token,
        note=note,
        template_version=version,
        actor=actor,
    )
    return replace(saved, notes=instance.said.notes)


def _list_stacks(catalog: FeatureCatalog) -> frozenset[str]:
    rows = StackProfile.objects.active().filter(catalog=catalog)
    return frozenset(rows.values_list("slug", flat=True))
