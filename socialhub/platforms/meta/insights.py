"""Counters from /insights: https://developers.facebook.com/docs/graph-api/reference/insights

Meta removes metrics for all versions at once, and one unknown name fails the whole call with
code 100. The guilty name is found by asking one by one, and left out for a week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from socialhub.platforms.base import JSON, Findings
from socialhub.platforms.errors import InvalidContent, PlatformError
from socialhub.platforms.meta.graph import Graph, entries

# For so long a name that failed is not asked for.
OFF = timedelta(days=7)
OPTION = "metrics_off"


def read(
    graph: Graph,
    path: str,
    table: Mapping[str, str],
    findings: Findings,
    off: Mapping[str, Any] | None,
    **params: Any,
) -> dict[str, int | None]:
    """Counters for `Metrics(**…)`. `table`: our counter → Meta's name. `off`: the option
    "metrics_off" of the account. What is not reported (an empty list) is None."""
    names = asked(table, findings, off)
    values = ask(graph, path, names.values(), findings, off, **params) if names else {}
    return {counter: values.get(name) for counter, name in table.items()}


def asked(
    table: Mapping[str, str], findings: Findings, off: Mapping[str, Any] | None
) -> dict[str, str]:
    """The part of the table that is not switched off."""
    dead = switched_off(findings, off)
    return {counter: name for counter, name in table.items() if name not in dead}


def ask(
    graph: Graph,
    path: str,
    names: Iterable[str],
    findings: Findings,
    off: Mapping[str, Any] | None,
    **params: Any,
) -> dict[str, int]:
    """Values by Meta's name. A name that does not exist any more is switched off."""
    wanted = list(dict.fromkeys(names))
    try:
        return values(entries(graph.get(path, metric=",".join(wanted), **params)))
    except InvalidContent as exc:
        if not about_metric(exc):
            raise
    found: dict[str, int] = {}
    for name in wanted:
        try:
            found |= values(entries(graph.get(path, metric=name, **params)))
        except InvalidContent as exc:
            if not about_metric(exc):
                raise
            switch_off(name, findings, off)
    return found


def values(said: Iterable[JSON]) -> dict[str, int]:
    """Numbers by name. A number, or a dict whose parts add up; nothing where it is empty."""
    found: dict[str, int] = {}
    for entry in said:
        number = _number(_value(entry))
        # A metric may come for a day and for the life of the post.
        if number is not None and (
            entry.get("period") in (None, "lifetime") or entry.get("name") not in found
        ):
            found[str(entry.get("name"))] = number
    return found


def _value(entry: JSON) -> Any:
    total = entry.get("total_value")
    if isinstance(total, dict):
        return total.get("value")
    series = entry.get("values")
    last = series[-1] if isinstance(series, list) and series else {}
    return last.get("value") if isinstance(last, dict) else None


def _number(value: Any) -> int | None:
    if isinstance(value, dict) and value:
        parts = [part for part in value.values() if isinstance(part, int)]
        return sum(parts) if len(parts) == len(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def about_metric(exc: PlatformError) -> bool:
    """Is it a name of a metric that Meta does not take? It says so in different sentences."""
    return isinstance(exc, InvalidContent) and "metric" in exc.message.lower()


def switched_off(
    findings: Findings | None, off: Mapping[str, Any] | None, today: date | None = None
) -> dict[str, str]:
    """Names left out at present, with the day on which they failed."""
    known = {**(off or {}), **((findings.learned.get(OPTION) or {}) if findings else {})}
    first = (today or datetime.now(UTC).date()) - OFF
    return {name: str(day) for name, day in known.items() if _is_since(str(day), first)}


def _is_since(day: str, first: date) -> bool:
    try:
        return date.fromisoformat(day) > first
    except ValueError:
        return False


def switch_off(name: str, findings: Findings, off: Mapping[str, Any] | None) -> None:
    """Remember that a name failed today."""
    today = datetime.now(UTC).date().isoformat()
    findings.learned[OPTION] = {**switched_off(findings, off), name: today}
