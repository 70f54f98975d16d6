"""A finished run as a template: its plan, or its own phases."""

import pytest

from autopack.actors import Actor, ActorKind, Role
from catalog_app.briefing.types import Wish
from catalog_app.models import FeatureCatalog, PlanTemplate
from catalog_app.planning.request import PlanRequest
from catalog_app.services.instantiating import preview_instance
from catalog_app.services.planning import request_of
from catalog_app.services.plans import create_plan
from runs_app.choices import PhaseState, RunState
from runs_app.errors import RunNotSuccessful
from runs_app.models import Run
from runs_app.services.reporting import report_outcome
from runs_app.services.templates import save_run_as_template
from tests.support.catalog_factories import CatalogFactory
from tests.support.factories import PhaseFactory, RunFactory, TierFactory

pytestmark = pytest.mark.django_db

ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))


@pytest.fixture
def run() -> Run:
    CatalogFactory.create()
    run: Run = RunFactory.create(run_id="desk-1", title="Desk", state=RunState.DONE_SUCCESS.value)
    data = TierFactory.create(run=run, tier_id="T1", name="Data")
    pages = TierFactory.create(run=run, tier_id="T2", name="Pages")
    PhaseFactory.create(
        tier=data,
        phase_id="tables",
        position=0,
        name="Tables",
        description="Make the tables.",
        task_category="schema_change",
        complexity="high",
        builder_mode="schema_heavy",
        ci_profile="strict",
        acceptance_criteria=["They are there."],
        allowed_paths=["app/models.py"],
        spec={"owner": {"team": "data"}},
        state=PhaseState.COMPLETE.value,
    )
    PhaseFactory.create(tier=pages, phase_id="list", position=1, state=PhaseState.COMPLETE.value)
    return run


@pytest.mark.parametrize("state", [RunState.PHASE_EXECUTION, RunState.DONE_FAILED_BUDGET_EXHAUSTED])
def test_only_what_has_worked_is_kept(state: RunState) -> None:
    with pytest.raises(RunNotSuccessful) as caught:
        save_run_as_template(RunFactory.create(state=state.value), actor=ADA)
    assert caught.value.extra["state"] == state
    assert not PlanTemplate.objects.exists()


def test_a_run_without_a_plan_gives_its_phases(run: Run) -> None:
    report_outcome(run)

    kept = save_run_as_template(run, tags=["desk"], actor=ADA)
    again = save_run_as_template(run, actor=ADA)

    assert (kept.is_new, again.is_new, again.version) == (True, False, kept.version)
    template = kept.template
    assert (template.template_id, template.title, template.tags) == ("desk", "Desk", ["desk"])
    assert (template.origin, template.origin_ref, template.project) == ("run", "desk-1", run.project)
    first, second = request_of(kept.version).given
    assert (first.phase_id, first.tier, first.task_category) == ("tables", "Data", "schema_change")
    assert (first.ci_profile, first.acceptance_criteria) == ("strict", ("They are there.",))
    assert (first.allowed_paths, first.spec) == (("app/models.py",), {"owner": {"team": "data"}})
    assert (second.phase_id, second.tier) == ("list", "Pages")
    assert preview_instance(kept.version).drafted.content == kept.version.document_text.encode()
    assert [outcome.run_id for outcome in kept.version.outcomes.all()] == ["desk-1"]

    FeatureCatalog.objects.update(version=2, digest="e" * 64)
    later = save_run_as_template(run, actor=ADA)
    assert (later.is_new, later.version) == (False, kept.version)


def test_a_run_of_a_plan_gives_that_plan(run: Run) -> None:
    request = PlanRequest(title="Shop", wishes=(Wish("cart", "A cart"),))
    version = create_plan(request, catalog=CatalogFactory.create(), actor=ADA).version
    run.plan_version, run.plan_run_number = version, 1
    run.save()

    kept = save_run_as_template(run, template_id="shop-again", actor=ADA)

    assert (kept.template.template_id, kept.template.origin_ref) == ("shop-again", "desk-1")
    assert kept.version.document_text == version.document_text
