"""Waiting without a connection, and locks that a dead process gives back."""

from threading import Event, Thread
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from runs_app.models import Phase
from runs_app.services import waiting
from runs_app.services.recording import hold_branch
from runs_app.services.waiting import wait_for, wait_for_phase
from tests.support.factories import make_phase

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Time passes as fast as one looks; each pause notes whether a connection was held."""
    now = [0.0]
    held: list[bool] = []

    def sleep(seconds: float) -> None:
        held.append(connection.connection is not None)
        now[0] += seconds

    monkeypatch.setattr(waiting, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: now[0]))
    return held


def test_a_pause_holds_no_connection(held: list[bool]) -> None:
    looks = 0

    def look() -> int | None:
        nonlocal looks
        looks += 1
        Phase.objects.count()
        return looks if looks == 4 else None

    assert wait_for(look, seconds=60) == 4
    assert held == [False, False, False]


def test_waiting_ends_when_time_is_up(held: list[bool]) -> None:
    assert wait_for(lambda: None, seconds=10) is None
    assert 10 / waiting.LONGEST_PAUSE_SECONDS <= len(held) <= 15 / waiting.LONGEST_PAUSE_SECONDS + 10


def test_no_seconds_is_one_look(held: list[bool]) -> None:
    assert wait_for(lambda: None, seconds=0) is None
    assert held == []


def test_inside_a_transaction_the_connection_is_kept(held: list[bool]) -> None:
    with transaction.atomic():
        make_phase()
        assert wait_for(lambda: None, seconds=0.05) is None
        assert Phase.objects.count() == 1
    assert all(held)


@pytest.mark.parametrize(
    ("state", "waiting_for", "is_waited_for"),
    [
        ("QUEUED", "", False),
        ("EXECUTING", "", False),
        ("GATE", "", True),
        ("CI_RUNNING", "", True),
        ("CI_RUNNING", "verifier", True),
        ("CI_RUNNING", "git", True),
        ("CI_RUNNING", "auditor", False),
        ("COMPLETE", "", False),
        ("FAILED", "", False),
    ],
)
def test_only_what_machines_move_is_waited_for(
    held: list[bool], state: str, waiting_for: str, is_waited_for: bool
) -> None:
    phase = make_phase(state=state, waiting_for=waiting_for)
    assert wait_for_phase(phase.pk, seconds=1) == phase
    assert bool(held) == is_waited_for


def test_git_work_inside_a_transaction_is_a_defect() -> None:
    for is_patient in (True, False):
        with transaction.atomic(), pytest.raises(RuntimeError), hold_branch(1, is_patient=is_patient):
            pass


def test_a_branch_is_held_by_one_at_a_time_and_given_back() -> None:
    is_taken, may_go = Event(), Event()

    def hold() -> None:
        with hold_branch(7):
            is_taken.set()
            may_go.wait(20)
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert is_taken.wait(20)
    with hold_branch(7, is_patient=False) as is_held:
        assert not is_held
    with hold_branch(8, is_patient=False) as is_held:
        assert is_held, "another branch"
    may_go.set()
    other.join()
    with hold_branch(7, is_patient=False) as is_held, hold_branch(7, is_patient=False) as is_held_again:
        assert is_held
        assert is_held_again, "the same process holds it as often as it likes"


def test_a_holder_that_dies_gives_its_lock_back() -> None:
    is_taken = Event()
    ended = Event()
    victims: list[int] = []

    def hold_for_ever() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            victims.append(cursor.fetchone()[0])
        try:
            with hold_branch(9):
                is_taken.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(20)")
        except DatabaseError:
            ended.set()
        connection.close()

    victim = Thread(target=hold_for_ever)
    victim.start()
    assert is_taken.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [victims[0]])
    with hold_branch(9) as is_held:
        assert is_held
    victim.join()
    assert ended.is_set()
