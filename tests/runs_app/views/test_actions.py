"""Operators cancel, promote and check, on real repositories."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from runs_app.choices import RunState
from runs_app.models import Promotion
from tests.support.factories import make_run
from tests.support.workshop import Workshop


@pytest.fixture
def boss(transactional_db: None) -> Client:
    """An operator, outside of a transaction: git work refuses to happen inside one."""
    user = User.objects.create_user("boss", password="a long password")
    user.groups.add(Group.objects.get_or_create(name="operator")[0])
    client = Client()
    client.force_login(user)
    return client


def finish(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.result("p1", workshop.patch_for({"a.txt": "a\n"}))
    workshop.run_ci()


def test_asking_about_a_cancellation_cancels_nothing(operator: Client) -> None:
    run = make_run()
    assert b"Cancel this run?" in operator.get(f"/dashboard/runs/{run.run_id}/cancel/").content
    run.refresh_from_db()
    assert run.is_live


def test_cancelling_ends_the_run_with_the_reason(workshop: Workshop, boss: Client) -> None:
    workshop.start()
    response = boss.post("/dashboard/runs/r1/cancel/", {"reason": "Wrong plan."}, follow=True)
    assert b"is cancelled" in response.content
    run = workshop.run()
    assert run.state == RunState.DONE_FAILED_REQUIRES_HUMAN_REVIEW
    assert run.failure_reason == "Wrong plan."


def test_cancelling_twice_says_that_it_has_ended(workshop: Workshop, boss: Client) -> None:
    workshop.start()
    boss.post("/dashboard/runs/r1/cancel/")
    response = boss.post("/dashboard/runs/r1/cancel/", follow=True)
    assert b"has ended already" in response.content


def test_a_run_that_is_not_eligible_gives_every_reason(workshop: Workshop, boss: Client) -> None:
    finish(workshop)
    assert b"not_tested" in boss.get("/dashboard/runs/r1/promote/").content
    response = boss.post("/dashboard/runs/r1/promote/", follow=True)
    assert b"cannot be promoted" in response.content
    assert not Promotion.objects.exists()


def test_a_checked_out_branch_is_never_moved_and_the_command_is_given(
    tested_workshop: Workshop, boss: Client
) -> None:
    finish(tested_workshop)
    before = tested_workshop.repo.rev("main")
    response = boss.post("/dashboard/runs/r1/promote/", {"mode": "fast_forward"}, follow=True)
    assert b"git merge --ff-only autonomous/r1" in response.content
    assert tested_workshop.repo.rev("main") == before


def test_promoting_moves_the_branch_to_the_tested_commit(tested_workshop: Workshop, boss: Client) -> None:
    finish(tested_workshop)
    tested_workshop.repo.git("checkout", "--quiet", "--detach")
    response = boss.post("/dashboard/runs/r1/promote/", {"mode": "fast_forward"}, follow=True)
    assert b"Promoted to" in response.content
    assert tested_workshop.repo.rev("main") == tested_workshop.run().tip_commit


def test_checking_a_repository_stores_what_was_found(
    workshop: Workshop, boss: Client, tmp_path: Path
) -> None:
    workshop.configure(repo_path=str(tmp_path / "nowhere"))
    response = boss.post("/dashboard/projects/shop/check/", follow=True)
    assert b"Autopack cannot use this repository" in response.content
    workshop.configure(repo_path=str(workshop.repo.path))
    assert b"can be used" in boss.post("/dashboard/projects/shop/check/", follow=True).content
