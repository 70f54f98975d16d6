"""The runs of a plan, without the plans that they were made of."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopack.actors import Actor, ActorKind, Role, system_actor
from catalog_app.selectors.plans import get_plan_version, list_plan_versions
from runs_app.selectors.plan_runs import list_runs_of_plan
from tests.support.factories import ProjectFactory, make_run
from tests.support.plan_factories import PlanVersionFactory

pytestmark = pytest.mark.django_db


def test_runs_and_versions_are_listed_without_what_plans_hold() -> None:
    version = PlanVersionFactory.create(number=2)
    mine, theirs = (ProjectFactory.create(project_id=name) for name in ("mine", "theirs"))
    for number, project in enumerate((mine, theirs, mine)):
        make_run(run_id=f"r{number}", project=project, plan_version=version, plan_run_number=1)
    guest = Actor(ActorKind.KEY, "key:1", "cursor", frozenset({Role.READER}), frozenset({"mine"}))

    with CaptureQueriesContext(connection) as queries:
        runs = list_runs_of_plan(system_actor("test"), version.plan)
        names = [
            (run.run_id, run.project.project_id, run.plan_version.number) for run in runs if run.plan_version
        ]
        numbers = [each.number for each in list_plan_versions(version.plan)]

    assert names == [("r2", "mine", 2), ("r1", "theirs", 2), ("r0", "mine", 2)]
    assert numbers == [2]
    assert len(queries) == 2
    assert not any("document_text" in query["sql"] for query in queries)
    assert [run.run_id for run in list_runs_of_plan(guest, version.plan)] == ["r2", "r0"]
    assert get_plan_version(version.plan, 2).document_text
