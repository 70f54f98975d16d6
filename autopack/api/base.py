"""What the endpoints share: who asks, how a body is read, how long to wait, how lists are paged."""

import re
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from autopack.actors import Actor
from autopack.authentication import get_actor
from autopack.errors import Malformed

B = TypeVar("B", bound=serializers.Serializer[Any])

MAX_WAIT_SECONDS = 60
MAX_KEY_LENGTH = 200
_WAIT = re.compile(r"(?:^|[,;]\s*|\s)wait=(\d{1,6})(?:$|[,;\s])")


class Endpoint(APIView):
    """One address. Subclasses authorise by `permission_classes`, parse, call one service and answer."""

    def actor(self) -> Actor:
        return get_actor(self.request)

    def read(self, body: type[B], **ids: str) -> B:
        """The validated body. Raises ValidationError, which becomes a problem with JSON pointers."""
        serializer = body(data=self.request.data, context={"ids": ids})
        serializer.is_valid(raise_exception=True)
        return serializer


class NewestFirst(CursorPagination):
    """Pages by cursor: as cheap at the end of a long list as at its start.

    `positions` is what the column that orders the list may hold: a cursor with anything else is not ours.
    """

    ordering = "-id"
    positions: ClassVar[re.Pattern[str]] = re.compile(r"\d{1,19}", re.ASCII)
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        position = None if cursor is None else cursor.position
        if position is not None and not self.positions.fullmatch(str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Listing(Endpoint):
    """One page of a list. The OpenAPI document finds the pages by `pagination_class`."""

    pagination_class: type[NewestFirst] = NewestFirst

    def answer_page(self, rows: QuerySet[Any], answer: type[serializers.BaseSerializer[Any]]) -> Response:
        pages = self.pagination_class()
        found = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(answer(found, many=True).data)


def read_wait(request: Request) -> int:
    """Seconds of `Prefer: wait=N` (RFC 7240), at most a minute; 0 without."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found.group(1)), MAX_WAIT_SECONDS) if found else 0


def read_key(request: Request) -> str:
    """The Idempotency-Key, or empty. Raises Malformed for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise Malformed(f"An Idempotency-Key has at most {MAX_KEY_LENGTH} printable characters.")
    return key
