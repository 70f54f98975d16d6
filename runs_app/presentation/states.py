"""The icon of a state. Label and colour belong to the enum itself (`runs_app.choices`)."""

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
