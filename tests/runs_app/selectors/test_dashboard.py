"""What an actor of some projects may see of the others: nothing."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from autopack.actors import Actor, ActorKind, Role
from autopack.errors import NotFound
from runs_app.choices import RunState
from runs_app.selectors import dashboard, dashboard_runs
from runs_app.selectors.runs import get_step_run
from tests.support.factories import (
    make_ci_step_run,
    make_patch,
    make_phase,
    make_project,
    make_run,
    note_worker,
)

pytestmark = pytest.mark.django_db
OWN = Actor(ActorKind.KEY, "key:1", "key", frozenset({Role.READER}), frozenset({"own"}))


def test_rows_of_other_projects_are_not_found() -> None:
    step = make_ci_step_run()
    attempt = make_patch(attempt=step.ci_run.candidate.attempt).attempt
    phase, run = attempt.phase, attempt.phase.run
    lookups: list[Callable[[], object]] = [
        lambda: dashboard_runs.get_run(OWN, run.run_id),
        lambda: dashboard_runs.get_phase(OWN, run.run_id, phase.phase_id),
        lambda: dashboard_runs.get_attempt(OWN, run.run_id, phase.phase_id, attempt.number),
        lambda: get_step_run(OWN, step.pk),
    ]
    for look in lookups:
        with pytest.raises(NotFound):
            look()


def test_lists_hold_the_own_projects_alone() -> None:
    own = make_run(project=make_project(project_id="own"))
    make_phase(tier__run=own)
    make_run(project=make_project(project_id="other", repository_status="unusable"))
    make_run(project__project_id="third", state=RunState.DONE_SUCCESS.value)
    now = timezone.now()
    note_worker()
    assert [entry.run for entry in dashboard.list_live_runs(OWN)] == [own]
    assert dashboard.list_runs_page(OWN, dashboard.RunFilter()).items == [own]
    assert dashboard.list_recent_results(OWN) == []
    assert dashboard.read_figures(OWN, now=now).live == 1
    assert not dashboard.read_attention(OWN, now=now)
    assert [entry.project.project_id for entry in dashboard.list_projects(OWN)] == ["own"]
