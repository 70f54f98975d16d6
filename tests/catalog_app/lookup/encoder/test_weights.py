"""A weights file as safetensors has it, made here."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from catalog_app.lookup.encoder.weights import Array, Weights, WeightsUnusable, open_weights

TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)
BIAS = np.array([0.5, -0.5], np.float32)


def write(folder: Path, arrays: dict[str, Array]) -> str:
    """The file's SHA-256."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, array in arrays.items():
        end = len(content) + array.nbytes
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [len(content), end]}
        content += array.tobytes()
    described = json.dumps(header).encode()
    whole = len(described).to_bytes(8, "little") + described + content
    (folder / "model.safetensors").write_bytes(whole)
    return hashlib.sha256(whole).hexdigest()


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n", encoding="utf-8")
    return open_weights(tmp_path, sha256=write(tmp_path, {"table": TABLE, "bias": BIAS}))


def test_weights_with_other_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 8)
    with pytest.raises(WeightsUnusable, match="has the SHA-256 af5570f5a1810b7a"):
        open_weights(tmp_path)


def test_weights_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match="No such file"):
        open_weights(tmp_path)


def test_a_file_that_is_cut_short_while_it_is_in_use_is_refused(weights: Weights, tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 4)
    with pytest.raises(WeightsUnusable, match="was cut short"):
        weights.file.read("bias")


def test_arrays_are_read_whole_or_by_rows(weights: Weights) -> None:
    assert np.array_equal(weights.file.read("bias"), BIAS)
    assert np.array_equal(weights.file.read_rows("table", [3, 0, 3]), TABLE[[3, 0, 3]])
    assert weights.vocabulary == ("[PAD]", "[UNK]")


def test_another_file_in_its_place_changes_nothing(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").unlink()
    write(tmp_path, {"table": TABLE + 1, "bias": BIAS + 1})
    assert np.array_equal(weights.file.read("table"), TABLE)
