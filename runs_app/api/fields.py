"""Fields that v7 clients need: null means "not given", and a patch is bytes."""

import base64
import binascii
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from autopack.models.fields import NAME_PATTERN

NAME_HELP = "Letters, digits, dot, underscore, hyphen; at most 100; no '..' and no '.lock' at the end."


class NameField(serializers.RegexField):
    """A run, tier or phase id (DESIGN §4)."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", NAME_HELP)
        super().__init__(NAME_PATTERN, error_messages={"invalid": f"Not a valid id. {NAME_HELP}"}, **options)

    def to_internal_value(self, data: Any) -> str:
        value: str = super().to_internal_value(data)
        if ".." in value or value.endswith((".lock", ".")):
            self.fail("invalid")
        return value


@extend_schema_field(OpenApiTypes.STR)
class PatchField(serializers.Field[str, Any, str, Any]):
    """Text taken exactly as it came: not trimmed, not normalised, NULs included (the gate judges)."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("A patch is a string.", code="invalid")
        return data

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class WordsField(serializers.Field[Any, Any, Any, Any]):
    """A text, or a list of them: both are what v7 clients send."""

    def to_internal_value(self, data: Any) -> str | list[str]:
        text = serializers.CharField(allow_blank=True, max_length=2000)
        kind = serializers.ListField(child=text, max_length=100) if isinstance(data, list) else text
        words: str | list[str] = kind.run_validation(data)
        return words

    def to_representation(self, value: str | list[str]) -> str | list[str]:
        return value


def decode_patch(text: str | None, encoding: str | None) -> bytes:
    """The bytes of a patch. Raises ValidationError for what is no UTF-8 or no base64."""
    if not text:
        return b""
    try:
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
        return text.encode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise serializers.ValidationError(
            {"patch_content": f"Cannot be read as {encoding or 'utf-8'}: {error}"}
        ) from error


def given(value: Any, default: Any) -> Any:
    """v7 clients send null for what they leave out."""
    return default if value is None else value


def optional_text(**options: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, allow_null=True, **options)


def optional_count(**options: Any) -> serializers.IntegerField:
    options.setdefault("min_value", 0)
    options.setdefault("max_value", 10**15)
    return serializers.IntegerField(required=False, allow_null=True, **options)
