"""Curators at the same moment: what was seen by several is changed by one of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from rest_framework.test import APIClient

from autopack.actors import Role
from catalog_app.models import Feature, FeatureCatalog, SourceRepo
from tests.catalog_app.api.conftest import BASE, ClientOf

AT_ONCE = 6

Ask = Callable[[APIClient], Any]


@pytest.fixture
def together(transactional_db: None, curator_key: str) -> Callable[[Sequence[Ask]], list[Any]]:
    """Ask all of them at once, each on a connection of its own, and return the answers."""

    def run(asks: Sequence[Ask]) -> list[Any]:
        barrier = Barrier(len(asks))

        def one(ask: Ask) -> Any:
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {curator_key}")
            try:
                barrier.wait(timeout=30)
                return ask(client)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(asks)) as pool:
            return list(pool.map(one, asks))

    return run


def test_of_several_who_saw_the_same_one_changes_it(
    together: Callable[[Sequence[Ask]], list[Any]], catalog: FeatureCatalog, client_of: ClientOf
) -> None:
    seen = client_of(Role.READER).get(f"{BASE}features/login").headers["ETag"]

    def patch(number: int) -> Ask:
        body = {"notes": f"By {number}."}
        return lambda client: client.patch(
            f"{BASE}features/login", body, format="json", headers={"If-Match": seen}
        )

    answers = together([patch(number) for number in range(AT_ONCE)])
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert Feature.objects.get(slug="login").notes == won["notes"]


def test_patches_of_different_parts_are_all_kept(
    together: Callable[[Sequence[Ask]], list[Any]], catalog: FeatureCatalog
) -> None:
    def patch(number: int) -> Ask:
        body = {f"key_{number}": number}
        return lambda client: client.patch(f"{BASE}features/login", body, format="json")

    answers = together([patch(number) for number in range(AT_ONCE)])
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert Feature.objects.get(slug="login").extra == {f"key_{number}": number for number in range(AT_ONCE)}


def test_the_same_made_by_several_is_made_once(
    together: Callable[[Sequence[Ask]], list[Any]], catalog: FeatureCatalog
) -> None:
    body = {"title": "Uploads", "repos": [{"id": "filer", "license": "MIT"}]}
    answers = together([lambda client: client.put(f"{BASE}features/uploads", body, format="json")] * AT_ONCE)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["digest"] for answer in answers}) == 1
    assert Feature.objects.filter(slug="uploads").count() == 1
    assert SourceRepo.objects.filter(repo_id="filer").count() == 1


def test_conditional_changes_of_different_kinds_do_not_wait_for_each_other_for_ever(
    together: Callable[[Sequence[Ask]], list[Any]], catalog: FeatureCatalog
) -> None:
    def send(method: str, path: str, body: Any) -> Ask:
        return lambda client: getattr(client, method)(
            BASE + path, body, format="json", headers={"If-Match": "*"}
        )

    why = {"reason": "At once."}
    files = {"files": [{"name": "a.yaml", "content": "features:\n  login: {title: Sign in}\n"}]}
    answers = together(
        [
            send("patch", "features/login", {"notes": "x"}),
            send("post", "repositories/lib/unlist", why),
            send("post", "features/search/retire", why),
            send("put", "licenses/policy/default", {"title": "Default", "allowed": ["MIT"], **why}),
            send("post", "import", {**files, "keep_missing": True, **why}),
            send("put", "repositories/engine", {"notes": "y"}),
        ]
    )
    assert [answer.status_code for answer in answers] == [200] * 6, [a.content for a in answers]
