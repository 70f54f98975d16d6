"""The same value has the same bytes, whatever order it was made in."""

from decimal import Decimal

import pytest

from autopack.digests import canonical_json, digest_json


def test_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"share": float("nan")})
    with pytest.raises(TypeError):
        canonical_json({"score": Decimal("0.5")})


def test_order_does_not_count_and_every_text_is_ascii() -> None:
    assert canonical_json({"b": [1, "é\ud800"], "a": None}) == b'{"a":null,"b":[1,"\\u00e9\\ud800"]}'
    assert digest_json({"a": 1, "b": 2}) == digest_json({"b": 2, "a": 1})
    assert digest_json({"a": 1}) != digest_json({"a": 2})


def test_what_stands_for_the_rest_is_said() -> None:
    assert canonical_json(Decimal("0.5"), default=lambda value: f"{value:.2f}") == b'"0.50"'
