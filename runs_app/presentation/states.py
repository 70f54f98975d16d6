"""The icon and the words of a state. Colour and the plain label belong to the enum (`runs_app.choices`)."""

from typing import Protocol


class Labelled(Protocol):
    """A member of one of the enums in `choices`."""

    @property
    def value(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def colour(self) -> str: ...


WORDS = {
    "PHASE_QUEUEING": "Ready for a builder",
    "PHASE_EXECUTION": "Building",
    "EXECUTING": "Building",
    "CI_RUNNING": "CI running",
    "SNAPSHOT_CREATED": "Snapshot made",
    "DONE_SUCCESS": "Succeeded",
    "RED": "CI failed",
}
"""Where the name of a state says too little to somebody who has not read V7."""

ICONS = {
    "PLAN_BOOTSTRAP": "circle-dotted",
    "RUN_CREATED": "circle-dotted",
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
    "USABLE": "circle-check",
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
    "UNKNOWN": "circle-dotted",
    "MINOR": "alert-circle",
    "MAJOR": "alert-triangle",
}


def choose_icon(value: str) -> str:
    """A Tabler icon name for a stored state."""
    known = ICONS.get(value.upper())
    if known is not None:
        return known
    is_bad = any(word in value.upper() for word in ("FAILED", "RED", "REJECTED", "UNUSABLE"))
    return "circle-x" if is_bad else "circle-dotted"


def choose_words(choice: Labelled) -> str:
    return WORDS.get(choice.value, choice.label)
