"""The signals of a process that only looks after others: the keeper here, and `autopack.launcher`."""

import os
import select
import signal
from types import FrameType


class SignalWatch:
    """Remembers the signals that ask to stop, and wakes up `wait` for them and for children that ended.

    One per process, made in its main thread.
    """

    def __init__(self, *stop_signals: signal.Signals) -> None:
        self.stop_requests = 0
        self._wakeup, wakeup_end = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(wakeup_end, False)
        signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)
        for number in stop_signals:
            signal.signal(number, self._remember)
        signal.signal(signal.SIGCHLD, _only_wake_up)

    def wait(self, seconds: float) -> None:
        """Until a signal comes, at most `seconds`. May return early for a signal that came before."""
        if select.select([self._wakeup], [], [], seconds)[0]:
            os.read(self._wakeup, 4096)

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_requests += 1


def _only_wake_up(_number: int, _frame: FrameType | None) -> None:
    """Without a handler the signal would be ignored and wake up nobody."""
