"""Planners at the same moment: one id is one plan, and one version follows another."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from catalog_app.models import Plan, PlanVersion
from tests.support.planned import make_catalog

AT_ONCE = 4
BASE = "/api/v1/plans"
DESK = {"title": "Help desk", "project_type": "web_app", "features": [{"slug": "login"}]}


@pytest.fixture
def together(transactional_db: None) -> Callable[[Sequence[tuple[str, Any]]], list[Any]]:
    """Post all of them at once, each on a connection of its own. Any: bodies, and DRF's answers."""
    make_catalog()
    key = create_key("Cursor", roles=[Role.PLANNER], actor=system_actor("test")).plaintext

    def run(asks: Sequence[tuple[str, Any]]) -> list[Any]:
        barrier = Barrier(len(asks))

        def one(ask: tuple[str, Any]) -> Any:
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
            try:
                barrier.wait(timeout=60)
                return client.post(BASE + ask[0], ask[1], format="json")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(asks)) as pool:
            return list(pool.map(one, asks))

    return run


def test_plans_and_revisions_at_the_same_moment(
    together: Callable[[Sequence[tuple[str, Any]]], list[Any]],
) -> None:
    same = together([("", {**DESK, "plan_id": "desk"})] * AT_ONCE)
    assert [answer.status_code for answer in same] == [201] * AT_ONCE
    assert [answer.json()["is_new"] for answer in same].count(True) == 1
    assert len({answer.json()["digest"] for answer in same}) == 1

    nameless = together([("", DESK)] * AT_ONCE)
    assert sorted(answer.json()["plan_id"] for answer in nameless) == [
        "help-desk", "help-desk-2", "help-desk-3", "help-desk-4",
    ]  # fmt: skip

    bound = together([("/desk/revise", {"version": 1, "title": f"Desk {n}"}) for n in range(AT_ONCE)])
    assert sorted(answer.status_code for answer in bound) == [200] + [409] * (AT_ONCE - 1)

    free = together([("/desk/revise", {"add": [f"Thing {n}"]}) for n in range(AT_ONCE)])
    assert sorted(answer.json()["version"] for answer in free) == [3, 4, 5, 6]
    latest = PlanVersion.objects.get(plan__plan_id="desk", number=6)
    assert len(latest.document["features"]) == 1 + AT_ONCE
    assert Plan.objects.get(plan_id="desk").latest_version == 6
