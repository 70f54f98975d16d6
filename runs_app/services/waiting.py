"""Waiting for a state without holding a database connection."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from runs_app.choices import PhaseState, WaitingFor
from runs_app.models import Phase

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.25


def wait_for(look: Callable[[], T | None], *, seconds: float) -> T | None:
    """Call `look` until it returns something or the time is up. Between looks the connection goes back to
    the pool, so waiting clients do not use up the database."""
    deadline = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        found = look()
        if found is not None or time.monotonic() + pause > deadline:
            return found
        if not connection.in_atomic_block:
            connection.close()
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def wait_for_phase(phase_pk: int, *, seconds: float) -> Phase:
    """The phase, once it has left the machine-driven states or waits for an auditor, or when time is up
    (`Prefer: wait`, DESIGN §4)."""

    def look() -> Phase | None:
        phase = Phase.objects.get(pk=phase_pk)
        is_moving = phase.status in PhaseState.machine_driven() and phase.waiting_for != WaitingFor.AUDITOR
        return None if is_moving else phase

    return wait_for(look, seconds=seconds) or Phase.objects.get(pk=phase_pk)
