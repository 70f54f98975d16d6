"""How foreign requests are to a catalog."""

import numpy as np
import pytest

from catalog_app.lookup.answering import ask
from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.foreign import fit_direction, load_direction, measure_unseen
from catalog_app.lookup.results import LookupPart
from tests.support.lookup import WordEncoder

ENCODER = WordEncoder()
SAID = ["sign in with a password", "send the invoice", "search the orders", "sign it with a password"]
FOREIGN = [f"the {noun} flies over the mountain" for noun in ("eagle", "drone", "kite", "bat", "owl")]


@pytest.fixture(scope="module")
def texts() -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return ENCODER.encode(SAID)


def test_the_direction_leads_from_what_is_said_to_what_nothing_answers(
    texts: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]",
) -> None:
    direction = fit_direction(texts, ENCODER.encode(FOREIGN))
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-4)
    near, far = ENCODER.encode(["a password for the orders", "the plane flies over the mountain"]) @ direction
    assert far > near
    assert (fit_direction(texts, ENCODER.encode(FOREIGN)) == direction).all()


def test_what_has_the_same_middle_has_no_direction(
    texts: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]",
) -> None:
    assert not fit_direction(texts, texts[::-1]).any()


def test_a_labelled_request_is_measured_without_itself_and_its_neighbours(
    texts: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]",
) -> None:
    """Of twenty that have no answer a block is two: that these two say it does not make it foreign."""
    lonely = ["submarine", "submarine"]
    requests = ENCODER.encode([*lonely, *(f"{noun} mountain" for noun in "abcdefghijklmnopqr"), "invoice"])
    is_none = np.array([True] * 20 + [False])
    unseen = measure_unseen(texts, requests, is_none)
    seen = requests @ fit_direction(texts, requests[is_none])
    assert seen[0] > 0.01
    assert unseen[0] == unseen[1] == pytest.approx(0, abs=1e-6)
    assert unseen[2] > 0.01
    assert unseen[-1] == seen[-1] < 0


def test_the_shipped_direction_is_asked_of_every_quote_and_of_no_terms() -> None:
    direction = load_direction()
    assert direction.shape == (WIDTH,)
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-4)
    (alone, named) = ask([LookupPart("fly away"), LookupPart("fly away", ("drone control",))], ENCODER)
    assert alone.foreign == named.foreign == pytest.approx(float(ENCODER.encode(["fly away"])[0] @ direction))
    assert ask([LookupPart("fly away")], None)[0].foreign == 0
