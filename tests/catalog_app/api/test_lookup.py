"""Looking features up by REST."""

from collections.abc import Callable
from typing import Any

import pytest

from autopack.actors import Role
from catalog_app.models import FeatureCatalog
from catalog_app.services.indexing import refresh_index
from tests.catalog_app.api.conftest import BASE, ClientOf
from tests.support.lookup import WordEncoder, use_encoder

Get = Callable[..., Any]


@pytest.fixture(autouse=True)
def _encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    use_encoder(monkeypatch, WordEncoder())


@pytest.fixture
def ask(client_of: ClientOf) -> Get:
    """As a key that only reads."""

    def post(body: Any) -> Any:
        return client_of(Role.READER).post(BASE + "lookup", body, format="json")

    return post


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        (f"q={'x' * 2001}", "q"),
        ("q=x&terms=1,2,3,4,5,6,7,8,9", "terms"),
        (f"q=x&terms={'x' * 201}", "terms"),
    ],
)
def test_a_query_out_of_bounds_is_refused(
    catalog: FeatureCatalog, get: Get, query: str, parameter: str
) -> None:
    answer = get(f"lookup?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_query")
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/parts"),
        ({"parts": []}, "/parts"),
        ({"parts": ["x"] * 501}, "/parts"),
        ({"parts": ["x", 7.5, ""]}, "/parts/2"),
        ({"parts": [["x"]]}, "/parts/0"),
        ({"parts": [{"terms": ["x"]}]}, "/parts/0/quote"),
        ({"parts": [{"quote": "x" * 2001}]}, "/parts/0/quote"),
        ({"parts": [{"quote": "x", "terms": ["x"] * 9}]}, "/parts/0/terms"),
        ({"parts": [{"quote": "x", "terms": ["x" * 201]}]}, "/parts/0/terms/0"),
        ({"parts": ["x"], "limit": 11}, "/limit"),
        ({"parts": ["x"], "limits": 1}, "/limits"),
        ({"parts": ["x", {"quote": "x", "term": ["y"]}]}, "/parts/1/term"),
        ({"parts": [{"term": ["y"]}]}, "/parts/0/quote"),
        ({"parts": [{"term": ["y"]}]}, "/parts/0/term"),
        ({"parts": ["x"], "k" * 300: 1}, "/" + "k" * 200),
    ],
)
def test_a_body_out_of_bounds_is_refused_with_its_place(
    catalog: FeatureCatalog, ask: Get, body: Any, pointer: str
) -> None:
    answer = ask(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_a_catalog_that_is_not_there_is_not_found(catalog: FeatureCatalog, get: Get, ask: Get) -> None:
    assert get("lookup?q=x&catalog=none").json()["code"] == "catalog_not_found"
    assert ask({"parts": ["x"], "catalog": "none"}).json()["code"] == "catalog_not_found"


def test_one_wish_is_answered_with_what_matched(catalog: FeatureCatalog, get: Get) -> None:
    refresh_index(catalog)
    found = get("lookup?q=sign+in&terms=sso").json()
    assert found["catalog"]["version"] == catalog.version
    assert found["state"] == {
        "is_complete": True,
        "done_count": 4,
        "total_count": 4,
        "has_encoder": True,
        "text": "Complete.",
    }
    (answer,) = found["answers"]
    assert (answer["quote"], answer["terms"]) == ("sign in", ["sso"])
    best = answer["candidates"][0]
    assert best["slug"] == "login"
    assert {"kind": "alias", "text": "sso", "score": 1.0} in best["evidence"]


def test_many_wishes_are_answered_in_their_order_before_the_index_is_built(
    catalog: FeatureCatalog, ask: Get
) -> None:
    found = ask({"parts": ["sign in", {"quote": "what search does", "terms": None}], "limit": 1}).json()
    assert "being built: 0 of 4" in found["state"]["text"]
    assert [answer["quote"] for answer in found["answers"]] == ["sign in", "what search does"]
    assert [[c["slug"] for c in answer["candidates"]] for answer in found["answers"]] == [
        ["login"],
        ["search"],
    ]
