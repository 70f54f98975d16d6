"""A limit on request bodies, in front of Django.

It has to stand outside: Django's ASGI handler writes a whole body to a temporary file before the first
middleware runs, so a limit inside would come after the disk is full.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from autopack.numbers import parse_count
from autopack.problems import MEDIA_TYPE, Problem

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CEILING_BYTES = 128 * 1024 * 1024

_MALFORMED = Problem(400, "malformed", "The Content-Length is no number of bytes. Send the size of the body.")


class BodyLimit:
    """ASGI application that answers 413 for bodies over `limit_bytes`, with or without a Content-Length, and
    400 for a Content-Length that is no number.

    Up to `ceiling_bytes` a refused body is read to its end and thrown away, so that a client that sends
    before it listens sees the answer. Beyond, the answer comes at once and the connection is closed.
    """

    def __init__(
        self, application: Application, *, limit_bytes: int, ceiling_bytes: int = CEILING_BYTES
    ) -> None:
        self._application = application
        self._limit_bytes = limit_bytes
        self._ceiling_bytes = max(ceiling_bytes, limit_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        announced_bytes = _announced_bytes(scope)
        if announced_bytes is None:
            # Where such a body ends is unknown, so nothing after it can be read either.
            await _answer(scope, send, _MALFORMED, closes=True)
            return
        body = _MeteredBody(receive, self._limit_bytes)
        answer = _Answer(send)
        if announced_bytes > self._limit_bytes:
            body.is_over = True
        else:
            await self._application(scope, body.receive, answer.send)
        if body.is_over and not answer.is_started:
            is_read = announced_bytes <= self._ceiling_bytes and await body.drain(self._ceiling_bytes)
            if not body.is_disconnected:
                await _answer(scope, send, self._too_large, closes=not is_read)

    @property
    def _too_large(self) -> Problem:
        return Problem(
            413,
            "too_large",
            f"The body is larger than the limit of {self._limit_bytes:,} bytes.",
            extra={"limit_bytes": self._limit_bytes},
        )


async def _answer(scope: Scope, send: Send, problem: Problem, *, closes: bool) -> None:
    content = problem.as_json(scope["path"])
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(content)).encode())]
    if closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class _MeteredBody:
    """Hands body chunks on until there are too many; then tells the application that the client is gone."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._read_bytes = 0
        self._has_more = True
        self.is_over = False
        self.is_disconnected = False

    async def receive(self) -> Message:
        if self.is_over:
            return {"type": "http.disconnect"}
        message = await self._read()
        if self._read_bytes > self._limit_bytes:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message

    async def drain(self, ceiling_bytes: int) -> bool:
        """Read and drop the rest; False where there is more than the ceiling."""
        while self._has_more and not self.is_disconnected:
            if self._read_bytes > ceiling_bytes:
                return False
            await self._read()
        return True

    async def _read(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.is_disconnected = True
        else:
            self._read_bytes += len(message.get("body", b""))
            self._has_more = message.get("more_body", False)
        return message


class _Answer:
    """Notes whether the application has begun to answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started = False

    async def send(self, message: Message) -> None:
        self.is_started = True
        await self._send(message)


def _announced_bytes(scope: Scope) -> int | None:
    """The Content-Length; 0 where there is none (a chunked body), None where the server let something through
    that is no number of bytes."""
    for name, value in scope.get("headers", ()):
        if name == b"content-length":
            return parse_count(value.decode("latin-1"))
    return 0
