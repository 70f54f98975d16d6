import numpy as np
import pytest

from catalog_app.lookup.encoder.matrices import MOST_ROWS, Matrix, tiles


@pytest.mark.parametrize(("inputs", "outputs"), [(384, 1152), (1536, 384)])
@pytest.mark.parametrize("count", [1, 8, MOST_ROWS])
def test_blocks_multiply_as_the_whole_matrix_does(inputs: int, outputs: int, count: int) -> None:
    numbers = np.random.default_rng(count)
    weight, bias, rows = (
        numbers.standard_normal(shape).astype(np.float32)
        for shape in ((outputs, inputs), (outputs,), (count, inputs))
    )
    out = np.full((count, outputs), np.nan, np.float32)
    Matrix(weight, bias).multiply(rows, out)
    exact = rows.astype(np.float64) @ weight.T.astype(np.float64) + bias
    assert np.allclose(out, exact, atol=2e-4)


def test_tiles_are_all_rows_each_once() -> None:
    rows = np.arange(2 * MOST_ROWS + 8)
    assert [len(rows[tile]) for tile in tiles(len(rows))] == [MOST_ROWS, MOST_ROWS, 8]
    assert np.array_equal(np.concatenate([rows[tile] for tile in tiles(len(rows))]), rows)
