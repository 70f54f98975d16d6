"""What a run came from, for those who may know."""

import pytest

from autopack.actors import Actor, ActorKind, Role, system_actor
from catalog_app.models import TemplateVersion
from runs_app.choices import RunState
from runs_app.models import Run
from runs_app.selectors.origins import RunOrigin, find_template_of_run, read_origin
from tests.support.catalog_factories import START
from tests.support.factories import ProjectFactory, make_run
from tests.support.plan_factories import PlanVersionFactory, TemplateFactory, TemplateVersionFactory

pytestmark = pytest.mark.django_db
ANYBODY = system_actor("test")
STRANGER = Actor(ActorKind.KEY, "key:1", "cursor", frozenset({Role.READER}), frozenset({"other"}))


@pytest.fixture
def made_from() -> TemplateVersion:
    version: TemplateVersion = TemplateVersionFactory.create(
        template__template_id="base", template__title="Base", template__project=ProjectFactory.create()
    )
    return version


def planned_run(made_from: TemplateVersion | None) -> Run:
    version = PlanVersionFactory.create(
        plan__plan_id="shop", plan__title="Shop", number=2, template_version=made_from
    )
    return make_run(run_id="r1", plan_version=version, plan_run_number=1)


def test_a_run_without_a_plan_came_from_none() -> None:
    assert read_origin(ANYBODY, make_run()) is None


def test_a_template_is_named_to_those_who_see_it(made_from: TemplateVersion) -> None:
    run = planned_run(made_from)
    assert read_origin(ANYBODY, run) == RunOrigin("shop", "Shop", 2, "base", "Base")
    assert read_origin(STRANGER, run) == RunOrigin("shop", "Shop", 2)


def test_a_plan_without_a_template_is_named_alone() -> None:
    assert read_origin(ANYBODY, planned_run(None)) == RunOrigin("shop", "Shop", 2)


def test_a_template_of_a_run_is_found_unless_it_is_archived() -> None:
    live, done = make_run(run_id="live"), make_run(run_id="done", state=RunState.DONE_SUCCESS.value)
    for run in (live, done):
        TemplateFactory.create(origin="run", origin_ref=run.run_id, archived_at=START)
    TemplateFactory.create(origin="plan", origin_ref="done")
    assert find_template_of_run(ANYBODY, done) is None
    kept = TemplateFactory.create(origin="run", origin_ref="done")
    assert find_template_of_run(ANYBODY, done) == kept
    assert find_template_of_run(ANYBODY, live) is None
