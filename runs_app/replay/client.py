"""The API as a builder sees it: every call is repeated until the server has answered it.

A repeat is harmless, because every call that writes carries an `Idempotency-Key` or is idempotent by itself;
so a server that is killed in the middle of an answer costs time and nothing else.
"""

import base64
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from runs_app.replay.errors import ReplayError

PATIENCE_SECONDS = 180.0
"""How long a server may be away before the replay gives up on it."""

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0
_ANSWER_SECONDS = 60.0
_AWAY = frozenset({429, 502, 503, 504})
_BROKEN = 500
_MOST_BROKEN_ANSWERS = 5

Json = Any  # documents of the API; what is in them is looked at where they are used


class Refused(Exception):
    """The server has answered, and the answer is no: a problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or f"HTTP status {status}"))
        self.status = status
        self.code = str(problem.get("code", ""))
        self.errors: list[Mapping[str, Any]] = list(problem.get("errors") or ())


@dataclass(frozen=True, slots=True)
class Submission:
    """A builder's result. `key` is the Idempotency-Key: the claim it is for."""

    phase_id: str
    claim_id: str
    patch: bytes
    notes: str = ""


class ApiClient:
    """One per thread. `is_stopped` ends the patience early; `on_retry` hears of each retry."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        is_stopped: threading.Event | None = None,
        on_retry: Callable[[str], None] = lambda _reason: None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self._is_stopped = is_stopped or threading.Event()
        self._on_retry = on_retry
        self._patience_seconds = patience_seconds
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=_ANSWER_SECONDS,
            # What the environment says about proxies is not meant for a server of one's own.
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_run(self, body: Mapping[str, Any]) -> Json:
        return self._call("POST", "runs/start", body)

    def get_run(self, run_id: str) -> Json:
        return self._call("GET", f"runs/{run_id}")

    def get_phase(self, run_id: str, phase_id: str) -> Json:
        return self._call("GET", f"runs/{run_id}/phases/{phase_id}")

    def list_attempts(self, run_id: str, phase_id: str) -> Json:
        return self._call("GET", f"runs/{run_id}/phases/{phase_id}/attempts")

    def list_ci_runs(self, run_id: str, phase_id: str) -> Json:
        return self._call("GET", f"runs/{run_id}/phases/{phase_id}/ci")

    def list_events(self, run_id: str, after: int) -> Json:
        return self._call("GET", f"runs/{run_id}/events?after={after}&limit=500")

    def claim(self, run_id: str, *, worker_name: str, key: str, wait_seconds: int) -> Json:
        headers = {"Idempotency-Key": key, "Prefer": f"wait={wait_seconds}"}
        return self._call("POST", f"runs/{run_id}/claim", {"worker_name": worker_name}, headers)

    def release(self, run_id: str, phase_id: str, claim_id: str) -> Json:
        return self._call("POST", f"runs/{run_id}/phases/{phase_id}/claim/release", {"claim_id": claim_id})

    def submit(self, run_id: str, submission: Submission) -> Json:
        body: dict[str, Any] = {
            "run_id": run_id,
            "phase_id": submission.phase_id,
            "claim_id": submission.claim_id,
            "status": "success",
            "notes": submission.notes,
        }
        headers = {"Idempotency-Key": submission.claim_id}
        path = f"runs/{run_id}/phases/{submission.phase_id}/builder_result"
        return self._call("POST", path, body | encode_patch(submission.patch), headers)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """The answer's document. Raises Refused, ReplayError when the server stays away."""
        deadline = time.monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        broken_answers = 0
        while True:
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                reason, wanted = str(error) or type(error).__name__, 0.0
            else:
                # A process that is just being killed may fail in any way; one that keeps failing is broken.
                broken_answers += answer.status_code == _BROKEN
                is_broken = answer.status_code == _BROKEN and broken_answers <= _MOST_BROKEN_ANSWERS
                if answer.status_code not in _AWAY and not is_broken:
                    return _read(answer)
                reason, wanted = f"HTTP status {answer.status_code}", _read_retry_after(answer)
            if time.monotonic() > deadline or self._is_stopped.is_set():
                raise ReplayError(f"{self.url} does not answer ({reason}).")
            self._on_retry(reason)
            self._is_stopped.wait(min(max(pause, wanted), _LONGEST_PAUSE_SECONDS) * random.uniform(0.7, 1.0))  # noqa: S311 - spreads retries
            pause *= 2


def encode_patch(patch: bytes) -> dict[str, str]:
    """As text where JSON can carry it unchanged, else base64."""
    try:
        return {"patch_content": patch.decode("utf-8"), "patch_encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"patch_content": base64.b64encode(patch).decode("ascii"), "patch_encoding": "base64"}


def _read(answer: httpx.Response) -> Json:
    try:
        document = answer.json()
    except ValueError as error:
        raise ReplayError(
            f"{answer.request.url} answers {answer.status_code} with something that is no JSON: "
            "is that Autopack?"
        ) from error
    if answer.is_success:
        return document
    raise Refused(answer.status_code, document if isinstance(document, dict) else {})


def _read_retry_after(answer: httpx.Response) -> float:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0
