"""What a collector has to read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Due:
    """One publication whose counters are due."""

    pk: int
    remote_id: str
