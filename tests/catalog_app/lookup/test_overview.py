import numpy as np
import pytest

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.overview import Overview, OverviewDraft

VECTORS = np.random.default_rng(1).standard_normal((70, 384)).astype(np.float32)
"""More than one block."""


def overview_of(vectors: Array) -> Overview:
    draft = OverviewDraft(Overview())
    for slot, vector in enumerate(vectors):
        draft.set(slot, vector)
    return draft.finish()


@pytest.mark.parametrize("count", [1, 8, 9])
def test_each_request_is_compared_with_every_slot(count: int) -> None:
    found = overview_of(VECTORS).compare(VECTORS[:count], len(VECTORS))
    assert np.allclose(found, VECTORS[:count] @ VECTORS.T, atol=1e-3)


def test_a_request_has_the_same_cosines_in_any_company() -> None:
    overview = overview_of(VECTORS)
    together = overview.compare(VECTORS, len(VECTORS))
    alone = [overview.compare(vector[None], len(VECTORS))[0] for vector in VECTORS]
    assert np.allclose(together, alone, atol=1e-5)


def test_what_has_no_vector_is_like_nothing() -> None:
    draft = OverviewDraft(Overview())
    draft.clear(3)
    draft.set(100, VECTORS[0])
    found = draft.finish().compare(VECTORS[:1], 130)
    assert found.shape == (1, 130)
    assert np.flatnonzero(found).tolist() == [100]


def test_a_change_leaves_the_state_before_alone_and_shares_the_rest_with_it() -> None:
    before = overview_of(VECTORS)
    draft = OverviewDraft(before)
    draft.clear(0)
    draft.set(1, VECTORS[0])
    after = draft.finish()
    own = float(VECTORS[0] @ VECTORS[0])
    assert before.compare(VECTORS[:1], 70)[0, 0] == pytest.approx(own)
    assert after.compare(VECTORS[:1], 70)[0, :2] == pytest.approx([0, own])
    assert after.blocks[1] is before.blocks[1]
