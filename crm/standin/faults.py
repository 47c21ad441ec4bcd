"""Armed faults: how the way to Odoo, or Odoo itself, misbehaves on request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# Nothing is carried out.
BEFORE = frozenset(
    {"reset_before", "502_before", "503", "500_html", "413", "429", "redirect", "html_404"}
)
# Carried out and committed; the answer is lost, wrong or late.
AFTER = frozenset(
    {
        "cut_after_commit",
        "timeout_after_commit",
        "502_after_commit",
        "504_after_commit",
        "unreadable_200",
        "slow",
    }
)
# Inside Odoo: a commit that takes its time, a conflict with another transaction.
INSIDE = frozenset({"commit_delay", "serialize"})
KINDS = BEFORE | AFTER | INSIDE


@dataclass(slots=True)
class Fault:
    """One armed fault. It fires `times` times, after letting `skip` calls pass."""

    # "load", "crm.lead.load", "authenticate", or "*" for every call.
    method: str
    fault: str
    times: int = 1
    skip: int = 0
    # Only calls whose body contains this text.
    contains: str = ""
    # Of 429: seconds or an HTTP date; None = no such header.
    retry_after: int | str | None = None
    # Of slow and commit_delay.
    seconds: float = 5.0
    # Of redirect.
    location: str = "https://127.0.0.1/"

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Fault:
        """From the JSON of a request. Raises ValueError with a sentence."""
        unknown = sorted(set(given) - set(cls.__slots__))
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(unknown)}")
        known = {name: value for name, value in given.items() if value is not None}
        if known.get("fault") not in KINDS:
            raise ValueError(f"fault is one of {', '.join(sorted(KINDS))}")
        return cls(
            method=str(known.get("method", "*")),
            fault=known["fault"],
            times=int(known.get("times", 1)),
            skip=int(known.get("skip", 0)),
            contains=str(known.get("contains", "")),
            retry_after=known.get("retry_after"),
            seconds=float(known.get("seconds", 5.0)),
            location=str(known.get("location", "https://127.0.0.1/")),
        )

    def meets(self, model: str, method: str, text: str) -> bool:
        names = ("*", method, f"{model}.{method}")
        return self.method in names and self.contains in text


class Faults:
    """The armed faults, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(fault)

    def take(self, model: str, method: str, body: bytes) -> Fault | None:
        """The fault this call meets; using it up counts."""
        with self._lock:
            if not self._armed:
                return None
            text = body.decode("utf-8", errors="replace")
            for fault in self._armed:
                if not fault.meets(model, method, text):
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
