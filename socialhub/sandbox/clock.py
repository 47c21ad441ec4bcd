"""The network's clock, and how an experimenter moves it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

# A step back by no more than this makes the clock wait; a longer one is a mistake.
WAITS = 60.0


class Clock:
    """Seconds since 1970, moved by an offset; 0 is the time of the machine again.

    While it is moved it never goes back: whoever tells weeks of a story does so in order.
    """

    def __init__(self, machine: Callable[[], float] = time.time) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self.offset = 0.0
        self._last = -math.inf

    def __call__(self) -> float:
        with self._lock:
            return self._read()

    def _read(self) -> float:
        if not self.offset:
            return self._machine()
        self._last = max(self._last, self._machine() + self.offset)
        return self._last

    def move(self, offset: float) -> None:
        """From now on so many seconds ahead of the machine, or behind. Raises ValueError."""
        if not math.isfinite(offset) or self._machine() + offset <= 0:
            raise ValueError("offset_seconds is a number of seconds, and the time after 1970")
        with self._lock:
            if offset and self._machine() + offset < self._last - WAITS:
                raise ValueError("a moved clock goes forward only; go back to now (0) first")
            self.offset = offset
            if not offset:
                self._last = -math.inf

    def horizon(self) -> float:
        """What was written later does not exist yet; infinite while the clock is not moved."""
        return self() if self.offset else math.inf
