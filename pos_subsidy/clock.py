"""Where "now" comes from."""

import threading
import time
from datetime import UTC, datetime, timedelta


def system_clock() -> datetime:
    """Return the machine's time, in UTC."""
    return datetime.now(UTC)


class TrainingClock:
    """A clock that starts on a day of one's choice and goes on from there. Never for real sales."""

    def __init__(self, start: datetime) -> None:
        self._guard = threading.Lock()
        self._base = start.astimezone(UTC)
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        with self._guard:
            return self._now()

    def advance_to(self, moment: datetime) -> None:
        """Go forward to a moment; a moment that has passed changes nothing."""
        with self._guard:
            self._base, self._since = max(moment.astimezone(UTC), self._now()), time.monotonic()

    def _now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)
