"""Calls are repeated until the server has answered, and only then."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runs_app.replay.client import ApiClient, Refused, Submission, encode_patch
from runs_app.replay.errors import ReplayError
from tests.support.live import free_port

Answer = tuple[int, dict[str, Any]] | None
"""Status and document; None hangs up without a word."""


class Stub(ThreadingHTTPServer):
    """Gives its answers in order, the last one for ever, and keeps what it was asked."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.connection.close()
            return
        content = json.dumps(answer[1]).encode()
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def answering(*answers: Answer) -> Iterator[Stub]:
    with Stub(list(answers)) as stub:
        thread = threading.Thread(target=stub.serve_forever)
        thread.start()
        try:
            yield stub
        finally:
            stub.shutdown()
            thread.join()


def _client(url: str, **options: Any) -> ApiClient:
    return ApiClient(url, "ap_key", **options)


SUBMISSION = Submission("p1", "claim-1", b"patch")


def test_a_refusal_is_not_repeated() -> None:
    problem = {"code": "patch_refused", "detail": "No.", "errors": [{"code": "path_escapes"}]}
    with answering((422, problem)) as stub, _client(stub.url) as client:
        with pytest.raises(Refused, match="No") as caught:
            client.submit("r1", SUBMISSION)
        assert (caught.value.status, caught.value.code) == (422, "patch_refused")
        assert caught.value.errors == [{"code": "path_escapes"}]
        assert len(stub.asked) == 1


def test_a_server_that_stays_away_is_given_up() -> None:
    with (
        _client(f"http://127.0.0.1:{free_port()}", patience_seconds=0.2) as client,
        pytest.raises(ReplayError, match="does not answer"),
    ):
        client.submit("r1", SUBMISSION)


def test_patience_ends_when_the_replay_is_stopped() -> None:
    stopped = threading.Event()
    stopped.set()
    with _client(f"http://127.0.0.1:{free_port()}", is_stopped=stopped) as client, pytest.raises(ReplayError):
        client.get_run("r1")


def test_a_server_that_keeps_failing_is_not_asked_for_ever() -> None:
    with (
        answering((500, {"detail": "Broken.", "code": "internal_error"})) as stub,
        _client(stub.url) as client,
    ):
        with pytest.raises(Refused, match="Broken"):
            client.submit("r1", SUBMISSION)
        assert 2 <= len(stub.asked) <= 10


@pytest.mark.parametrize("first", [None, (502, {}), (503, {}), (429, {}), (500, {})])
def test_what_passes_is_repeated_under_the_same_key(first: Answer) -> None:
    heard: list[str] = []
    with answering(first, (200, {"attempt": 1})) as stub:
        with _client(stub.url, on_retry=heard.append) as client:
            assert client.submit("r1", SUBMISSION) == {"attempt": 1}
        assert [headers["Idempotency-Key"] for _, headers, _ in stub.asked] == ["claim-1", "claim-1"]
        assert stub.asked[0][2] == stub.asked[1][2]
        assert len(heard) == 1


def test_a_claim_says_who_how_long_and_under_which_key() -> None:
    with answering((200, {"claim": None})) as stub, _client(stub.url) as client:
        client.claim("r1", worker_name="one", key="k", wait_seconds=7)
        path, headers, body = stub.asked[0]
        assert path == "/api/v1/runs/r1/claim"
        assert headers["Authorization"] == "Bearer ap_key"
        assert (headers["Prefer"], headers["Idempotency-Key"]) == ("wait=7", "k")
        assert body == {"worker_name": "one"}


@pytest.mark.parametrize(
    ("patch", "encoding"), [(b"plain\r\n", "utf-8"), ("grün".encode(), "utf-8"), (b"caf\xe9", "base64")]
)
def test_a_patch_travels_as_text_where_json_can_carry_it(patch: bytes, encoding: str) -> None:
    assert encode_patch(patch)["patch_encoding"] == encoding


def test_something_else_at_the_address_is_named_as_such() -> None:
    def plain(handler: _Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5")
        handler.end_headers()
        handler.wfile.write(b"hello")

    do_get: Callable[[Any], None] = plain
    other = type("Other", (_Handler,), {"do_GET": do_get})
    with ThreadingHTTPServer(("127.0.0.1", 0), other) as server:
        threading.Thread(target=server.handle_request).start()
        with (
            _client(f"http://127.0.0.1:{server.server_port}") as client,
            pytest.raises(ReplayError, match="is that Autopack"),
        ):
            client.get_run("r1")
