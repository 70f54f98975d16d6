"""A finished run as something to start again from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from autopack.actors import Actor
from catalog_app.choices import Complexity, TemplateOrigin
from catalog_app.planning.request import GivenPhase, PlanRequest
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.template_rows import KeptTemplate, TemplateDraft
from catalog_app.services.templates import create_template_from_content, create_template_from_plan
from runs_app.choices import RunState
from runs_app.errors import RunNotSuccessful
from runs_app.models import Phase, Run


def save_run_as_template(
    run: Run,
    *,
    title: str = "",
    template_id: str = "",
    description: str = "",
    tags: Sequence[str] = (),
    note: str = "",
    actor: Actor,
) -> KeptTemplate:
    """Keep what a run has built as a template: the plan that it came from, whole, or else its own phases as
    they were given to it. Safe to repeat: the same run is the same template.

    Raises RunNotSuccessful, and what `create_template_from_plan` raises.
    """
    if run.status is not RunState.DONE_SUCCESS:
        raise RunNotSuccessful(
            f"Run {run.run_id} is {run.state}. Only what has worked is worth starting again: a template is "
            "made of a run that is DONE_SUCCESS.",
            state=run.state,
            allowed=[],
        )
    draft = TemplateDraft(
        title=title,
        template_id=template_id,
        description=description,
        tags=tags,
        origin=TemplateOrigin.RUN,
        origin_ref=run.run_id,
        note=note,
    )
    if run.plan_version is not None:
        return create_template_from_plan(run.plan_version, draft, actor=actor)
    phases = run.phases.select_related("tier").order_by("position")
    request = PlanRequest(title=run.title or run.run_id, given=tuple(_give(phases)))
    return create_template_from_content(
        request,
        replace(draft, title=title or request.title),
        catalog=get_catalog(),
        project=run.project,
        actor=actor,
    )


def _give(phases: Iterable[Phase]) -> Iterator[GivenPhase]:
    for phase in phases:
        yield GivenPhase(
            phase_id=phase.phase_id,
            tier=phase.tier.name,
            name=phase.name,
            description=phase.description,
            task_category=phase.task_category,
            complexity=Complexity(phase.complexity),
            builder_mode=phase.builder_mode,
            ci_profile=phase.ci_profile,
            acceptance_criteria=tuple(phase.acceptance_criteria),
            allowed_paths=tuple(phase.allowed_paths),
            spec=phase.spec,
        )
