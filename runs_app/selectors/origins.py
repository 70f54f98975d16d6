"""What a run came from, and what was made of it."""

from dataclasses import dataclass

from autopack.actors import Actor
from catalog_app.choices import TemplateOrigin
from catalog_app.models import PlanTemplate, PlanVersion
from runs_app.choices import RunState
from runs_app.models import Run


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """The plan, which version and which of its runs; the template that the plan was made from, "" for none
    or for one that the actor does not see."""

    plan_id: str
    plan_title: str
    version: int
    template_id: str = ""
    template_title: str = ""


def read_origin(actor: Actor, run: Run) -> RunOrigin | None:
    """None for a run that no plan was kept for. At most two queries, and no plan is loaded."""
    if run.plan_version_id is None:
        return None
    names = ("plan__plan_id", "plan__title", "number", "template_version__template")
    plan_id, title, number, template_pk = PlanVersion.objects.values_list(*names).get(pk=run.plan_version_id)
    template = None
    if template_pk is not None:
        template = PlanTemplate.objects.visible_to(actor.project_ids).filter(pk=template_pk).first()
    if template is None:
        return RunOrigin(plan_id, title, number)
    return RunOrigin(plan_id, title, number, template.template_id, template.title)


def find_template_of_run(actor: Actor, run: Run) -> PlanTemplate | None:
    """The template that was made of the run, if there is one that is not archived."""
    if run.status is not RunState.DONE_SUCCESS:
        return None
    made = PlanTemplate.objects.visible_to(actor.project_ids).active()
    return made.filter(origin=TemplateOrigin.RUN, origin_ref=run.run_id).order_by("id").first()
