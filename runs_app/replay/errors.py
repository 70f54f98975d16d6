"""What ends a replay early."""


class ReplayError(Exception):
    """Said to the person at the terminal as it is, in one line. Nothing was started or changed."""


class ReplayInterrupted(ReplayError):
    """The run is there and can be gone on with (`--resume`)."""
