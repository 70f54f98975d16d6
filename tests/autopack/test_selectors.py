"""What an actor may see, and the project a run starts in."""

from collections.abc import Callable

import pytest

from autopack.actors import Actor, ActorKind, Role
from autopack.errors import NotFound, Refused, WrongState
from autopack.models import Project
from autopack.selectors import get_project, get_project_for_run, list_projects

pytestmark = pytest.mark.django_db

MakeProject = Callable[..., Project]


def _limited(*project_ids: str) -> Actor:
    return Actor(ActorKind.KEY, "key:x", "x", frozenset(Role), frozenset(project_ids))


def test_a_project_out_of_scope_is_as_unknown_as_one_that_is_not_there(make_project: MakeProject) -> None:
    make_project("shop")
    messages = []
    for project_id in ("bank", "shop"):
        with pytest.raises(NotFound) as caught:
            get_project(_limited("other"), project_id)
        assert caught.value.problem_code == "unknown_project"
        messages.append(caught.value.detail.replace(project_id, "…"))
    assert messages[0] == messages[1]


def test_an_actor_sees_its_projects(make_project: MakeProject, actor: Actor) -> None:
    shop, bank = make_project("shop"), make_project("bank", is_active=False)
    assert list(list_projects(actor)) == [bank, shop]
    assert list(list_projects(_limited("bank", "gone"))) == [bank]
    assert get_project(_limited("bank"), "bank") == bank


def test_a_run_needs_a_project(actor: Actor, make_project: MakeProject) -> None:
    make_project("old", is_active=False)
    with pytest.raises(Refused) as caught:
        get_project_for_run(actor)
    assert caught.value.problem_code == "no_project"


def test_with_several_projects_a_run_must_name_one(actor: Actor, make_project: MakeProject) -> None:
    make_project("shop")
    make_project("bank")
    make_project("old", is_active=False)
    with pytest.raises(Refused) as caught:
        get_project_for_run(actor)
    assert caught.value.problem_code == "project_required"
    assert caught.value.extra["projects"] == ["bank", "shop"]


def test_a_run_cannot_start_in_an_inactive_or_unseen_project(actor: Actor, make_project: MakeProject) -> None:
    make_project("old", is_active=False)
    with pytest.raises(WrongState) as inactive:
        get_project_for_run(actor, "old")
    assert inactive.value.problem_code == "project_inactive"
    with pytest.raises(NotFound):
        get_project_for_run(_limited("shop"), "old")


def test_the_only_project_or_the_named_one_is_taken(actor: Actor, make_project: MakeProject) -> None:
    shop = make_project("shop")
    make_project("old", is_active=False)
    assert get_project_for_run(actor) == shop
    make_project("bank")
    assert get_project_for_run(actor, "shop") == shop
    assert get_project_for_run(_limited("shop")) == shop
