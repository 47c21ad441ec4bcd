"""What was asked of the stand-in, in order, without secrets and bodies."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

KEPT = 20_000


@dataclass(slots=True)
class Entry:
    n: int
    at: str
    transport: str
    model: str
    method: str
    # The HTTP status; None while it runs and when the line was cut.
    status: int | None = None
    ids: list[int] = field(default_factory=list)
    # Whether a change is in the database.
    committed: bool = False
    created: list[int] = field(default_factory=list)
    fault: str = ""
    # The class of the refusal.
    error: str = ""
    uid: int | None = None


class Log:
    """Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._last = 0

    def start(self, transport: str, model: str, method: str) -> Entry:
        with self._lock:
            self._last += 1
            at = datetime.now(UTC).isoformat(timespec="microseconds")
            entry = Entry(self._last, at, transport, model, method)
            self._entries.append(entry)
            return entry

    def listed(self, after: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(entry) for entry in self._entries if entry.n > after]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
