"""The one thing that tests may pretend: that time has passed."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone


class Clock:
    """Moves Django's `timezone.now` forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ahead = timedelta(0)
        real = timezone.now

        def now() -> datetime:
            return real() + self._ahead

        monkeypatch.setattr(timezone, "now", now)

    def advance(self, **duration: float) -> None:
        self._ahead += timedelta(**duration)
