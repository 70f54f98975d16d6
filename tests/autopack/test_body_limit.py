"""The limit on request bodies, in front of a real server and alone."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from autopack.body_limit import BodyLimit

LIMIT, CEILING = 1_000, 500_000


async def _counting_application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body as Django does and answers with its length."""
    length, has_more = 0, True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        has_more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    application = BodyLimit(_counting_application, limit_bytes=LIMIT, ceiling_bytes=CEILING)
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error"))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def _chunks(size: int) -> Iterator[bytes]:
    while size > 0:
        yield b"x" * min(size, 10_000)
        size -= 10_000


def _assert_refused(response: http.client.HTTPResponse) -> None:
    assert response.status == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.read())
    assert problem["code"] == "too_large"
    assert problem["limit_bytes"] == LIMIT
    assert problem["instance"] == "/x"


@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize("size", [LIMIT + 1, CEILING - 1, CEILING])
def test_a_body_over_the_limit_is_read_whole_and_refused_on_a_living_connection(
    port: int, size: int, is_chunked: bool
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/x", _chunks(size) if is_chunked else b"x" * size, encode_chunked=is_chunked)
    _assert_refused(connection.getresponse())
    connection.request("POST", "/x", b"fine")
    assert connection.getresponse().read() == b"4"
    connection.close()


def test_a_body_announced_over_the_ceiling_is_refused_before_it_is_sent(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", "/x")
    connection.putheader("Content-Length", str(CEILING + 1))
    connection.endheaders()
    response = connection.getresponse()
    assert response.headers["Connection"] == "close"
    _assert_refused(response)
    connection.close()


def test_an_endless_body_is_refused_once_it_passes_the_ceiling(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        while sent <= CEILING:
            connection.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
            sent += 10_000
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_at_the_limit_passes(port: int, is_chunked: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(
        "POST", "/x", _chunks(LIMIT) if is_chunked else b"x" * LIMIT, encode_chunked=is_chunked
    )
    assert connection.getresponse().read() == str(LIMIT).encode()
    connection.close()


@pytest.mark.parametrize("length", [b"-1", b"many", b"", "²".encode("latin-1"), "٣".encode(), b"9" * 5_000])
def test_a_length_that_is_no_number_is_refused(length: bytes) -> None:
    start, content = asyncio.run(_exchange([(b"x", False)], headers=[(b"content-length", length)]))
    assert start["status"] == 400
    assert (b"connection", b"close") in start["headers"]
    assert json.loads(content["body"])["code"] == "malformed"


def test_a_client_that_leaves_gets_no_answer() -> None:
    assert asyncio.run(_exchange([(b"x" * (LIMIT + 1), True)])) == []


def test_what_is_no_request_is_handed_on() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any: ...

    asyncio.run(BodyLimit(application, limit_bytes=1)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]


async def _exchange(
    chunks: list[tuple[bytes, bool]], headers: list[tuple[bytes, bytes]] | None = None
) -> list[Any]:
    """Send chunks (content, is there more) and then leave; returns what was answered."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": content, "more_body": has_more} for content, has_more in chunks
    ]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    application = BodyLimit(_counting_application, limit_bytes=LIMIT, ceiling_bytes=CEILING)
    await application({"type": "http", "path": "/x", "headers": headers or []}, receive, send)
    return sent
