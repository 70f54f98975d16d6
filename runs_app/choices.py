"""States and kinds, without Django so that the pure cores can use them.

Each member has a `label`, `words` for pages, an `icon` and a badge `colour` (names of Tabler). Groups of
states are methods of the enum that owns them.
"""

from typing import Self

from autopack.choices import Choice, CiKind, SafetyProfile

__all__ = [
    "AttemptRole",
    "AttemptState",
    "BuilderStatus",
    "CiKind",
    "CiProfile",
    "CiRunState",
    "CiStepState",
    "Cleanliness",
    "Complexity",
    "DebtStatus",
    "EventKind",
    "PhaseState",
    "Recommendation",
    "RunState",
    "RunsChoice",
    "SafetyProfile",
    "Severity",
    "TierState",
    "WaitingFor",
]


class RunsChoice(Choice):
    """A stored value of this app, and how people see it."""

    @property
    def label(self) -> str:
        return self.value.replace("DONE_FAILED_", "failed: ").replace("_", " ").lower().capitalize()

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.value.upper(), "secondary")

    @property
    def icon(self) -> str:
        return _ICONS.get(self.value.upper(), "circle-dotted")

    @property
    def words(self) -> str:
        return _WORDS.get(self.value, self.label)


_COLOURS = {
    "PHASE_EXECUTION": "blue",
    "EXECUTING": "blue",
    "CLAIMED": "blue",
    "IN_PROGRESS": "blue",
    "RUNNING": "azure",
    "GATE": "indigo",
    "SUBMITTED": "indigo",
    "CI_RUNNING": "azure",
    "CANDIDATE": "azure",
    "SNAPSHOT_CREATED": "teal",
    "DONE_SUCCESS": "green",
    "COMPLETE": "green",
    "ACCEPTED": "green",
    "PASSED": "green",
    "CLEAN": "green",
    "APPROVE": "green",
    "FAILED": "red",
    "RED": "red",
    "REFUSED": "red",
    "TIMED_OUT": "red",
    "NOT_CLEAN": "orange",
    "ERRORED": "orange",
    "LOST": "orange",
    "REJECTED": "orange",
    "REVISE": "orange",
    "ESCALATE": "red",
    "NOT_CONFIGURED": "yellow",
    "MAJOR": "red",
    "MINOR": "yellow",
    "DONE_FAILED_BUDGET_EXHAUSTED": "red",
    "DONE_FAILED_POLICY_VIOLATION": "red",
    "DONE_FAILED_REQUIRES_HUMAN_REVIEW": "red",
    "DONE_FAILED_ENVIRONMENT": "red",
}

_ICONS = {
    "PHASE_QUEUEING": "list-details",
    "PHASE_EXECUTION": "robot",
    "EXECUTING": "robot",
    "CLAIMED": "robot",
    "IN_PROGRESS": "player-play",
    "GATE": "shield-half",
    "SUBMITTED": "shield-half",
    "CI_RUNNING": "test-pipe",
    "CANDIDATE": "test-pipe",
    "RUNNING": "loader-2",
    "SNAPSHOT_CREATED": "tag",
    "SNAPSHOTTING": "tag",
    "QUEUED": "circle-dashed",
    "PENDING": "circle-dashed",
    "SKIPPED": "player-skip-forward",
    "DONE_SUCCESS": "circle-check",
    "COMPLETE": "circle-check",
    "ACCEPTED": "circle-check",
    "PASSED": "circle-check",
    "CLEAN": "circle-check",
    "APPROVE": "circle-check",
    "REFUSED": "shield-x",
    "LOST": "hourglass",
    "TIMED_OUT": "hourglass",
    "RELEASED": "arrow-down",
    "SUPERSEDED": "history",
    "CANCELLED": "player-stop",
    "REVISE": "refresh",
    "ESCALATE": "alert-triangle",
    "ERRORED": "alert-triangle",
    "NOT_CLEAN": "alert-triangle",
    "NOT_CONFIGURED": "alert-triangle",
    "MINOR": "alert-circle",
    "MAJOR": "alert-triangle",
    "FAILED": "circle-x",
    "RED": "circle-x",
    "REJECTED": "circle-x",
    "DONE_FAILED_BUDGET_EXHAUSTED": "circle-x",
    "DONE_FAILED_POLICY_VIOLATION": "circle-x",
    "DONE_FAILED_REQUIRES_HUMAN_REVIEW": "circle-x",
    "DONE_FAILED_ENVIRONMENT": "circle-x",
}

_WORDS = {
    "PHASE_QUEUEING": "Ready for a builder",
    "PHASE_EXECUTION": "Building",
    "EXECUTING": "Building",
    "CI_RUNNING": "CI running",
    "SNAPSHOT_CREATED": "Snapshot made",
    "DONE_SUCCESS": "Succeeded",
    "RED": "CI failed",
}
"""Where the name of a state says too little to somebody who has not read V7."""


class RunState(RunsChoice):
    """v7 §3."""

    PLAN_BOOTSTRAP = "PLAN_BOOTSTRAP"
    RUN_CREATED = "RUN_CREATED"
    PHASE_QUEUEING = "PHASE_QUEUEING"
    PHASE_EXECUTION = "PHASE_EXECUTION"
    GATE = "GATE"
    CI_RUNNING = "CI_RUNNING"
    SNAPSHOT_CREATED = "SNAPSHOT_CREATED"
    DONE_SUCCESS = "DONE_SUCCESS"
    DONE_FAILED_BUDGET_EXHAUSTED = "DONE_FAILED_BUDGET_EXHAUSTED"
    DONE_FAILED_POLICY_VIOLATION = "DONE_FAILED_POLICY_VIOLATION"
    DONE_FAILED_REQUIRES_HUMAN_REVIEW = "DONE_FAILED_REQUIRES_HUMAN_REVIEW"
    DONE_FAILED_ENVIRONMENT = "DONE_FAILED_ENVIRONMENT"

    @classmethod
    def failed(cls) -> frozenset[Self]:
        return frozenset(s for s in cls if s.value.startswith("DONE_FAILED_"))

    @classmethod
    def final(cls) -> frozenset[Self]:
        return frozenset(s for s in cls if s.value.startswith("DONE_"))

    @classmethod
    def live(cls) -> frozenset[Self]:
        return frozenset(cls) - cls.final()

    @property
    def is_final(self) -> bool:
        return self in RunState.final()


class PhaseState(RunsChoice):
    """v7 §3."""

    QUEUED = "QUEUED"
    EXECUTING = "EXECUTING"
    GATE = "GATE"
    CI_RUNNING = "CI_RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"

    @classmethod
    def active(cls) -> frozenset[Self]:
        """In work: at most one phase of a run."""
        return frozenset({cls.EXECUTING, cls.GATE, cls.CI_RUNNING})

    @classmethod
    def machine_driven(cls) -> frozenset[Self]:
        """States that Autopack leaves by itself; `Prefer: wait` waits for their end."""
        return frozenset({cls.GATE, cls.CI_RUNNING})

    @classmethod
    def final(cls) -> frozenset[Self]:
        return frozenset({cls.COMPLETE, cls.FAILED, cls.SKIPPED})


class TierState(RunsChoice):
    """v7 §3."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class Cleanliness(RunsChoice):
    CLEAN = "clean"
    NOT_CLEAN = "not_clean"


class AttemptState(RunsChoice):
    """One try at a phase, from the claim to its end."""

    CLAIMED = "CLAIMED"
    SUBMITTED = "SUBMITTED"
    """The patch is stored; its candidate is being made. The intent row of DESIGN §4."""
    CANDIDATE = "CANDIDATE"
    """A commit exists under a candidate ref and is being tested or waits for a verdict."""
    SNAPSHOTTING = "SNAPSHOTTING"
    """Green and approved; the branch is being advanced. The intent of the snapshot."""
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    RED = "RED"
    REJECTED = "REJECTED"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"
    LOST = "LOST"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"

    @classmethod
    def open(cls) -> frozenset[Self]:
        return frozenset({cls.CLAIMED, cls.SUBMITTED, cls.CANDIDATE, cls.SNAPSHOTTING})

    @classmethod
    def unsettled(cls) -> frozenset[Self]:
        """An intent whose git operation may or may not have happened."""
        return frozenset({cls.SUBMITTED, cls.SNAPSHOTTING})

    @classmethod
    def tested(cls) -> frozenset[Self]:
        """On a commit of their own right now."""
        return frozenset({cls.CANDIDATE, cls.SNAPSHOTTING})


class AttemptRole(RunsChoice):
    BUILDER = "builder"
    AUDITOR = "auditor"


class CiRunState(RunsChoice):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    ERRORED = "ERRORED"
    CANCELLED = "CANCELLED"
    NOT_CONFIGURED = "NOT_CONFIGURED"

    @classmethod
    def live(cls) -> frozenset[Self]:
        return frozenset({cls.QUEUED, cls.RUNNING})

    @classmethod
    def good(cls) -> frozenset[Self]:
        return frozenset({cls.PASSED, cls.NOT_CONFIGURED})


class CiStepState(RunsChoice):
    RUNNING = "RUNNING"
    PASSED = "PASSED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ERRORED = "ERRORED"
    CANCELLED = "CANCELLED"


class CiProfile(RunsChoice):
    """v7 §10."""

    NORMAL = "normal"
    STRICT = "strict"


class Complexity(RunsChoice):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Severity(RunsChoice):
    MINOR = "minor"
    MAJOR = "major"


class Recommendation(RunsChoice):
    APPROVE = "approve"
    REVISE = "revise"
    ESCALATE = "escalate"


class BuilderStatus(RunsChoice):
    SUCCESS = "success"
    FAILED = "failed"
    NEEDS_REVIEW = "needs_review"


class DebtStatus(RunsChoice):
    """What a finished run leaves behind (v7 §11)."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


class WaitingFor(RunsChoice):
    """Why a phase stays in CI_RUNNING although nothing runs."""

    NOTHING = ""
    AUDITOR = "auditor"
    VERIFIER = "verifier"
    GIT = "git"


class EventKind(RunsChoice):
    """What an event row records. `before` and `after` are set for changes of state."""

    RUN_STATE = "run.state"
    TIER_STATE = "tier.state"
    PHASE_STATE = "phase.state"
    ATTEMPT_STATE = "attempt.state"
    CI_STATE = "ci.state"
    CI_STEP = "ci.step"
    ISSUE = "issue.recorded"
    VERDICT = "verdict.recorded"
    AUDIT_REQUESTED = "audit.requested"
    LEASE_RENEWED = "lease.renewed"
    SNAPSHOT = "snapshot.recorded"
    PROMOTED = "run.promoted"
    BUDGET = "budget.exceeded"
    NOTE = "note"
