"""What an area hands back, and where load and limits come from."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

LIMITS = Path(__file__).with_name("limits.toml")


class MissingPart(Exception):
    """Something the measurement needs is not there; nothing is measured instead."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `limit` is the most ("max") or the least ("min") it may be."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    direction: Literal["max", "min"] = "max"
    samples: int = 1

    @property
    def met(self) -> bool:
        if self.limit is None:
            return True
        return self.value <= self.limit if self.direction == "max" else self.value >= self.limit

    def line(self) -> str:
        sign = "≤" if self.direction == "max" else "≥"
        limit = "" if self.limit is None else f"{sign} {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else "ok" if self.met else "MISSED"
        value = f"{self.value:.2f}".rstrip("0").rstrip(".")
        return (
            f"{self.name:<46} {value:>9} {self.unit:<8} {limit:<14} n={self.samples:<6} {verdict}"
        )


def limits(area: str) -> dict[str, Any]:
    """The area's table in limits.toml."""
    return dict(tomllib.loads(LIMITS.read_text(encoding="utf-8"))[area])


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0–1) of the values do not exceed."""
    ordered = sorted(values)
    place = max(0, -(-len(ordered) * part // 1) - 1)
    return ordered[int(place)]
