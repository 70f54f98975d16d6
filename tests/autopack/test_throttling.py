from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.services.keys import create_key
from autopack.throttling import ActorRateThrottle


@pytest.mark.django_db
def test_a_key_that_runs_wild_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(ActorRateThrottle, "THROTTLE_RATES", {"actor": "2/minute"})
    clients = [_client(name) for name in ("wild", "calm")]
    answers: list[Any] = [clients[0].get("/api/v1/runs") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_fast"
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert clients[1].get("/api/v1/runs").status_code == 200
    cache.clear()


def _client(name: str) -> APIClient:
    client = APIClient()
    key = create_key(name, roles=[Role.READER], actor=system_actor("test"))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key.plaintext}")
    return client
