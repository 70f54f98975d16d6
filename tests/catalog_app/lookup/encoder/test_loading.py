"""The encoder with its real weights, and without."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from catalog_app.lookup.encoder import loading, weights
from catalog_app.lookup.encoder.loading import Encoder, load_encoder
from catalog_app.lookup.encoder.weights import Array, find_folder, open_weights

SENTENCE = "Let people sign in with their Google account!"
FIRST_AND_LAST = [-0.07226, -0.06975, 0.04929, -0.04617, 0.00685, 0.00119]
"""Of its vector, as the framework that the weights were made with computes it."""


@pytest.fixture
def encoder() -> Encoder:
    found = load_encoder()
    if found is None:
        pytest.skip("the weights are not installed")
    return found


@pytest.fixture
def _load_anew() -> Iterator[None]:
    loading._load.cache_clear()
    yield
    loading._load.cache_clear()


@pytest.mark.usefixtures("_load_anew")
def test_without_weights_there_is_no_encoder_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package")
    assert load_encoder() is None
    assert load_encoder() is None
    assert [record.getMessage() for record in caplog.records] == [
        "lookup compares words alone, and finds less: the package no_such_package is not installed"
    ]


def test_the_package_is_found_without_being_run(encoder: Encoder) -> None:
    assert (find_folder() / "model.safetensors").exists()


def test_vectors_are_those_of_the_framework(encoder: Encoder) -> None:
    (vector,) = encoder.encode([SENTENCE])
    assert np.allclose(np.concatenate([vector[:4], vector[-2:]]), FIRST_AND_LAST, atol=2e-5)
    assert np.isclose(np.linalg.norm(vector), 1)


def test_a_text_has_the_same_vector_in_any_company(encoder: Encoder) -> None:
    texts = [SENTENCE, "bill me", "", "x " * 400, SENTENCE.lower()]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(together[0], together[4], atol=1e-6)


def test_requests_are_encoded_once_and_the_oldest_are_forgotten(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[str] = []

    class Watched(Encoder):
        def encode(self, texts: Sequence[str]) -> Array:
            encoded.extend(texts)
            return super().encode(texts)

    fresh = Watched(open_weights(find_folder()))
    monkeypatch.setattr(loading, "_KEPT_VECTORS", 2)
    first, _, again = fresh.encode_requests(["a", "b", "a"])
    assert first is again
    fresh.encode_requests(["a", "c"])
    fresh.encode_requests(["b"])
    assert encoded == ["a", "b", "c", "b"]
    fresh.forget_requests()
    fresh.encode_requests(["b"])
    assert encoded[-1] == "b"
