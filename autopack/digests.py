"""JSON as bytes, and what these are called by: the same value gives the same ones in every process. Pure."""

import hashlib
import json
from collections.abc import Callable
from typing import Any


def canonical_json(value: object, *, default: Callable[[Any], object] | None = None) -> bytes:
    """Keys sorted, nothing but ASCII, no spaces. `default` says what stands for that which JSON does not
    have (Any: whatever that is). Raises ValueError for numbers that JSON does not have."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=default
    ).encode()


def digest_json(value: object, *, default: Callable[[Any], object] | None = None) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical_json(value, default=default)).hexdigest()
