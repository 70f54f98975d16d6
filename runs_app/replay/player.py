"""The builders of a replay: claim, submit upstream's diff, claim the next, until the run has ended."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from runs_app.replay.client import ApiClient, Refused, Submission
from runs_app.replay.errors import ReplayError, ReplayInterrupted
from runs_app.replay.plan import Target
from runs_app.replay.upstream import Upstream

CLAIM_WAIT_SECONDS = 5
"""Short, because Ctrl-C waits for it: a claim that is given to a builder that has left keeps its lease."""
_LEAVE_SECONDS = CLAIM_WAIT_SECONDS + 3.0
_LOOK_SECONDS = 0.5
_LOST_CODES = frozenset(
    {"lease_expired", "not_your_claim", "wrong_state", "phase_complete", "illegal_transition"}
)


class Audience(Protocol):
    """Whoever shows what happens. Called from several threads."""

    def see_event(self, event: Mapping[str, Any]) -> None:
        """An event of the run, in order, each once."""

    def see_claim(self, phase_id: str) -> None: ...

    def see_retry(self, reason: str) -> None:
        """The server did not answer; the call is repeated."""


@dataclass(slots=True)
class Tally:
    """What the builders met, beyond what the server keeps."""

    claims: list[str] = field(default_factory=list)
    """Phase ids in the order in which claims were given; a phase that needed two attempts is in it twice."""
    claim_ids: list[str] = field(default_factory=list)
    retried_calls: int = 0
    patch_bytes: int = 0
    played_seconds: float = 0.0
    """From the first call for a claim until a builder hears that the run has ended."""


class Player:
    """Plays one run with K builders. They race: phases go strictly in order, so one builds while the others
    wait for a claim."""

    def __init__(
        self,
        upstream: Upstream,
        connect: Callable[["Player"], ApiClient],
        *,
        run_id: str,
        workers: int,
        audience: Audience,
    ) -> None:
        self.is_stopped = threading.Event()
        self.tally = Tally()
        self._upstream = upstream
        self._connect = connect
        self._run_id = run_id
        self._workers = workers
        self._audience = audience
        self._lock = threading.Lock()
        self._failures: list[Exception] = []
        self._open_claims: dict[str, str] = {}
        self._ended_at: float | None = None

    def play(self) -> None:
        """Until the run has ended. Raises ReplayInterrupted on Ctrl-C or when the server stays away; the run
        is left as it is, without a claim of ours."""
        started_at = time.monotonic()
        builders = [
            threading.Thread(target=self._build, args=(number,), name=f"builder-{number}", daemon=True)
            for number in range(1, self._workers + 1)
        ]
        for builder in builders:
            builder.start()
        try:
            self._follow()
            for builder in builders:
                builder.join()
            self.tally.played_seconds = (self._ended_at or time.monotonic()) - started_at
        except KeyboardInterrupt:
            self._leave(builders)
            raise ReplayInterrupted("Stopped.") from None
        except ReplayError as error:
            self._leave(builders)
            raise ReplayInterrupted(str(error)) from error

    def note_retry(self, reason: str) -> None:
        with self._lock:
            self.tally.retried_calls += 1
        self._audience.see_retry(reason)

    def _follow(self) -> None:
        """Pass the run's events on until there can be no more."""
        after, is_live = 0, True
        with self._connect(self) as client:
            while is_live:
                page = client.list_events(self._run_id, after)
                for event in page["events"]:
                    self._audience.see_event(event)
                after = page["last_sequence"]
                is_live = page["is_live"] or bool(page["events"])
                if self._failures:
                    raise self._failures[0]
                if is_live and len(page["events"]) < 100:
                    self.is_stopped.wait(_LOOK_SECONDS)

    def _build(self, number: int) -> None:
        try:
            with self._connect(self) as client:
                while not self.is_stopped.is_set() and self._build_next(client, f"replay-builder-{number}"):
                    pass
        except Refused as refusal:
            self._failures.append(ReplayError(f"The server refuses to go on: {refusal}"))
        except ReplayError as error:
            self._failures.append(error)

    def _build_next(self, client: ApiClient, worker_name: str) -> bool:
        """Claim and do one phase. False once the run has ended."""
        try:
            answer = client.claim(
                self._run_id,
                worker_name=worker_name,
                key=f"claim-{uuid.uuid4()}",
                wait_seconds=CLAIM_WAIT_SECONDS,
            )
        except Refused as refusal:
            if refusal.code == "run_ended":
                self._ended_at = self._ended_at or time.monotonic()
                return False
            raise
        claim = answer["claim"]
        if claim is None or claim["state"] != "CLAIMED":
            return True
        self._note_claim(claim)
        if self.is_stopped.is_set():
            return False
        target = Target.from_spec(answer["context"]["phase"]["spec"])
        if target is None:
            raise ReplayError(f"Phase {claim['phase_id']} names no upstream commit: not a run of replay.")
        (commit,) = self._upstream.read_commits([target.commit])
        patch = self._upstream.read_patch(commit)
        is_going_on = self._submit(client, claim, patch)
        with self._lock:
            self._open_claims.pop(claim["claim_id"], None)
            self.tally.patch_bytes += len(patch)
        return is_going_on

    def _submit(self, client: ApiClient, claim: Mapping[str, Any], patch: bytes) -> bool:
        submission = Submission(claim["phase_id"], claim["claim_id"], patch)
        try:
            client.submit(self._run_id, submission)
        except Refused as refusal:
            if refusal.code == "run_ended":
                return False
            if refusal.code not in _LOST_CODES | {"patch_refused", "over_budget"}:
                raise ReplayError(
                    f"The patch of phase {claim['phase_id']} ({len(patch):,} bytes) is not taken: {refusal}"
                ) from refusal
        return True

    def _note_claim(self, claim: Mapping[str, Any]) -> None:
        with self._lock:
            self.tally.claims.append(claim["phase_id"])
            self.tally.claim_ids.append(claim["claim_id"])
            self._open_claims[claim["claim_id"]] = claim["phase_id"]
        self._audience.see_claim(claim["phase_id"])

    def _leave(self, builders: Sequence[threading.Thread]) -> None:
        """Give back what is claimed, so that a resumed replay need not wait for the lease to end."""
        self.is_stopped.set()
        deadline = time.monotonic() + _LEAVE_SECONDS
        for builder in builders:
            builder.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            claims = dict(self._open_claims)
        with self._connect(self) as client:
            for claim_id, phase_id in claims.items():
                with suppress(Refused, ReplayError):
                    client.release(self._run_id, phase_id, claim_id)
