"""Armed faults: how a network misbehaves on request, and what it counted meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

# Refused or cut off; nothing was carried out.
BEFORE = frozenset({"reset_before", "500_before", "rate_limited", "reject"})
# Carried out; the answer is lost, wrong or late.
AFTER = frozenset(
    {
        "timeout_after_accept",
        "reset_after_accept",
        "500_after_accept",
        "502_after_accept",
        "408_after_accept",
        "unreadable_200",
        "slow",
    }
)


@dataclass(slots=True)
class Fault:
    """One armed fault. It fires `times` times, after letting `skip` requests pass."""

    operation: str
    fault: str
    times: int = 1
    skip: int = 0
    # Only requests whose body contains this text.
    contains: str = ""
    # Retry-After of rate_limited: seconds, an HTTP date, or None for no such header.
    retry_after: int | str | None = None
    # Delay of slow.
    seconds: float = 5.0

    @classmethod
    def parse(cls, given: Mapping[str, Any], operations: frozenset[str]) -> Fault:
        """From the JSON of a request. Raises ValueError with a sentence."""
        unknown = sorted(set(given) - set(cls.__slots__))
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(unknown)}")
        # Clients may send every field, null where it does not apply.
        known = {name: value for name, value in given.items() if value is not None}
        fault = cls(known.get("operation", "*"), known.get("fault", ""))
        if fault.fault not in BEFORE | AFTER:
            raise ValueError(f"fault is one of {', '.join(sorted(BEFORE | AFTER))}")
        if fault.operation not in operations | {"*"}:
            raise ValueError(f"operation is one of *, {', '.join(sorted(operations))}")
        fault.times = int(known.get("times", 1))
        fault.skip = int(known.get("skip", 0))
        fault.contains = str(known.get("contains", ""))
        fault.retry_after = known.get("retry_after")
        fault.seconds = float(known.get("seconds", 5.0))
        return fault


class Faults:
    """The armed faults, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(fault)

    def take(self, operation: str, body: bytes) -> Fault | None:
        """The fault this request meets; using it up counts."""
        text = body.decode("utf-8", errors="replace")
        with self._lock:
            for fault in self._armed:
                if fault.operation not in (operation, "*") or fault.contains not in text:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._armed.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._armed]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()


class Watch:
    """Counts requests per operation, their statuses and how many ran at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._count: Counter[str] = Counter()
            self._now: Counter[str] = Counter()
            self._most: Counter[str] = Counter()
            self._statuses: dict[str, Counter[str]] = {}

    @contextmanager
    def counting(self, operation: str) -> Iterator[None]:
        """Around the handling of one request; "*" sums up all operations."""
        names = (operation, "*")
        with self._lock:
            for name in names:
                self._count[name] += 1
                self._now[name] += 1
                self._most[name] = max(self._most[name], self._now[name])
        try:
            yield
        finally:
            with self._lock:
                for name in names:
                    # `clear` may have run in between.
                    self._now[name] = max(self._now[name] - 1, 0)

    def answered(self, operation: str, what: str) -> None:
        """Note how a request ended: a status, or the name of the fault."""
        with self._lock:
            for name in (operation, "*"):
                self._statuses.setdefault(name, Counter())[what] += 1

    def report(self, operation: str = "*") -> dict[str, Any]:
        """`{"operation", "count", "concurrent", "concurrent_max", "answers", "operations"}`."""
        with self._lock:
            return {
                "operation": operation,
                "count": self._count[operation],
                "concurrent": self._now[operation],
                "concurrent_max": self._most[operation],
                "answers": dict(self._statuses.get(operation, {})),
                "operations": {k: v for k, v in sorted(self._count.items()) if k != "*"},
            }
