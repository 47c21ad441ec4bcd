"""Counts as somebody pastes them, checked and turned into what the tests work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from experiments.statistics.bayes import Prior
from experiments.statistics.counts import (
    InvalidCounts,
    Kind,
    Variant,
    checked,
    checked_confidence,
)
from experiments.statistics.plans import DESIGNS, Array, Design

# A table of counts: rows are hours, slots or looks, columns variants.
Rows = list[tuple[Variant, ...]]
# A year of hours.
MOST_ROWS = 8784


@dataclass(frozen=True, slots=True)
class Pasted:
    """`hourly` are increments, `looks` counts since the start, `blocks` counts of single slots.

    `planned_looks`: which look is the planned end; None: there is none. `tuning`: N*, the units
    of two variants together that were planned.
    """

    kind: Kind
    design: Design
    confidence: float
    yates: bool
    variants: tuple[Variant, ...]
    values: tuple[tuple[float, ...], ...]
    hourly: Rows
    blocks: Rows
    looks: Rows
    planned_looks: int | None
    prior: Prior
    tuning: float | None

    @property
    def alpha(self) -> float:
        return 1 - self.confidence

    @property
    def shares(self) -> Array:
        weights = np.array([one.weight for one in self.variants])
        return np.asarray(weights / weights.sum())


def read(question: Mapping[str, Any]) -> Pasted:
    """InvalidCounts says what cannot be calculated with."""
    kind, design = question.get("kind", "proportion"), question.get("design", "split")
    if design not in DESIGNS:
        raise InvalidCounts("plan", f"A design is one of: {', '.join(DESIGNS)}.")
    given = _list(question.get("variants"), "variants")
    variants = checked([_variant(one, kind) for one in given], kind)
    values: tuple[tuple[float, ...], ...] = ()
    if kind == "per_post":
        values = tuple(_values(one, own) for one, own in zip(variants, given, strict=True))
    # A single slot or hour may have reactions before its impressions are counted.
    rows = {
        name: _rows(question.get(name), name, variants, kind)
        for name in ("hourly", "blocks", "looks")
    }
    return Pasted(
        kind=cast(Kind, kind),
        design=design,
        confidence=checked_confidence(question.get("confidence", 0.95)),
        yates=bool(question.get("yates", False)),
        variants=variants,
        values=values,
        planned_looks=_positive(question.get("planned_looks"), "planned_looks"),
        prior=_prior(question.get("prior")),
        tuning=_positive(question.get("tuning_total_n"), "tuning_total_n"),
        **rows,
    )


def _variant(given: Any, kind: str) -> Variant:
    if not isinstance(given, Mapping):
        raise InvalidCounts("not_a_number", "A variant is a name with its counts.")
    missing = 0 if kind == "per_post" else None
    return Variant(
        name=str(given.get("name", "")),
        engagements=given.get("engagements", missing),
        impressions=given.get("impressions", missing),
        weight=given.get("weight", 1.0),
    )


def _values(one: Variant, given: Mapping[str, Any]) -> tuple[float, ...]:
    values = _list(given.get("values"), "values")
    if not all(_is_finite(value) for value in values):
        raise InvalidCounts("not_a_number", f"The values of {one.name} must be numbers.", one.name)
    return tuple(float(value) for value in values)


def _rows(given: Any, name: str, variants: Sequence[Variant], kind: str) -> Rows:
    rows = _list(given, name)
    if len(rows) > MOST_ROWS:
        raise InvalidCounts("plan", f"{name}: at most {MOST_ROWS} rows.", name)
    return [_row(row, name, variants, kind) for row in rows]


def _row(row: Any, name: str, variants: Sequence[Variant], kind: str) -> tuple[Variant, ...]:
    """A list with a cell for each variant in their order, or cells by the variants' names."""
    if isinstance(row, Mapping):
        row = row["variants"] if "variants" in row else [row.get(one.name) for one in variants]
    cells = _list(row, name)
    if len(cells) != len(variants):
        raise InvalidCounts("plan", f"{name}: each row needs the counts of every variant.", name)
    found = tuple(_cell(cell, one, name) for cell, one in zip(cells, variants, strict=True))
    # Late impressions are no fault of a row; what is no number is.
    checked(found, "count" if kind == "count" else "per_post")
    return found


def _cell(cell: Any, one: Variant, name: str) -> Variant:
    if isinstance(cell, Mapping):
        return Variant(
            one.name,
            cell.get("engagements"),  # type: ignore[arg-type]
            cell.get("impressions", 0),
            one.weight,
        )
    pair = _list(cell, name) if isinstance(cell, list | tuple) else [cell]
    if len(pair) not in (1, 2):
        raise InvalidCounts("plan", f"{name}: a cell is engagements and impressions.", name)
    return Variant(one.name, pair[0], pair[1] if len(pair) == 2 else 0, one.weight)


def _list(given: Any, name: str) -> Sequence[Any]:
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise InvalidCounts("plan", f"{name} must be a list.", name)
    return given


def _positive(given: Any, name: str) -> int | None:
    if given is None:
        return None
    if not _is_finite(given) or given < 1 or given != int(given):
        raise InvalidCounts("plan", f"{name} must be a whole number above 0.", name)
    return int(given)


def _prior(given: Any) -> Prior:
    """[a, b] or {"a", "b"} of a beta distribution."""
    if given is None:
        return Prior()
    pair = [given.get("a"), given.get("b")] if isinstance(given, Mapping) else given
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise InvalidCounts("plan", "prior must be two numbers above 0.", "prior")
    if not all(_is_finite(value) and value > 0 for value in pair):
        raise InvalidCounts("plan", "prior must be two numbers above 0.", "prior")
    return Prior(float(pair[0]), float(pair[1]))


def _is_finite(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and bool(np.isfinite(float(value)))
    )
