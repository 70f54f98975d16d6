"""Bodies that lose nothing of what somebody wrote."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

_MOST_TOLD: Final = 20
_MAX_KEY: Final = 200


class ClosedBody(serializers.Serializer[Any]):
    """Refuses keys that it does not know (`unknown_key`), as the planning core does: one that is misspelt
    would say nothing, and nobody would hear of it."""

    def to_internal_value(self, data: Any) -> Any:
        """Any: JSON, and what the fields make of it. Raises ValidationError with unknown keys beside whatever
        else is wrong."""
        unknown = self._complain(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if unknown and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **unknown}) from error
            raise
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _complain(self, data: Mapping[str, object]) -> dict[str, list[ErrorDetail]]:
        message = f"Is not known here; known are {', '.join(self.fields)}."
        unknown = (key for key in data if key not in self.fields)
        return {key[:_MAX_KEY]: [ErrorDetail(message, "unknown_key")] for key in islice(unknown, _MOST_TOLD)}
