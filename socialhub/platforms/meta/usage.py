"""How much of the limits is used: https://developers.facebook.com/docs/graph-api/overview/rate-limiting

X-App-Usage is one object of percentages; X-Business-Use-Case-Usage holds a list of them per
business object; X-Ad-Account-Usage has "acc_id_util_pct". All are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from socialhub.platforms import wire
from socialhub.platforms.base import JSON, Findings

HEADERS = ("x-business-use-case-usage", "x-app-usage", "x-ad-account-usage", "x-page-usage")
PERCENTAGES = ("call_count", "total_cputime", "total_time", "acc_id_util_pct")
SLOW_FROM = 80.0
# Where Meta does not say for how long.
PAUSE = timedelta(minutes=10)


def note(headers: Mapping[str, str], findings: Findings | None, now: datetime) -> None:
    """From 80 per cent on: no further reading for a while."""
    if findings is None or (used(headers) or 0.0) < SLOW_FROM:
        return
    until = regain_at(headers, now) or now + PAUSE
    findings.slow_until = max(until, findings.slow_until or until)


def used(headers: Mapping[str, str]) -> float | None:
    """The highest percentage any header names, None without such headers."""
    found = [
        float(entry[name])
        for entry in _entries(headers)
        for name in PERCENTAGES
        if _is_number(entry.get(name))
    ]
    return max(found, default=None)


def regain_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When requests are taken again, None when it does not say."""
    minutes = [
        float(entry["estimated_time_to_regain_access"])
        for entry in _entries(headers)
        if _is_number(entry.get("estimated_time_to_regain_access"))
    ]
    seconds = [
        float(entry["reset_time_duration"])
        for entry in _entries(headers)
        if _is_number(entry.get("reset_time_duration"))
    ]
    wait = max([*(60 * m for m in minutes), *seconds], default=0.0)
    return now + timedelta(seconds=wait) if wait > 0 else wire.retry_at(headers, now)


def _entries(headers: Mapping[str, str]) -> Iterator[JSON]:
    for name in HEADERS:
        try:
            yield from _objects(json.loads(headers.get(name) or "{}"))
        except ValueError:
            continue


def _objects(value: Any) -> Iterator[JSON]:
    """Every object with percentages, however deep: the headers nest differently."""
    if isinstance(value, list):
        for one in value:
            yield from _objects(one)
    elif isinstance(value, dict):
        if any(_is_number(number) for number in value.values()):
            yield value
        for inner in value.values():
            yield from _objects(inner)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
