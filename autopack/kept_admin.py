"""What admins of every app start from."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class KeptModelAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """Rows that stay for good."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
