"""A plan as bytes, and back. The same plan always has the same bytes: keys sorted, nothing but ASCII."""

import hashlib
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from autopack.digests import canonical_json
from catalog_app.interchange.entries import Json
from catalog_app.planning.types import PlanDocument


class DocumentError(ValueError):
    """The content is no plan; the text says where and why."""


def write_document(plan: PlanDocument) -> bytes:
    return write_json(as_json(plan))


def write_json(document: Json) -> bytes:
    """The bytes of a plan that is plain JSON already."""
    return canonical_json(document)


def read_document(content: bytes | str) -> PlanDocument:
    """The inverse of `write_document`. Raises DocumentError."""
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise DocumentError(f"Not JSON: {error}") from error
    return from_json(loaded)


def digest_document(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def as_json(value: object) -> Json:
    """A value of a plan, or all of it, as lists, mappings and scalars."""
    kind: Any = type(value)  # mypy takes no class for hashable
    if kind in _PLAIN:
        return value  # type: ignore[return-value]  # one of the scalars
    names = _names(kind)
    # Most values are scalars, and a plan may have a million of them: they are not worth a call.
    if names is not None:
        return {
            name: each if type(each := getattr(value, name)) in _PLAIN else as_json(each) for name in names
        }
    if isinstance(value, tuple | list):
        return [each if type(each) in _PLAIN else as_json(each) for each in value]
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): each if type(each) in _PLAIN else as_json(each) for key, each in value.items()}
    raise TypeError(f"A plan has no {type(value).__name__}")


_PLAIN = frozenset({str, int, float, bool, type(None)})


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Of the fields of a dataclass; None for any other class."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None


def from_json(document: Json) -> PlanDocument:
    """Keys that are not known are ignored, ones that have a default may be missing: a plan that was stored
    before a field existed can still be read. Raises DocumentError."""
    plan = _read(PlanDocument, document, "")
    assert isinstance(plan, PlanDocument)
    return plan


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    shape: Any
    """A type as the annotation says it: a class, `tuple[X, ...]`, a union."""
    is_required: bool


_NAMES = {"Json": object, "Mapping": Mapping, "Sequence": Sequence}
"""What the text of the alias Json means here: whatever JSON has is taken as it is."""


@cache
def _fields(shape: type) -> tuple[_Field, ...]:
    hints = get_type_hints(shape, localns=_NAMES)
    return tuple(
        _Field(each.name, hints[each.name], each.default is MISSING and each.default_factory is MISSING)
        for each in fields(shape)
    )


def _read(shape: Any, value: object, where: str) -> object:  # a shape is any annotation
    origin = get_origin(shape)
    if origin is tuple:
        return _read_tuple(get_args(shape), value, where)
    if origin in (Union, types.UnionType):
        inner = next(each for each in get_args(shape) if each is not type(None))
        return None if value is None else _read(inner, value, where)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise DocumentError(f"{where or '/'}: expected an object")
        return value
    if is_dataclass(shape):
        return _read_dataclass(shape, value, where)
    return _read_scalar(shape, value, where)


def _read_tuple(members: tuple[Any, ...], value: object, where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise DocumentError(f"{where or '/'}: expected a list")
    if members[-1] is Ellipsis:
        return tuple(_read(members[0], each, f"{where}/{index}") for index, each in enumerate(value))
    if len(members) != len(value):
        raise DocumentError(f"{where or '/'}: expected {len(members)} values")
    pairs = zip(members, value, strict=True)
    return tuple(_read(shape, each, f"{where}/{index}") for index, (shape, each) in enumerate(pairs))


def _read_dataclass(shape: Any, value: object, where: str) -> object:
    if not isinstance(value, dict):
        raise DocumentError(f"{where or '/'}: expected an object")
    given = {}
    for each in _fields(shape):
        if each.name in value:
            given[each.name] = _read(each.shape, value[each.name], f"{where}/{each.name}")
        elif each.is_required:
            raise DocumentError(f"{where}/{each.name}: missing")
    return shape(**given)


def _read_scalar(shape: Any, value: object, where: str) -> object:
    try:
        if issubclass(shape, Enum):
            return shape(value)
        if shape is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
    except ValueError as error:
        raise DocumentError(f"{where}: {error}") from error
    if type(value) is not shape:
        raise DocumentError(f"{where}: expected {shape.__name__}")
    return value
