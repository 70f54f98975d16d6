"""What the endpoints share: waiting, idempotency keys, pages by cursor."""

from base64 import b64encode

import pytest
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from autopack.api.base import MAX_KEY_LENGTH, NewestFirst, read_key, read_wait
from autopack.errors import Malformed


def _request(query: str = "", **headers: str) -> Request:
    return Request(APIRequestFactory().get(f"/{query}", headers=headers))


@pytest.mark.parametrize("key", ["x" * (MAX_KEY_LENGTH + 1), "a\tb", "a\N{ZERO WIDTH SPACE}b"])
def test_a_key_that_cannot_be_kept_is_malformed(key: str) -> None:
    with pytest.raises(Malformed):
        read_key(_request(**{"Idempotency-Key": key}))


def test_a_key_is_read_without_space_around_it() -> None:
    assert read_key(_request(**{"Idempotency-Key": " try-1 "})) == "try-1"
    assert read_key(_request()) == ""


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", 0),
        ("wait", 0),
        ("wait=x", 0),
        ("await=5", 0),
        ("wait=5", 5),
        ("respond-async, wait=5", 5),
        ("handling=lenient; wait=7", 7),
        ("wait=3600", 60),
    ],
)
def test_a_request_waits_as_long_as_it_prefers_up_to_a_minute(prefer: str, seconds: int) -> None:
    assert read_wait(_request(Prefer=prefer)) == seconds


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "9" * 20])
def test_a_cursor_that_is_not_ours_is_no_page(position: str) -> None:
    cursor = b64encode(f"p={position}".encode()).decode()
    with pytest.raises(NotFound):
        NewestFirst().decode_cursor(_request(f"?cursor={cursor}"))


def test_a_cursor_of_ours_is_read() -> None:
    cursor = NewestFirst().decode_cursor(_request(f"?cursor={b64encode(b'p=42').decode()}"))
    assert cursor is not None
    assert str(cursor.position) == "42"
