"""Claims at the same moment, by real threads on real locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from autopack.actors import Actor, ActorKind, Role
from runs_app.models import Attempt
from runs_app.services.claims import claim_anywhere, claim_phase
from tests.support.workshop import Workshop

TOGETHER = 6


def _builder(name: str) -> Actor:
    return Actor(ActorKind.KEY, f"key:{name}", name, frozenset({Role.BUILDER}))


def _all_at_once(act: Callable[[int], Any]) -> list[Any]:
    start = Barrier(TOGETHER)

    def run(number: int) -> Any:
        try:
            start.wait(20)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(TOGETHER) as pool:
        return list(pool.map(run, range(TOGETHER)))


def test_many_builders_at_one_phase_get_one_claim(workshop: Workshop) -> None:
    workshop.start(phases=2)
    run = workshop.run()
    claims = _all_at_once(lambda n: claim_phase(run, actor=_builder(f"b{n}")))
    assert [claim is None for claim in claims].count(False) == 1
    assert Attempt.objects.count() == 1


def test_one_builder_that_asks_many_times_with_one_key_gets_one_claim(workshop: Workshop) -> None:
    for n in range(3):
        workshop.start(f"r{n}", phases=1)
    claims = _all_at_once(lambda n: claim_anywhere(actor=_builder("ada"), claim_key="k"))
    assert len({claim.pk for claim in claims}) == 1
    assert Attempt.objects.count() == 1


def test_many_builders_anywhere_get_a_run_each(workshop: Workshop) -> None:
    for n in range(TOGETHER - 1):
        workshop.start(f"r{n}", phases=1)
    claims = _all_at_once(lambda n: claim_anywhere(actor=_builder(f"b{n}"), claim_key="k"))
    runs = [claim.phase.run_id for claim in claims if claim is not None]
    assert len(runs) == len(set(runs)) == TOGETHER - 1
