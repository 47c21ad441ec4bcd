"""Trouble on demand: what goes wrong between accepting a request and the client's answer."""

from __future__ import annotations

import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Any

BEFORE = frozenset({"reset_before", "rate_limited", "500_before", "reject"})
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
# A held connection ends at the latest after this many seconds.
HOLD_SECONDS = 300.0


@dataclass
class Fault:
    """`operation` "*" means any; `seconds` is for "slow", `retry_after` for "rate_limited"."""

    operation: str
    fault: str
    times: int = 1
    retry_after: int = 30
    seconds: float = 5.0


class Faults:
    """Armed faults, oldest first; each is used up `times` times."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[Fault] = []

    def arm(self, sent: dict[str, Any]) -> Fault:
        """Raises ValueError for an unknown fault, TypeError for unknown fields."""
        fault = Fault(**sent)
        if fault.fault not in BEFORE | AFTER:
            raise ValueError(f"unknown fault {fault.fault}")
        with self._lock:
            self._armed.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        with self._lock:
            for fault in self._armed:
                if fault.operation in (operation, "*"):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._armed.remove(fault)
                    return fault
        return None

    def armed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [vars(fault) for fault in self._armed]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()


def linger_zero(connection: socket.socket) -> None:
    """The next close sends RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hold(connection: socket.socket, seconds: float = HOLD_SECONDS) -> None:
    """Wait until the client leaves, or `seconds`."""
    readable, *_ = select.select([connection], [], [], seconds)
    if readable:
        try:
            connection.recv(1)
        except OSError:
            return
